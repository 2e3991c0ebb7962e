// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// ask is a command that sends requests.
func ask(paths ...string) command {
	return verb("status", func(ctx context.Context, f *cli.Factory) error {
		for _, path := range paths {
			if err := get(ctx, f, path); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestRequestsSayWhoSendsThem(t *testing.T) {
	var seen []http.Header
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Clone())
		fmt.Fprint(w, `{"apiVersion":"v1","kind":"Status"}`)
	})
	if got := call(t, cli.Streams{}, []command{ask("/a", "/b")}, "canary", "status", "--kubeconfig", kubeconfig(t, url), "--as", "jane"); got.code != 0 {
		t.Fatal(got)
	}
	if len(seen) != 2 {
		t.Fatalf("%d requests", len(seen))
	}
	for _, header := range seen {
		got := map[string]string{}
		for _, name := range []string{"User-Agent", "Kubectl-Command", "Impersonate-User"} {
			got[name] = header.Get(name)
		}
		want := map[string]string{"User-Agent": "kubectl-micro/v1.2.3 (plan9/mips)", "Kubectl-Command": "kubectl micro canary status", "Impersonate-User": "jane"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	session := seen[0].Get("Kubectl-Session")
	if !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(session) || seen[1].Get("Kubectl-Session") != session {
		t.Errorf("sessions %q and %q, want one UUID", session, seen[1].Get("Kubectl-Session"))
	}
}

func TestAuditHeadersCanBeSwitchedOff(t *testing.T) {
	var header http.Header
	url := server(t, func(w http.ResponseWriter, r *http.Request) { header = r.Header.Clone() })
	off := verb("status", func(ctx context.Context, f *cli.Factory) error {
		f.Getenv = func(name string) string { return map[string]string{"KUBECTL_COMMAND_HEADERS": "false"}[name] }
		return get(ctx, f, "/")
	})
	if got := call(t, cli.Streams{}, []command{off}, "canary", "status", "--kubeconfig", kubeconfig(t, url)); got.code != 0 {
		t.Fatal(got)
	}
	if header.Get("Kubectl-Command") != "" || header.Get("Kubectl-Session") != "" {
		t.Errorf("headers %v", header)
	}
}

func TestNoClientSideRateLimit(t *testing.T) {
	var requests atomic.Int32
	url := server(t, func(w http.ResponseWriter, r *http.Request) { requests.Add(1) })
	many := verb("status", func(ctx context.Context, f *cli.Factory) error {
		config, err := f.RESTConfig()
		if err != nil {
			return err
		}
		if config.QPS >= 0 || config.RateLimiter != nil {
			return fmt.Errorf("QPS %v, limiter %v", config.QPS, config.RateLimiter)
		}
		return get(ctx, f, "/")
	})
	if got := call(t, cli.Streams{}, []command{many}, "canary", "status", "--kubeconfig", kubeconfig(t, url)); got.code != 0 || requests.Load() != 1 {
		t.Error(got, requests.Load())
	}
}

func TestWarnings(t *testing.T) {
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Warning", `299 - "v1beta1 is deprecated"`)
		w.Header().Add("Warning", `299 - "on `+r.URL.Path+`"`)
		w.Header().Add("Warning", `199 - "none of ours"`)
	})
	args := []string{"canary", "status", "--kubeconfig", kubeconfig(t, url)}
	const warned = "Warning: v1beta1 is deprecated\nWarning: on /a\nWarning: on /b\n"
	for _, tc := range []struct {
		flags []string
		want  run
	}{
		{nil, run{0, "", warned}},
		{[]string{"--warnings-as-errors"}, run{1, "", warned + "error: 3 warnings received\n"}},
		{[]string{"--color=always"}, run{0, "", strings.ReplaceAll(warned, "Warning:", "\x1b[33mWarning:\x1b[0m")}},
	} {
		got := call(t, cli.Streams{}, []command{ask("/a", "/b", "/a")}, append(args, tc.flags...)...)
		if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(run{})); diff != "" {
			t.Errorf("%v: %s", tc.flags, diff)
		}
	}
	if got := call(t, cli.Streams{}, []command{ask("/once")}, append(args, "--warnings-as-errors")...); !strings.HasSuffix(got.errOut, "error: 2 warnings received\n") || got.code != 1 {
		t.Error(got)
	}
}

// TestDivert sends warnings elsewhere for as long as a program has the screen.
func TestDivert(t *testing.T) {
	url := server(t, func(w http.ResponseWriter, r *http.Request) { w.Header().Add("Warning", `299 - "on `+r.URL.Path+`"`) })
	var diverted strings.Builder
	screen := verb("status", func(ctx context.Context, f *cli.Factory) error {
		back := f.Divert(&diverted)
		err := get(ctx, f, "/screen")
		back()
		return errors.Join(err, get(ctx, f, "/after"))
	})
	got := call(t, cli.Streams{ErrColors: true}, []command{screen}, "canary", "status", "--kubeconfig", kubeconfig(t, url))
	if want := "Warning: on /screen\n"; diverted.String() != want {
		t.Errorf("diverted %q, want %q", diverted.String(), want)
	}
	if want := "\x1b[33mWarning:\x1b[0m on /after\n"; got.errOut != want {
		t.Errorf("afterwards %q, want %q", got.errOut, want)
	}
}

