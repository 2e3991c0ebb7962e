// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Command bench measures the suite against kubectl on the same machine in the
// same run, and writes the figures down as ratios. Absolute times are printed
// beside them; they say more about the machine than about the program.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	var b bench
	flag.StringVar(&b.binary, "binary", "bin/kubectl-micro", "the program to measure")
	flag.StringVar(&b.sandbox, "sandbox", "bin/sandbox", "the control plane to measure on")
	flag.StringVar(&b.shop, "shop", "examples/shop", "the manifests to run on it")
	flag.IntVar(&b.runs, "runs", 41, "how often each command runs")
	output := flag.String("output", "", "file for the report; standard output if empty")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	report, err := b.all(ctx)
	if err == nil {
		err = write(*output, report)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func write(file, report string) error {
	if file == "" {
		_, err := fmt.Print(report)
		return err
	}
	return os.WriteFile(file, []byte(report), 0o644)
}

// bench is one run of all measurements.
type bench struct {
	binary, sandbox, shop string
	runs                  int
	dir                   string
}

func (b *bench) all(ctx context.Context) (string, error) {
	var err error
	if b.binary, err = filepath.Abs(b.binary); err != nil {
		return "", err
	}
	if b.dir, err = os.MkdirTemp("", "kubectl-micro-bench-"); err != nil {
		return "", err
	}
	defer os.RemoveAll(b.dir)

	var r report
	for _, measure := range []func(context.Context, *report) error{b.start, b.size, b.filter, b.diagnoseFiles, b.shift, b.diagnoseCluster} {
		if err := measure(ctx, &r); err != nil {
			return "", err
		}
	}
	return r.markdown(), nil
}
