// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package version_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/plugins/version"
)

// call runs the program with the version command alone.
func call(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	f := cli.NewFactory(cli.Streams{In: strings.NewReader(""), Out: &o, ErrOut: &e}, cli.Build{Version: "v1.2.3"})
	f.Getenv = func(string) string { return "" }
	code = cli.Run(t.Context(), f, []cli.Plugin{version.NewCommand}, append([]string{"kubectl-micro", "version"}, args...))
	return code, o.String(), e.String()
}

// What kubectl would run in this one's place is told once, and nothing else.
func TestShadows(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{
		"kubectl-micro": 0o755, "kubectl-micro-version": 0o755, "kubectl-micro-frontend": 0o755, "kubectl-micro-help": 0o644, "kubectl-microscope": 0o755,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	var o, e bytes.Buffer
	f := cli.NewFactory(cli.Streams{In: strings.NewReader(""), Out: &o, ErrOut: &e}, cli.Build{Version: "v1.2.3"})
	f.Getenv = func(name string) string {
		return map[string]string{"PATH": strings.Join([]string{dir, "/none", dir}, string(filepath.ListSeparator))}[name]
	}
	cli.Run(t.Context(), f, []cli.Plugin{version.NewCommand}, []string{"kubectl-micro", "version", "--client"})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("warning: kubectl runs %[1]s/kubectl-micro, another build than this one (%[2]s)\n"+
		"warning: %[1]s/kubectl-micro-version hides the sub-command \"version\": kubectl runs it for `kubectl micro version`; remove it or rename it to kubectl-micro_version\n", dir, self)
	if diff := cmp.Diff(want, e.String()); diff != "" {
		t.Error(diff)
	}
}

func TestHelp(t *testing.T) {
	const want = `Print the version of this client, of the API server, of every Istio control plane,
and the versions of the API groups that the suite uses.

Another file on the PATH that kubectl would run instead of this one is a warning.

Examples:
  # All versions
  kubectl micro version

  # This client's alone, without asking a cluster
  kubectl micro version --client

Options:
`
	code, out, errOut := call(t, "--help")
	if code != 0 || errOut != "" {
		t.Errorf("exit %d, %q", code, errOut)
	}
	if diff := cmp.Diff(want, out[:min(len(want), len(out))]); diff != "" {
		t.Error(diff)
	}
}

// What may not be read is a note that says so once.
func TestWithoutTheRightToListDeployments(t *testing.T) {
	s := apitest.New(t)
	s.On = func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/version":
			fmt.Fprint(w, `{"gitVersion":"v1.36.0","platform":"linux/amd64"}`)
		case "/api", "/apis":
			fmt.Fprint(w, `{"kind":"APIGroupList","apiVersion":"v1","groups":[]}`)
		default:
			apitest.Fail(w, http.StatusForbidden, "Forbidden", "not you", nil)
		}
		return true
	}
	code, out, errOut := call(t, "--server", s.Config().Host, "--kubeconfig", "", "--cache-dir", t.TempDir())
	if code != 0 || errOut != "" {
		t.Errorf("exit %d, %q", code, errOut)
	}
	if !strings.HasSuffix(out, "\nIstio Version: unknown: cannot list deployments: not you\n") {
		t.Errorf("printed %q", out)
	}
}
