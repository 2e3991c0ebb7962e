// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom/promtest"
	"github.com/kubectl-micro/kubectl-micro/test/terminal"
)

// prometheusService is a Service that looks like one of Prometheus.
func prometheusService(name string) map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "Service",
		"metadata": map[string]any{"namespace": "mon", "name": name, "labels": map[string]any{"app.kubernetes.io/name": "prometheus"}},
		"spec":     map[string]any{"ports": []any{map[string]any{"name": "web", "port": int64(9090)}}},
	}
}

// watched is a cluster with a Prometheus that was found, and a file to reach it by.
// Refuse, if it is not nil, may answer in its place.
func watched(t *testing.T, refuse func(s *apitest.Server, w http.ResponseWriter, path string, r *http.Request) bool) (server *apitest.Server, config string) {
	t.Helper()
	to, err := url.Parse(promtest.Shared(t, "shop"))
	if err != nil {
		t.Fatal(err)
	}
	server = apitest.New(t, prometheusService("first"),
		map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "shop"}},
		map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"namespace": "shop", "name": "user-service-v1"}, "spec": map[string]any{}})
	server.On = func(w http.ResponseWriter, r *http.Request) bool {
		_, path, proxied := strings.Cut(r.URL.Path, "/proxy/")
		if proxied && (refuse == nil || !refuse(server, w, path, r)) {
			r.URL.Path = "/" + path
			httputil.NewSingleHostReverseProxy(to).ServeHTTP(w, r)
		}
		return proxied
	}
	config = filepath.Join(t.TempDir(), "config")
	err = os.WriteFile(config, fmt.Appendf(nil, `{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c, user: u, namespace: shop}}],
clusters: [{name: c, cluster: {server: %q}}], users: [{name: u, user: {}}]}`, server.Config().Host), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return server, config
}

// TestWatchSame watches while Prometheus fails once, and another one turns up that is
// as good: the one that was chosen is asked again, and none is looked for.
func TestWatchSame(t *testing.T) {
	t.Parallel()
	var looks sync.Map
	_, config := watched(t, func(server *apitest.Server, w http.ResponseWriter, path string, r *http.Request) bool {
		if path != "api/v1/query" || !strings.Contains(r.FormValue("query"), "istio_requests_total") {
			return false
		}
		looks.Store(r.FormValue("time"), true)
		n := 0
		looks.Range(func(any, any) bool { n++; return true })
		if n != 2 {
			return false
		}
		server.Put(prometheusService("second"))
		apitest.Fail(w, http.StatusServiceUnavailable, "ServiceUnavailable", "no endpoints available", nil)
		return true
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "monitor", "-w", "--count", "3", "--interval", "15s", "-o", "jsonl", "--at", promtest.Now.Add(-10*time.Minute).Format(time.RFC3339))
	cmd.Env = append(os.Environ(), asProgram+"=1", "KUBECONFIG="+config)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	var found []string
	for line := range strings.Lines(string(out)) {
		if at, rest, ok := strings.Cut(line, `,"namespace":"shop","kind":"Deployment"`); ok {
			_, rate, _ := strings.Cut(rest, `"rps":`)
			rate, _, _ = strings.Cut(rate, ",")
			found = append(found, at+" "+rate)
		}
	}
	want := []string{`{"at":"2026-03-01T11:50:00Z" 46`, `{"at":"2026-03-01T11:50:15Z" null`, `{"at":"2026-03-01T11:50:30Z" 46`}
	if !slices.Equal(found, want) || err != nil {
		t.Errorf("found %q, want %q (%v)\n%s", found, want, err, said.String())
	}
}

// TestWindowSame changes the window on the screen after another Prometheus turned up.
func TestWindowSame(t *testing.T) {
	t.Parallel()
	server, config := watched(t, nil)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	x := terminal.Open(t, terminal.Options{}, "env", "KUBECONFIG="+config, asProgram+"=1", self, "monitor", "-w", "--at", promtest.Now.Format(time.RFC3339))
	x.Shows("5m", "user-service     50.0")
	server.Put(prometheusService("second"))
	x.Keys("w")
	x.Shows("15m", "user-service     50.0", "prometheus mon/first:web")
	x.Keys("q")
}
