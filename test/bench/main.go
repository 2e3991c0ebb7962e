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
	"slices"
	"strings"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == weigh {
		end(weighOne(os.Args[2:], os.Stdout))
		return
	}
	var b bench
	flag.StringVar(&b.binary, "binary", "bin/kubectl-micro", "the program to measure")
	flag.StringVar(&b.sandbox, "sandbox", "bin/sandbox", "the control plane to measure on")
	flag.StringVar(&b.shop, "shop", "examples/shop-by-hand", "the manifests to run on it")
	flag.IntVar(&b.runs, "runs", 41, "how often each command runs")
	only := flag.String("only", "", "the rows to measure, separated by commas (while developing); all if empty")
	output := flag.String("output", "", "file for the report; standard output if empty")
	flag.Parse()

	if *only != "" {
		b.only = strings.Split(*only, ",")
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	report, err := b.all(ctx)
	if err == nil {
		err = write(*output, report)
	}
	stop()
	end(err)
}

// end is the program's, 1 if there is an error.
func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
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
	// only are the rows that are wanted; all, if there are none.
	only []string
	dir  string
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
	var known []string
	for _, m := range b.measures() {
		known = append(known, m.rows...)
		if !slices.ContainsFunc(m.rows, b.wanted) {
			continue
		}
		if err := m.run(ctx, &r); err != nil {
			return "", err
		}
	}
	for _, row := range b.only {
		if !slices.Contains(known, row) {
			return "", fmt.Errorf("-only %s: expected %s", row, strings.Join(known, ", "))
		}
	}
	return r.markdown(), nil
}

// measurement fills some rows of the table.
type measurement struct {
	rows []string
	run  func(context.Context, *report) error
}

// measures are all measurements, in the order of the table.
func (b *bench) measures() []measurement {
	return []measurement{
		{[]string{"start"}, b.start},
		{[]string{"size"}, b.size},
		{[]string{"filter"}, b.filter},
		{[]string{"files"}, b.diagnoseFiles},
		{[]string{"map"}, b.secureFiles},
		{[]string{"matrix"}, b.matrix},
		{[]string{"generate"}, b.generate},
		{[]string{"detect"}, b.detect},
		{[]string{"stat"}, b.stat},
		{[]string{"logs"}, b.logs},
		{[]string{"table"}, b.table},
		{[]string{"top"}, b.top},
		{[]string{"shift", "requests"}, b.shift},
		{[]string{"cluster", "namespace", "service", "check"}, b.largeCluster},
	}
}

func (b *bench) wanted(row string) bool { return len(b.only) == 0 || slices.Contains(b.only, row) }
