// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/prom"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom/promtest"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// shop returns a client of a Prometheus with the history of that name.
func shop(t *testing.T, args ...string) *prom.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := prom.New(promtest.Start(t, promtest.Shop().OpenMetrics(), args...), prom.Options{Name: "test", Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return c.AsOf(promtest.Now)
}

func istio(t *testing.T) signals.Profile {
	t.Helper()
	p, err := signals.ProfileNamed("istio")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rates are the requests a second of services as their clients see them.
func rates(a signals.Answer, p signals.Profile) map[string]float64 {
	out := map[string]float64{}
	for _, g := range signals.Fold(a.Vector, signals.Options{Profile: p, View: signals.Client, By: signals.ByService, Window: a.Window}).Groups {
		if g.Rate != nil {
			out[g.Namespace+"/"+g.Service] = math.Round(*g.Rate*100) / 100
		}
	}
	return out
}

func TestPrometheus(t *testing.T) {
	c := shop(t)
	// A deadline becomes a parameter, which has to be one that Prometheus reads.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	t.Run("signals", func(t *testing.T) {
		p := istio(t)
		a, err := c.Signals(ctx, signals.Query{Profile: p, Window: 5 * time.Minute, TCP: true})
		if err != nil || len(a.Warnings) > 0 || !a.At.Equal(promtest.Now) || a.Window != 5*time.Minute {
			t.Fatal(a.At, a.Window, a.Warnings, err)
		}
		got := rates(a, p)
		for service, want := range map[string]float64{"shop/order-service": 20, "shop/api-gateway": 60, "bookinfo/reviews-v1": 1, "payments/ledger": 8} {
			if got[service] != want {
				t.Errorf("%s: %v rps, want %v", service, got[service], want)
			}
		}
	})
	t.Run("names that are patterns", func(t *testing.T) {
		p := istio(t)
		a, err := c.Signals(ctx, signals.Query{Profile: p, Window: 5 * time.Minute, Match: []signals.Matcher{
			signals.Equal("destination_service_name", "reviews.v1", "reviews-v1", `a"b\c`),
		}})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]float64{"bookinfo/reviews-v1": 1, "bookinfo/reviews.v1": 3}
		if d := cmp.Diff(want, rates(a, p)); d != "" {
			t.Error(d)
		}
	})
	t.Run("range", func(t *testing.T) {
		from := promtest.Now.Add(-time.Minute)
		got, err := c.Range(ctx, "vector(7)", from, promtest.Now, 30*time.Second)
		want := []prom.Series{{Points: []prom.Point{{At: from, Value: 7}, {At: from.Add(30 * time.Second), Value: 7}, {At: promtest.Now, Value: 7}}}}
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Error(d, err)
		}
	})
	t.Run("names", func(t *testing.T) {
		got, err := c.Names(ctx, `{__name__=~"istio_requests_total|http_requests_total"}`)
		if d := cmp.Diff([]string{"istio_requests_total"}, got); d != "" || err != nil {
			t.Error(d, err)
		}
		all, err := c.Names(ctx)
		if err != nil || len(all) < 2 || !slices.IsSorted(all) {
			t.Error(all, err)
		}
	})
	t.Run("rejected", func(t *testing.T) {
		_, err := c.Query(ctx, "sum(", time.Time{})
		if !prom.Rejected(err) || !strings.Contains(err.Error(), "test rejects the query: ") {
			t.Error(err)
		}
	})
	t.Run("build", func(t *testing.T) {
		if b, err := c.BuildInfo(ctx); err != nil || b.Version == "" || b.GoVersion == "" {
			t.Error(b, err)
		}
	})
}

// TestTooManySamples splits a query where the server may not load all at once,
// and gets the same answer.
func TestTooManySamples(t *testing.T) {
	p := istio(t)
	c := shop(t, "--query.max-samples=1500")
	q := signals.Query{Profile: p, Window: 5 * time.Minute}
	a, err := c.Signals(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Warnings) != 1 || !strings.Contains(a.Warnings[0], "(--query.max-samples): asked for each of ") {
		t.Errorf("warnings %q", a.Warnings)
	}
	whole, err := shop(t).Signals(t.Context(), q)
	if err != nil || len(whole.Warnings) > 0 {
		t.Fatal(whole.Warnings, err)
	}
	if d := cmp.Diff(rates(whole, p), rates(a, p)); d != "" || len(whole.Vector) != len(a.Vector) {
		t.Errorf("%d series, want %d\n%s", len(a.Vector), len(whole.Vector), d)
	}
}

// TestOneNamespace cannot be split any further: the refusal is the error.
func TestOneNamespace(t *testing.T) {
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/v1/label/") {
			fmt.Fprint(w, success(`["shop"]`))
			return
		}
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, `{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory"}`)
	}, prom.Options{})
	_, err := c.Signals(t.Context(), signals.Query{Profile: istio(t), Window: time.Hour})
	if err == nil || !strings.Contains(said(err), "-n NAMESPACE or a shorter --window") {
		t.Error(said(err))
	}
}
