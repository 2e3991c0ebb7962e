// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
)

func TestDispatch(t *testing.T) {
	plugins := []string{"canary", "diagnose"}
	for argv0, want := range map[string]string{
		"kubectl-micro":                              "a b",
		"/usr/local/bin/kubectl-micro":               "a b",
		"./kubectl-micro_canary":                     "canary a b",
		"kubectl-micro-canary":                       "canary a b",
		"kubectl-micro_diagnose":                     "diagnose a b",
		"kubectl-micro_bogus":                        "a b",
		"kubectl-micro-linux-amd64":                  "a b",
		"kubectl-micro_v0.1.0_linux_amd64":           "a b",
		"kubectl-microcanary":                        "a b",
		"kubectl_complete-micro":                     "__complete a b",
		"/opt/kubectl_complete-micro":                "__complete a b",
		"kubectl_complete-micro_canary":              "__complete canary a b",
		"kubectl_complete-micro-canary":              "__complete canary a b",
		"kubectl_complete-micro_bogus":               "__complete a b",
		"kubectl_complete-micro_v0.1.0_linux_amd64":  "__complete a b",
		"kubectl-micro.exe":                          "a b",
		`C:\Tools\Kubectl-Micro_Canary.EXE`:          "canary a b",
		`C:\Tools\kubectl_complete-micro_canary.exe`: "__complete canary a b",
		"canary":   "a b",
		"cli.test": "a b",
		"":         "a b",
	} {
		argv := []string{argv0, "a", "b"}
		got := strings.Join(cli.Dispatch(argv, plugins), " ")
		if got != want {
			t.Errorf("%q runs with %q, want %q", argv0, got, want)
		}
		if diff := cmp.Diff([]string{argv0, "a", "b"}, argv); diff != "" {
			t.Errorf("argv changed: %s", diff)
		}
	}
	for _, argv := range [][]string{nil, {"kubectl-micro"}} {
		if got := cli.Dispatch(argv, plugins); got == nil || len(got) > 0 {
			t.Errorf("Dispatch(%q) = %#v, want an empty slice (nil makes cobra read os.Args)", argv, got)
		}
	}
}
