// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/prom"
)

// pods are those behind a Service, of which some do not answer.
type pods struct {
	server *httptest.Server

	mu   sync.Mutex
	gone map[string]bool // no port-forward
	deaf map[string]bool // a port-forward, and nobody behind it
	open []net.Conn
	to   []string
}

func newPods(t *testing.T) *pods {
	t.Helper()
	p := &pods{gone: map[string]bool{}, deaf: map[string]bool{}}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve(w, strings.TrimPrefix(r.URL.Path, "/"), []string{"up"})
	}))
	t.Cleanup(p.server.Close)
	return p
}

func (p *pods) dial(ctx context.Context, _, pod string, _ int) (net.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to = append(p.to, pod)
	if p.gone[pod] {
		return nil, fmt.Errorf("pod %s not found", pod)
	}
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.server.Listener.Addr().String())
	if err != nil {
		return nil, err
	}
	if p.deaf[pod] {
		c.Close()
	}
	p.open = append(p.open, c)
	return c, nil
}

// stop ends a pod: its connections, and by how it is from now on.
func (p *pods) stop(pod string, how map[string]bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	how[pod] = true
	for _, c := range p.open {
		c.Close()
	}
	p.open = nil
}

// dialled are the pods that were dialled since it was last called, one that was
// dialled again and again once.
func (p *pods) dialled() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := strings.Join(slices.Compact(p.to), " ")
	p.to = nil
	return out
}

// A port-forward leads to a ready pod also after the one that it led to is gone.
func TestForwardAnew(t *testing.T) {
	p := newPods(t)
	w := newWorld(t, service("a", "prom", labelled, port("web", 80)), slice("a", "prom", "prom-x", "web", 9090))
	w.refuse, w.dial = forbid, p.dial
	c, err := w.cluster(t).Service(t.Context(), prom.Service{Namespace: "a", Name: "prom", Port: "web"})
	if err != nil {
		t.Fatal(said(err))
	}
	defer c.Close()
	if c.Name() != "prometheus a/prom:web (port-forward)" {
		t.Error(c.Name())
	}
	ask := func(what, want string, answers bool) {
		t.Helper()
		_, err := c.Names(t.Context())
		if got := p.dialled(); (err == nil) != answers || got != want {
			t.Errorf("%s: dialled %q, want %q (%v)", what, got, want, err)
		}
	}
	p.dialled()
	ask("while it is there", "", true)

	w.Put(slice("a", "prom", "prom-y", "web", 9090))
	p.stop("prom-x", p.gone)
	ask("gone, another is ready", "prom-x prom-y", true)

	p.stop("prom-y", p.deaf)
	w.Put(slice("a", "prom", "prom-z", "web", 9090))
	_, _ = c.Names(t.Context()) // which may fail: it was reached, and did not answer
	p.dialled()
	if _, err := c.Names(t.Context()); err != nil {
		t.Errorf("deaf, another is ready: %v", err)
	}

	p.stop("prom-z", p.gone)
	ask("gone, and no other", "prom-z", false)
	ask("still none", "prom-z", false)
	delete(p.gone, "prom-z")
	ask("back", "prom-z", true)

	slow, cancel := context.WithTimeoutCause(t.Context(), time.Nanosecond, errors.New("gave up"))
	defer cancel()
	if _, err := c.Names(slow); err == nil {
		t.Error("expected no answer within a nanosecond")
	}
	ask("after it took too long", "prom-z", true)
}
