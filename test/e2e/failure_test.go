// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// TestGone takes the API server away at the worst moments. Whatever happens,
// the object is never half written, and running the command again completes it.
func TestGone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		// gone tells at which request the server vanishes, for good.
		gone func(r *http.Request, patched bool) bool
		// stderr is part of what the user is told; weights is what is stored then.
		stderr, weights string
	}{
		"reading": {
			gone:   func(*http.Request, bool) bool { return true },
			stderr: "cannot list ", weights: "100 0",
		},
		"writing": {
			gone:   func(r *http.Request, _ bool) bool { return r.Method == http.MethodPatch },
			stderr: "cannot patch VirtualService ", weights: "100 0",
		},
		"verifying": {
			gone:   func(_ *http.Request, patched bool) bool { return patched },
			stderr: "was written, but what became of it is not known", weights: "90 10",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, "shop")
			var gone, patched atomic.Bool
			via := newProxy(t, p, func(w http.ResponseWriter, r *http.Request) bool {
				if gone.Load() || test.gone(r, patched.Load()) {
					gone.Store(true)
					hangUp(t, w)
					return false
				}
				patched.Store(patched.Load() || r.Method == http.MethodPatch)
				return true
			})
			got := microctl(t, via.kubeconfig, "canary", "user-service", "--weight", "10")
			if got.code != 3 || got.stdout != "" || !strings.Contains(got.stderr, test.stderr) ||
				!strings.Contains(got.stderr, strings.TrimPrefix(via.server.URL, "http://")) {
				t.Errorf("got %+v, want exit code 3 and %q with the server's address", got, test.stderr)
			}
			p.wantWeights(t, test.weights)

			again := microctl(t, p.kubeconfig, "canary", "user-service", "--weight", "10")
			if again.code != 0 {
				t.Errorf("the next run: got %+v", again)
			}
			p.wantWeights(t, "90 10")
		})
	}
}

// TestSignals interrupts a command while the server keeps it waiting.
func TestSignals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		signal syscall.Signal
		method string
		code   int
		stderr string
	}{
		"interrupt-reading": {syscall.SIGINT, http.MethodGet, 130, "error: interrupted"},
		"interrupt-writing": {syscall.SIGINT, http.MethodPatch, 130, "error: interrupted"},
		"terminate-writing": {syscall.SIGTERM, http.MethodPatch, 143, "error: terminated"},
	}
	p := newPlace(t, "shop")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			waiting := make(chan struct{}, 100)
			via := newProxy(t, p, func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method == test.method {
					waiting <- struct{}{}
					hang(r)
					return false
				}
				return true
			})
			cmd, end := command(t, via.kubeconfig, "canary", "user-service", "--weight", "10")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			<-waiting
			if err := cmd.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // its exit code is looked at below
			got := end()
			if got.code != test.code || got.stdout != "" || !strings.Contains(got.stderr, test.stderr) {
				t.Errorf("got %+v, want exit code %d and %q", got, test.code, test.stderr)
			}
			p.wantWeights(t, "100 0")
		})
	}
}

// TestTimeout lets the time run out while the server says nothing.
func TestTimeout(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "shop")
	via := newProxy(t, p, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			hang(r)
			return false
		}
		return true
	})
	for _, flag := range []string{"--timeout=2s", "--request-timeout=2s"} {
		got := microctl(t, via.kubeconfig, "canary", "user-service", "--weight", "10", flag)
		if got.code != 124 || got.stdout != "" || !strings.Contains(got.stderr, "cannot patch VirtualService") || !strings.Contains(got.stderr, "timeout") {
			t.Errorf("%s: got %+v, want exit code 124 and what took so long", flag, got)
		}
	}
	p.wantWeights(t, "100 0")
}

// TestClosedStdout gives a command nobody to write to: that ends it silently,
// after the write to the cluster, which is not undone.
func TestClosedStdout(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "shop")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd, end := command(t, p.kubeconfig, "canary", "user-service", "--weight", "10")
	cmd.Stdout = write
	read.Close()
	_ = cmd.Run() // its exit code is looked at below
	write.Close()
	if got := end(); got.code != 141 && got.code != -1 || strings.Contains(got.stderr, "error") {
		t.Errorf("got %+v, want a silent end by SIGPIPE", got)
	}
	p.wantWeights(t, "90 10")
}
