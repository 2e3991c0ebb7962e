// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package completion

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

const (
	program = "kubectl-micro"
	asked   = "kubectl_complete-micro"
)

// What became of the file.
const (
	created   = "created"
	unchanged = "unchanged"
	wouldBe   = "created (dry run)"
)

// batch is the helper on Windows, where links need rights that users lack. It calls
// the program beside it, wherever that is.
const batch = "@\"%~dp0" + program + ".exe\" __complete %*\r\n"

// helper is the program that kubectl asks, and where it goes.
type helper struct {
	// dir is the directory to write to, target what the link says: relative where
	// the program is in the same directory, so that both can be moved.
	dir, target string
	windows     bool
}

func (h helper) name() string {
	if h.windows {
		return asked + ".cmd"
	}
	return asked
}

// beside finds where the helper belongs: beside the first kubectl-micro on the PATH,
// which is the one that kubectl runs, or in a directory of the user's.
func beside(dir, path string) (helper, error) {
	h := helper{windows: runtime.GOOS == "windows"}
	name := program
	if h.windows {
		name += ".exe"
	}
	for _, on := range filepath.SplitList(path) {
		info, err := os.Stat(filepath.Join(on, name))
		if err != nil || info.IsDir() || !h.windows && info.Mode()&0o111 == 0 {
			continue
		}
		h.dir, h.target = on, name
		if dir != "" && filepath.Clean(dir) != filepath.Clean(on) {
			h.dir, h.target = dir, filepath.Join(on, name)
		}
		return h, nil
	}
	return h, fault.Failedf("expected %s on the PATH, where kubectl looks for it, found none", name).
		Try("add its directory to the PATH, for Krew: export PATH=\"${KREW_ROOT:-$HOME/.krew}/bin:$PATH\"")
}

// install writes the helper unless it is there; a file that somebody else put in its
// place is a conflict.
func (h helper) install(preview bool) (done string, err error) {
	file := filepath.Join(h.dir, h.name())
	switch ours, err := h.there(file); {
	case err == nil && ours:
		return unchanged, nil
	case err == nil:
		return "", fault.Conflictf("%s exists and is not ours: expected a link to %s", file, h.target).Try("look at it, then remove it: rm %s", file)
	case !errors.Is(err, fs.ErrNotExist):
		return "", fault.Failedf("cannot look at %s", file).Because(err)
	case preview:
		return wouldBe, nil
	}
	if h.windows {
		err = os.WriteFile(file, []byte(batch), 0o755)
	} else {
		err = os.Symlink(h.target, file)
	}
	if err != nil {
		return "", fault.Failedf("cannot write %s", file).Because(err).Try("--dir DIR, a directory of the PATH that you may write to")
	}
	return created, nil
}

// there reports whether the file is the helper; an error for which
// errors.Is(err, fs.ErrNotExist) holds says that there is none.
func (h helper) there(file string) (bool, error) {
	if h.windows {
		data, err := os.ReadFile(file)
		return string(data) == batch, err
	}
	info, err := os.Lstat(file)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return false, err
	}
	// Any link that ends at the same program will do.
	if to, err := os.Readlink(file); err != nil || to == h.target {
		return err == nil, err
	}
	there, err := filepath.EvalSymlinks(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // a link to what is gone, but not one of ours
	}
	if err != nil {
		return false, err
	}
	program := h.target
	if !filepath.IsAbs(program) {
		program = filepath.Join(h.dir, program)
	}
	mine, err := filepath.EvalSymlinks(program)
	return there == mine, err
}
