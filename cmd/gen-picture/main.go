// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Command gen-picture draws docs/architecture.svg: the floors of the suite with
// their packages, and which floor imports which. Packages and imports are those
// of go list; floors are those that pkg/internal/arch holds the packages to. It is
// run from the root of the repository, by make generate; with -check, by make verify,
// it writes nothing and fails where the picture would change.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	root := flag.String("root", ".", "root of the repository")
	check := flag.Bool("check", false, "write nothing, and fail if the picture would change")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *root, *check)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen-picture:", err)
		os.Exit(1)
	}
}

// run draws the picture of the repository at root, or compares it with what is there.
func run(ctx context.Context, root string, check bool) error {
	picture, err := draw(ctx, root)
	if err != nil {
		return err
	}
	file := filepath.Join(root, "docs", "architecture.svg")
	if !check {
		return os.WriteFile(file, picture, 0o644)
	}
	have, err := os.ReadFile(file)
	if err == nil && !bytes.Equal(have, picture) {
		err = errors.New("docs/architecture.svg is not what go list says; make generate writes it")
	}
	return err
}

// draw returns the picture: the same sources give the same bytes.
func draw(ctx context.Context, root string) ([]byte, error) {
	order, err := readOrder(filepath.Join(root, "pkg", "internal", "arch", "arch_test.go"))
	if err != nil {
		return nil, err
	}
	packages, err := list(ctx, root)
	if err != nil {
		return nil, err
	}
	building, err := build(order, packages)
	if err != nil {
		return nil, err
	}
	return svg(building), nil
}
