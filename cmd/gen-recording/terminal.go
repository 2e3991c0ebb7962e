// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// record runs the commands of all scenes in one directory with a copy of the
// examples, without a cluster, and keeps what they print.
func record(ctx context.Context, o options, scenes []*scene) error {
	bin, err := filepath.Abs(o.bin)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(bin, "kubectl-micro")); err != nil {
		return fmt.Errorf("%w: run `make build` first", err)
	}
	dir, err := os.MkdirTemp("", "recording-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	work := filepath.Join(dir, "work")
	if err := os.CopyFS(filepath.Join(work, "examples"), os.DirFS(filepath.Join(o.root, "examples"))); err != nil {
		return err
	}
	t := terminal{work, []string{
		"HOME=" + dir, "KUBECONFIG=" + filepath.Join(dir, "none"), "LC_ALL=C.UTF-8", "SHELL=/bin/bash", "TERM=xterm-256color",
		"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"),
	}}
	for _, scene := range scenes {
		for _, step := range scene.steps {
			if step.output, err = t.run(ctx, step.command()); err != nil {
				return fmt.Errorf("%s: %w", step.command(), err)
			}
		}
		if n := scene.rows(); n > rows {
			return fmt.Errorf("%s: expected at most %d lines, found %d", scene.comment, rows, n)
		}
	}
	return nil
}

// terminal is where commands run, and in what environment.
type terminal struct {
	dir string
	env []string
}

// run runs a command in a terminal and returns the lines of its screen. Whatever
// exit code the command has, it has been shown.
func (t terminal) run(ctx context.Context, command string) ([]line, error) {
	set := fmt.Sprintf("stty columns %d rows %d || exit 125\n", columns, rows)
	// script, of util-linux, gives the command a terminal and copies what it prints.
	cmd := exec.CommandContext(ctx, "script", "--quiet", "--return", "--command", set+command, "/dev/null")
	cmd.Dir, cmd.Env = t.dir, t.env
	// An input that ends would be shown as ^D.
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	out, err := cmd.Output()
	if exit := new(exec.ExitError); err != nil && (!errors.As(err, &exit) || exit.ExitCode() >= 125) {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	return screen(string(out))
}

// screen makes lines of what was written to a terminal.
func screen(text string) ([]line, error) {
	var lines []line
	var now style
	for l := range strings.SplitSeq(strings.TrimRight(text, "\r\n"), "\n") {
		whole, after, err := read(strings.TrimRight(l, "\r"), now)
		if err != nil {
			return nil, err
		}
		now = after
		lines = append(lines, whole.wrap(columns)...)
	}
	return lines, nil
}
