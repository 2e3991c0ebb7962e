// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"io/fs"
	"regexp"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Check refuses a slash path that leads out of the folder it starts from, is no
// plain path, or that Windows could not write: files are shared by people with
// different systems. The error is of kind Refused.
func Check(path string) error {
	if !fs.ValidPath(path) || path == "." {
		return fault.Refusedf("expected a path of a file within the folder of the app file, found %q", path)
	}
	if top, _, _ := strings.Cut(strings.ToLower(path), "/"); top == ".micro" || top == ".git" {
		return fault.Refusedf("expected a path for generated files, found %q, a folder of a program", path)
	}
	for name := range strings.SplitSeq(path, "/") {
		switch {
		case strings.ContainsFunc(name, special):
			return fault.Refusedf("expected a path that every system can write, found %q in %q", name, path).Try("leave out \\ : * ? \" < > | and control characters")
		case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
			return fault.Refusedf("expected a path that every system can write, found %q in %q", name, path).Try("leave out the dot or blank at its end")
		case reserved(name):
			return fault.Refusedf("expected a path that every system can write, found %q in %q, which is a device of Windows", name, path).Try("name it another way")
		}
	}
	return nil
}

func special(r rune) bool { return r < ' ' || r == 0x7F || strings.ContainsRune(`\:*?"<>|`, r) }

var devices = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])$`)

// reserved reports a name that is a device on Windows, whatever its extension.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	return devices.MatchString(strings.TrimRight(stem, " "))
}
