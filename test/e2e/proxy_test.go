// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"k8s.io/client-go/rest"
)

// proxy stands between a command and the API server, so that a test can do
// something right between a read and a write.
type proxy struct {
	server     *httptest.Server
	kubeconfig string
}

// newProxy starts a proxy to the server of a place. Meddle sees every request
// first; when it returns false, it has dealt with it.
func newProxy(t *testing.T, p place, meddle func(http.ResponseWriter, *http.Request) bool) *proxy {
	t.Helper()
	transport, err := rest.TransportFor(theBox.admin)
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(theBox.admin.Host)
	if err != nil {
		t.Fatal(err)
	}
	forward := &httputil.ReverseProxy{Transport: transport, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if meddle(w, r) {
			forward.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "proxy.yaml")
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: proxy
contexts: [{name: proxy, context: {cluster: proxy, user: nobody, namespace: %s}}]
clusters: [{name: proxy, cluster: {server: "%s"}}]
users: [{name: nobody, user: {}}]
`, p.namespace, server.URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return &proxy{server, file}
}

// hangUp breaks the connection of a request without an answer.
func hangUp(t *testing.T, w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	conn.Close()
}

// hang lets a request wait until the client gives up. The server notices that
// only when it has read all that the client had to say.
func hang(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// result is how a command ended.
type result struct {
	stdout, stderr string
	code           int
}

// command prepares `kubectl-micro ARG...` with an environment of its own.
func command(t *testing.T, kubeconfig string, args ...string) (*exec.Cmd, func() result) {
	t.Helper()
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), micro, args...)
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "KUBECONFIG=" + kubeconfig, "USER=e2e"}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	return cmd, func() result {
		if cmd.ProcessState == nil {
			t.Fatalf("%v did not run", args)
		}
		return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
	}
}

// microctl runs `kubectl-micro ARG...`.
func microctl(t *testing.T, kubeconfig string, args ...string) result {
	t.Helper()
	cmd, result := command(t, kubeconfig, args...)
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return result()
}
