// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"slices"
	"strings"
)

const (
	// Name is what a person types to reach the suite.
	Name = "kubectl micro"
	// binary is the file kubectl looks for when that is typed.
	binary = "kubectl-micro"
	// completer is the file kubectl runs to complete the suite's arguments.
	completer = "kubectl_complete-micro"
)

// Dispatch returns the arguments for the root command, given the process's
// argument list and the names of the plugins. One file serves under many names,
// usually links:
//
//	kubectl-micro ARGS                    ARGS
//	kubectl-micro_canary ARGS             canary ARGS            (Krew's link for the plugin micro-canary)
//	kubectl-micro-canary ARGS             canary ARGS
//	kubectl_complete-micro ARGS           __complete ARGS        (kubectl micro <TAB>)
//	kubectl_complete-micro_canary ARGS    __complete canary ARGS (kubectl micro-canary <TAB>)
//
// Directories, the suffix .exe and, with it, letter case are ignored. A name
// that says nothing, such as that of a downloaded release file, is kubectl-micro;
// but what TAB runs never does anything else than to complete.
func Dispatch(argv []string, plugins []string) []string {
	if len(argv) == 0 {
		return []string{}
	}
	args := slices.Clone(argv[1:])
	name := argv[0][strings.LastIndexAny(argv[0], `/\`)+1:]
	if lower := strings.ToLower(name); strings.HasSuffix(lower, ".exe") {
		name = strings.TrimSuffix(lower, ".exe")
	}
	rest, completing := strings.CutPrefix(name, completer)
	if !completing {
		rest, _ = strings.CutPrefix(name, binary)
	}
	if rest != "" && strings.ContainsRune("-_", rune(rest[0])) && slices.Contains(plugins, rest[1:]) {
		args = slices.Insert(args, 0, rest[1:])
	}
	if completing {
		args = slices.Insert(args, 0, "__complete")
	}
	return args
}
