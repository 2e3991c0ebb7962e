// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// Only the pod that serves knows which it is: the label pod of the caller's series
// is the caller's pod.
func TestFoldByPod(t *testing.T) {
	o := options(t, signals.Server, signals.ByPod)
	o.Profile = o.Profile.WithPods()
	table := signals.Fold(signals.Vector{
		req(20, "source", "web", "cart", "cart-v1", "200", "pod=web-1"),
		req(12, "destination", "web", "cart", "cart-v1", "200", "pod=cart-v1-a"),
		req(6, "destination", "web", "cart", "cart-v1", "200", "pod=cart-v1-b"),
		req(2, "destination", "web", "cart", "cart-v1", "500", "pod=cart-v1-b"),
		req(3, "source", "web", "bare", "bare", "200", "pod=web-1"),
		req(2, "source", "web", "bare-too", "bare", "200", "pod=web-1"),
		req(1, "source", "web", "gone", "unknown", "503", "pod=web-1"),
	}, o)
	rates := map[string]float64{}
	for _, g := range table.Groups {
		rates[g.String()] = *g.Rate
	}
	if diff := cmp.Diff(map[string]float64{
		"shop/cart-v1/cart-v1-a": 12, "shop/cart-v1/cart-v1-b": 8, "shop/bare/(pod unknown)": 5,
		"shop/gone/(no upstream)/(pod unknown)": 1,
	}, rates); diff != "" {
		t.Error(diff)
	}
}

func TestWithPods(t *testing.T) {
	for _, p := range signals.Profiles() {
		q := signals.Query{Profile: p.WithPods()}
		if !strings.Contains(q.PromQL(), "pod") {
			t.Errorf("%s: %s", p.Name, q.PromQL())
		}
	}
	if q := (signals.Query{Profile: profile(t, "istio")}); strings.Contains(q.PromQL(), "pod") {
		t.Errorf("pods are asked for by nobody: %s", q.PromQL())
	}
}

// What a workload sends is told by who calls.
func TestFoldByCaller(t *testing.T) {
	g := only(t, signals.Vector{
		req(20, "source", "web", "cart", "cart-v1", "200"), req(20, "destination", "web", "cart", "cart-v1", "200"),
		req(5, "source", "web", "user", "user-v1", "503"),
	}, options(t, signals.Client, signals.ByCaller))
	if g.String() != "shop/web" || !near(g.Rate, 25) || !near(g.Success(), 0.8) {
		t.Errorf("%s: rate %v, success %v", g, show(g.Rate), show(g.Success()))
	}
}

// Series that do not count decide nothing, not even who is believed.
func TestKeep(t *testing.T) {
	o := options(t, signals.Client, signals.ByService)
	o.Keep = func(w signals.Who) bool { return w.Source == "web" && w.WorkloadNamespace == "shop" }
	g := only(t, signals.Vector{
		req(20, "source", "web", "cart", "cart-v1", "200"), req(3, "source", "batch", "cart", "cart-v1", "503"),
	}, o)
	if !near(g.Rate, 20) || !near(g.Success(), 1) {
		t.Errorf("rate %v, success %v", show(g.Rate), show(g.Success()))
	}
}

// Two workloads of one service are one caller, of whom each is believed for itself.
func TestCaller(t *testing.T) {
	o := options(t, signals.Client, signals.ByEdge)
	o.Caller = func(ns, _ string) (string, string) { return ns, "web" }
	g := only(t, signals.Vector{
		req(20, "source", "web-v1", "cart", "cart-v1", "200"), req(20, "destination", "web-v1", "cart", "cart-v1", "200"),
		req(5, "destination", "web-v2", "cart", "cart-v1", "200"),
	}, o)
	if g.Source != "web" || !near(g.Rate, 25) {
		t.Errorf("%s: %v", g, show(g.Rate))
	}
}

// A pod behind two Services is scraped once for each of them, and tells the same requests
// twice. Two processes of one pod tell different ones.
func TestFoldScrapedTwice(t *testing.T) {
	const pod = "namespace=shop pod=web-1 "
	vector := signals.Vector{
		sample(9, "_q=req service=web code=200 "+pod), sample(1, "_q=req service=web code=500 "+pod),
		sample(8.8, "_q=req service=web-headless code=200 "+pod), sample(1, "_q=req service=web-headless code=500 "+pod),
		sample(5, "_q=lat le=0.1 service=web "+pod), sample(10, "_q=lat le=+Inf service=web "+pod),
		sample(5, "_q=lat le=0.1 service=web-headless "+pod), sample(9.8, "_q=lat le=+Inf service=web-headless "+pod),
		sample(2, "_q=req service=admin code=200 "+pod),
	}
	for _, c := range []struct {
		by   signals.By
		want map[string]float64
	}{
		{signals.ByWorkload, map[string]float64{"shop/web": 12}},
		{signals.ByPod, map[string]float64{"shop/web/web-1": 12}},
		{signals.ByNamespace, map[string]float64{"shop": 12}},
		{signals.ByService, map[string]float64{"shop/web": 10, "shop/web-headless": 9.8, "shop/admin": 2}},
	} {
		table := signals.Fold(vector, signals.Options{
			Profile: profile(t, "http"), By: c.by, Window: 100 * time.Second,
			Owner: func(_, pod string) (string, string) { return strings.TrimSuffix(pod, "-1"), "v1" },
		})
		rates := map[string]float64{}
		for _, g := range table.Groups {
			rates[g.String()] = *g.Rate
			if c.by != signals.ByService && (g.Failed != 1 || g.Latency.Histogram.Count() != 1000) {
				t.Errorf("by %s: expected 1 failure a second and 1000 requests that were timed, found %v and %v", c.by, g.Failed, g.Latency.Histogram.Count())
			}
		}
		if diff := cmp.Diff(c.want, rates); diff != "" {
			t.Errorf("by %s: %s", c.by, diff)
		}
	}
}
