// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package version

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// shadows finds files on the PATH that kubectl would run in this one's place:
// other builds of kubectl-micro, of which the first wins, and files named
// kubectl-micro-NAME, which hide the sub-command NAME because kubectl prefers
// the longest match. kubectl itself says nothing about the latter.
func shadows(path string) []string {
	self, err := os.Executable()
	if err != nil {
		return nil
	}
	mine := identity(self)
	var out []string
	first := ""
	for _, dir := range slices.Compact(filepath.SplitList(path)) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			name := strings.TrimSuffix(e.Name(), ".exe")
			file := filepath.Join(dir, e.Name())
			info, err := os.Stat(file)
			if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
				continue
			}
			switch sub, hides := strings.CutPrefix(name, "kubectl-micro-"); {
			case hides:
				out = append(out, fmt.Sprintf("%s hides the sub-command %q: kubectl runs it for `kubectl micro %s`; remove it or rename it to kubectl-micro_%s", file, sub, sub, sub))
			case name == "kubectl-micro" && first == "":
				first = file
				if identity(file) != mine {
					out = append(out, fmt.Sprintf("kubectl runs %s, another build than this one (%s)", file, self))
				}
			case name == "kubectl-micro" && identity(file) != mine:
				out = append(out, fmt.Sprintf("%s is another build; %s comes first on the PATH and wins", file, first))
			}
		}
	}
	return out
}

// identity tells builds apart: the file itself behind links, or else its size
// and what the Go tools recorded in it.
func identity(file string) string {
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return file
	}
	info, err := os.Stat(real)
	if err != nil {
		return real
	}
	build, err := buildinfo.ReadFile(real)
	if err != nil {
		return real
	}
	return fmt.Sprint(info.Size(), build.GoVersion, build.Main.Path, build.Main.Version, build.Settings)
}
