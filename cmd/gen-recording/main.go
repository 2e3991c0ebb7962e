// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Command gen-recording writes docs/demo.svg, the recording that README.md shows. It
// runs the commands of demo.txt with the real program in a terminal and draws what is
// on the screen, colours included. The same program gives the same bytes:
// nothing on the screen knows the time or a directory. It is run from the root of
// the repository, after make build:
//
//	go run ./cmd/gen-recording         write docs/demo.svg
//	go run ./cmd/gen-recording -check  fail if it would change
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	var o options
	flag.StringVar(&o.root, "root", ".", "root of the repository")
	flag.StringVar(&o.bin, "bin", "bin", "directory of the program")
	flag.StringVar(&o.script, "script", "cmd/gen-recording/demo.txt", "what is typed")
	flag.StringVar(&o.output, "output", "docs/demo.svg", "file to write")
	flag.BoolVar(&o.check, "check", false, "compare with the file instead of writing it")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "gen-recording:", err)
		stop()
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	root, bin, script, output string
	check                     bool
}

func run(ctx context.Context, o options) error {
	text, err := os.ReadFile(o.script)
	if err != nil {
		return err
	}
	scenes, err := parse(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", o.script, err)
	}
	if err := record(ctx, o, scenes); err != nil {
		return err
	}
	drawing := draw(scenes)
	if !o.check {
		return os.WriteFile(o.output, drawing, 0o644)
	}
	present, err := os.ReadFile(o.output)
	if err != nil {
		return err
	}
	if !bytes.Equal(present, drawing) {
		return fmt.Errorf("%s is not what the program shows now; try: go run ./cmd/gen-recording", o.output)
	}
	return nil
}
