// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package command_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/command"
)

func TestCommandLine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	for _, test := range []struct {
		args string
		code int
		want string // on standard error
	}{
		{"", 0, "usage: sandbox COMMAND"},
		{"--help", 0, "usage: sandbox COMMAND"},
		{"up --help", 0, "-until-pid PID"},
		{"up --help", 0, "-metrics-server"},
		{"fly", 2, `unknown command "fly", expected one of crds, down, kubeconfig, load, status, up`},
		{"status -x", 2, "flag provided but not defined: -x"},
		{"status extra", 2, `takes no arguments, found "extra"`},
		{"status -o yaml", 2, "expected -o json, found -o yaml"},
		{"up --name ../x", 2, "expected a name of lower case letters"},
		{"kubeconfig --expired", 2, "--groups and --expired need --user"},
		{"load --pods -1", 2, "not negative"},
		{"load --prefix A", 2, "expected a prefix"},
		{"status --dir " + dir, 1, "start one with `sandbox up`"},
		{"kubeconfig --dir " + dir, 3, "found no sandbox in " + dir},
		{"load --dir " + dir, 3, "found no sandbox in " + dir},
		{"down --dir " + dir, 0, "no sandbox in " + dir},
	} {
		var out, progress bytes.Buffer
		code := command.Run(t.Context(), strings.Fields(test.args), &out, &progress)
		if code != test.code || !strings.Contains(progress.String(), test.want) {
			t.Errorf("%q: expected exit %d and %q, found exit %d and %q", test.args, test.code, test.want, code, progress.String())
		}
		if out.Len() > 0 {
			t.Errorf("%q: expected nothing on standard output, found %q", test.args, out.String())
		}
	}
}

func TestUpAndDownLeaveForeignDirectoriesAlone(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "precious")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for verb, want := range map[string]int{"up": 3, "down": 0} {
		var out, progress bytes.Buffer
		if code := command.Run(t.Context(), []string{verb, "--dir", dir}, &out, &progress); code != want {
			t.Errorf("%s: expected exit %d, found %d: %s", verb, want, code, progress.String())
		}
		if _, err := os.Stat(file); err != nil {
			t.Errorf("%s: %v", verb, err)
		}
	}
}
