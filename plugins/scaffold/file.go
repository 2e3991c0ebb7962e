// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"io"
	"os"
	"unicode/utf8"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// maxConfig is what fits into a ConfigMap, in bytes.
const maxConfig = 1 << 20

// readConfig reads a file that goes into a ConfigMap.
func readConfig(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fault.Unreadable(path, err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxConfig+1))
	switch {
	case err != nil:
		return "", fault.Unreadable(path, err)
	case len(content) > maxConfig:
		return "", fault.Usagef("expected at most 1 MiB, found more in %s", path).Try("put it into the image")
	case !utf8.Valid(content):
		return "", fault.Usagef("expected text, found other bytes in %s", path).Try("put it into the image")
	}
	return string(content), nil
}
