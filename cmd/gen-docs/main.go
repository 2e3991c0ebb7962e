// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Command gen-docs writes what can be said by looking at the program itself: pages of
// the commands (docs/cli), man pages (docs/man), pages of the rules (docs/rules), of the
// exit codes, the environment and the Roles, and JSON Schemas of files and reports
// (docs/schemas). It is run from the root of the repository, by make generate; with
// -check it writes nothing and names the files that would change.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/roles"
)

func main() {
	root := flag.String("root", ".", "root of the repository")
	check := flag.Bool("check", false, "write nothing, and fail if a file would change")
	flag.Parse()
	if err := run(*root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen-docs:", err)
		os.Exit(1)
	}
}

func run(root string, check bool) error {
	pages, err := all(root)
	if err != nil {
		return err
	}
	if !check {
		return pages.write(root)
	}
	changed, err := pages.differ(root)
	if err != nil || len(changed) == 0 {
		return err
	}
	return fmt.Errorf("not what the program says:\n  %s\nmake generate writes them", strings.Join(changed, "\n  "))
}

// all are the files of the repository that this program writes.
func all(root string) (tree, error) {
	out := tree{}
	commands := known()
	for _, part := range []func() (tree, error){
		func() (tree, error) { return rulePages(root) },
		func() (tree, error) { return commandPages(commands) },
		func() (tree, error) { return manPages(commands) },
		func() (tree, error) { return schemas(root) },
		func() (tree, error) { return exitCodePage(commands), nil },
		func() (tree, error) { return environmentPage(commands), nil },
		func() (tree, error) { return tree{"docs/rbac.md": []byte(comment + roles.Page())}, nil },
	} {
		files, err := part()
		if err != nil {
			return nil, err
		}
		for name, text := range files {
			out[name] = text
		}
	}
	return out, nil
}
