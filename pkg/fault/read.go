// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// Unreadable is the error of a file or folder that the operating system does not let
// be read, with what to look at. An error that has a kind already is returned as it is.
func Unreadable(path string, err error) error {
	var typed *Error
	if errors.As(err, &typed) {
		return err
	}
	cause := err
	var bare *fs.PathError // repeats the path
	if errors.As(err, &bare) {
		cause = bare.Err
	}
	e := Failedf("cannot read it").At(path).Because(cause)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return e.Try("ls %s", filepath.Dir(path))
	case errors.Is(err, fs.ErrPermission):
		return e.Try("ls -ld %s", path)
	}
	return e
}
