// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/scrape"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// proxies answer with more requests every time they are asked.
type proxies struct {
	asked atomic.Int64
	down  map[string]bool
	hangs string
}

func (p *proxies) get(ctx context.Context, pod ref.Ref) (io.ReadCloser, error) {
	if pod.Name == p.hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	n := int(p.asked.Add(1))
	if p.down[pod.Name] {
		return nil, errors.New("connection refused")
	}
	return io.NopCloser(strings.NewReader(exposed(1000*n, 0))), nil
}

func TestSidecars(t *testing.T) {
	clock := time.Unix(1_700_000_000, 0)
	pods := []ref.Ref{{Kind: "Pod", Namespace: "shop", Name: "a"}, {Kind: "Pod", Namespace: "shop", Name: "b"}}
	p := &proxies{down: map[string]bool{"a": true}}
	var ticks atomic.Int64
	var unlisted error
	s := &scrape.Sidecars{Pods: func(context.Context) ([]ref.Ref, error) { return pods, unlisted }, Get: p.get, Apart: time.Millisecond, Now: func() time.Time {
		return clock.Add(time.Duration(ticks.Add(1)) * 10 * time.Second)
	}}
	q := istio(t)
	a, err := s.Signals(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	// b is asked twice, 10 s apart by its clock, and a, which does not answer, once in between or before.
	got := groups(q, a, signals.Server)["shop/user-service"]
	if got != "100.000000 1.000000 0.049750" && got != "200.000000 1.000000 0.049750" {
		t.Errorf("got %q", got)
	}
	if len(a.Warnings) != 1 || a.Warnings[0] != "pod shop/a does not count: connection refused" {
		t.Errorf("warnings: %q", a.Warnings)
	}

	p.down["b"] = true
	_, err = s.Signals(t.Context(), q)
	if want := "expected metrics on port 15020 of 2 proxies, none answered"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}

	pods, s.Patience = append(pods, ref.Ref{Kind: "Pod", Namespace: "shop", Name: "hangs"}), 10*time.Millisecond
	p.down["b"], p.hangs = false, "hangs"
	if a, err = s.Signals(t.Context(), q); err != nil || len(a.Warnings) != 2 || a.Warnings[1] != "pod shop/hangs does not count: no answer within 10ms" {
		t.Errorf("warnings: %q (%v)", a.Warnings, err)
	}

	// Of each answer the pods are those that there are by then.
	pods = []ref.Ref{{Kind: "Pod", Namespace: "shop", Name: "later"}}
	if a, err = s.Signals(t.Context(), q); err != nil || len(a.Warnings) != 0 || len(groups(q, a, signals.Server)) == 0 {
		t.Errorf("other pods: %q (%v)", a.Warnings, err)
	}
	unlisted = errors.New("no list")
	if _, err := s.Signals(t.Context(), q); !errors.Is(err, unlisted) {
		t.Errorf("got %v, want %v", err, unlisted)
	}
	unlisted = nil

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Signals(ctx, q); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v after it was cancelled", err)
	}
}
