// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package version

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// shadows finds files on the PATH that kubectl would run in this one's place:
// other builds of kubectl-micro, of which the first wins, and files named
// kubectl-micro-NAME, which hide the sub-command NAME because kubectl prefers
// the longest match. kubectl itself says nothing about the latter.
func shadows(path string, commands []*cobra.Command) []string {
	self, err := os.Executable()
	if err != nil {
		return nil
	}
	mine := identity(self)
	var out, seen []string
	first := ""
	for _, dir := range filepath.SplitList(path) {
		if slices.Contains(seen, dir) {
			continue
		}
		seen = append(seen, dir)
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			name, found := strings.CutPrefix(strings.TrimSuffix(e.Name(), ".exe"), "kubectl-micro")
			sub := strings.TrimPrefix(name, "-")
			hides := sub != name && slices.ContainsFunc(commands, func(c *cobra.Command) bool { return c.Name() == sub })
			// Names first: a directory of the PATH may hold thousands of files.
			if file := filepath.Join(dir, e.Name()); found && (name == "" || hides) && runs(file) {
				switch {
				case hides:
					out = append(out, fmt.Sprintf("%s hides the sub-command %q: kubectl runs it for `kubectl micro %s`; remove it or rename it to kubectl-micro_%s", file, sub, sub, sub))
				case first == "":
					first = file
					if identity(file) != mine {
						out = append(out, fmt.Sprintf("kubectl runs %s, another build than this one (%s)", file, self))
					}
				case identity(file) != mine:
					out = append(out, fmt.Sprintf("%s is another build; %s comes first on the PATH and wins", file, first))
				}
			}
		}
	}
	return out
}

// runs reports whether kubectl could run a file. Windows goes by names alone.
func runs(file string) bool {
	info, err := os.Stat(file)
	return err == nil && !info.IsDir() && (runtime.GOOS == "windows" || info.Mode()&0o111 != 0)
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
