// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Command gen-docs writes the pages of the rules, docs/rules/KMxxxx.md with an
// index, from the registry and from the examples that the rules are tested with.
// It is run from the root of the repository, by make generate.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	root := flag.String("root", ".", "root of the repository")
	flag.Parse()
	if err := run(*root); err != nil {
		fmt.Fprintln(os.Stderr, "gen-docs:", err)
		os.Exit(1)
	}
}

// run writes the pages and removes those of rules that are gone.
func run(root string) error {
	pages, err := pages(root)
	if err != nil {
		return err
	}
	return replace(root, pages)
}