func TestNoClusterConfigured(t *testing.T) {
	for _, name := range []string{"KUBERNETES_MASTER", "KUBERNETES_SERVICE_HOST"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir())
	missing := filepath.Join(t.TempDir(), "missing")
	t.Setenv("KUBECONFIG", missing)
	got := call(t, cli.Streams{}, []command{ask("/")}, "canary", "status")
	want := run{3, "", "error: no cluster is configured: no kubeconfig at " + missing + "\ntry: --kubeconfig=FILE\n"}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(run{})); diff != "" {
		t.Error(diff)
	}
	garbage := filepath.Join(t.TempDir(), "garbage")
	if err := os.WriteFile(garbage, []byte("garbage:\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got = call(t, cli.Streams{}, []command{ask("/")}, "canary", "status", "--kubeconfig", garbage)
	want = run{3, "", "error: no cluster is configured: the kubeconfig exists and defines none: " + garbage +
		"\ntry: kubectl config view, then --kubeconfig=FILE\n"}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(run{})); diff != "" {
		t.Error(diff)
	}
	url := server(t, func(http.ResponseWriter, *http.Request) {})
	if got := call(t, cli.Streams{}, []command{ask("/")}, "canary", "status", "--server", url); got.code != 0 {
		t.Errorf("--server alone names a cluster: %+v", got)
	}
}

func TestUnknownContext(t *testing.T) {
	path := kubeconfig(t, "http://127.0.0.1:1")
	for name, want := range map[string]string{
		"prud": "error: the kubeconfig has no context \"prud\"\ntry: --context=prod\n",
		"x-y-z": "error: the kubeconfig has no context \"x-y-z\"\n" +
			"try: --context=prod\n     --context=stage\n",
	} {
		got := call(t, cli.Streams{}, []command{ask("/")}, "canary", "status", "--kubeconfig", path, "--context", name)
		if diff := cmp.Diff(run{2, "", want}, got, cmp.AllowUnexported(run{})); diff != "" {
			t.Error(diff)
		}
	}
}

// The proof that a command which asks for nothing touches nothing.
func TestOfflineCommandsTouchNothing(t *testing.T) {
	garbage := filepath.Join(t.TempDir(), "garbage")
	if err := os.WriteFile(garbage, []byte("\x00{{ not a kubeconfig"), 0o600); err != nil {
		t.Fatal(err)
	}
	offline := verb("lint", func(_ context.Context, f *cli.Factory) error {
		f.Table("NAME").NoHeaders = true
		_ = f.Diff()
		if ns, explicit, err := f.Namespace(); ns != "shop" || !explicit || err != nil {
			return fmt.Errorf("namespace %q, %t, %w", ns, explicit, err)
		}
		fmt.Fprintln(f.Streams.Out, "fine")
		return nil
	})
	for _, config := range []string{garbage, clitest.Offline(t), "/does/not/exist"} {
		t.Setenv("KUBECONFIG", config)
		if got := call(t, cli.Streams{}, []command{offline}, "canary", "lint", "-n", "shop"); got != (run{0, "fine\n", ""}) {
			t.Errorf("with %s: %+v", config, got)
		}
	}
	t.Setenv("KUBECONFIG", garbage)
	got := call(t, cli.Streams{}, []command{ask("/")}, "canary", "status")
	if got.code != int(fault.Failed) || !strings.HasPrefix(got.errOut, "error: read the kubeconfig: ") || !strings.HasSuffix(got.errOut, "try: kubectl config view\n") {
		t.Errorf("with a broken kubeconfig: %+v", got)
	}
}

func TestNamespace(t *testing.T) {
	path := kubeconfig(t, "http://127.0.0.1:1")
	say := verb("status", func(_ context.Context, f *cli.Factory) error {
		ns, explicit, err := f.Namespace()
		fmt.Fprintln(f.Streams.Out, ns, explicit)
		return err
	})
	for args, want := range map[string]string{
		"":                "shop false\n",
		"--context=stage": "default false\n",
		"-n=other":        "other true\n",
	} {
		got := call(t, cli.Streams{}, []command{say}, append([]string{"canary", "status", "--kubeconfig", path}, strings.Fields(args)...)...)
		if got != (run{0, want, ""}) {
			t.Errorf("%q: %+v, want %q", args, got, want)
		}
	}
}

// Discovery goes over a connection with the same headers.
func TestClientsShareTheConnection(t *testing.T) {
	var paths []string
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path+" "+r.Header.Get("Kubectl-Command"))
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"kind":"APIGroupList","apiVersion":"v1","groups":[],"major":"1","minor":"36","gitVersion":"v1.36.0"}`)
	})
	discover := verb("status", func(_ context.Context, f *cli.Factory) error {
		client, err := f.Clients().ToDiscoveryClient()
		if err != nil {
			return err
		}
		version, err := client.ServerVersion()
		fmt.Fprintln(f.Streams.Out, version)
		return err
	})
	got := call(t, cli.Streams{}, []command{discover}, "canary", "status", "--kubeconfig", kubeconfig(t, url), "--cache-dir", t.TempDir())
	if got != (run{0, "v1.36.0\n", ""}) {
		t.Fatalf("%+v", got)
	}
	if diff := cmp.Diff([]string{"/version kubectl micro canary status"}, paths); diff != "" {
		t.Error(diff)
	}
}
