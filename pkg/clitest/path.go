// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package clitest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Path returns a PATH that begins with the directory bin and then is the user's
// without other installations of the suite, of which `kubectl micro version` would
// rightly warn. A kubectl that is beside one of these is linked into bin.
func Path(bin string) (string, error) {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		return "", err
	}
	others := slices.DeleteFunc(dirs, func(dir string) bool {
		found, err := filepath.Glob(filepath.Join(dir, "kubectl-micro*"))
		return err != nil || len(found) > 0
	})
	if !slices.Contains(others, filepath.Dir(kubectl)) {
		if err := os.Symlink(kubectl, filepath.Join(bin, "kubectl")); err != nil {
			return "", err
		}
	}
	return strings.Join(append([]string{bin}, others...), string(os.PathListSeparator)), nil
}
