// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// parts divides a vector as two requests would have answered it.
func parts(v signals.Vector) (requests, buckets signals.Vector) {
	for _, s := range v {
		if s.Labels.Get("_q") == "lat" {
			buckets = append(buckets, s)
		} else {
			requests = append(requests, s)
		}
	}
	return requests, buckets
}

// What Believed leaves out changes nothing.
func TestBelievedIsEnough(t *testing.T) {
	spared := 0
	for seed := range uint64(40) {
		w := randomWorld(rand.New(rand.NewPCG(seed, 7)))
		for _, view := range []signals.View{signals.Client, signals.Server} {
			q := signals.Query{Profile: profile(t, "istio"), Window: time.Minute, View: view}
			requests, buckets := parts(w.vector)
			short := requests
			if only, ok := q.Believed(requests); ok {
				for _, s := range buckets {
					if only.Matches(s.Labels) {
						short = append(short, s)
					} else {
						spared++
					}
				}
			} else {
				short = append(short, buckets...)
			}
			for _, by := range []signals.By{signals.ByService, signals.ByEdge, signals.ByVersion} {
				o := options(t, view, by)
				if diff := cmp.Diff(fmt.Sprintf("%+v", signals.Fold(append(requests[:len(requests):len(requests)], buckets...), o).Groups), fmt.Sprintf("%+v", signals.Fold(short, o).Groups)); diff != "" {
					t.Fatalf("seed %d, %s view, %s: %s", seed, view, by, diff)
				}
			}
		}
	}
	if spared == 0 {
		t.Error("nothing was ever left out")
	}
}

func TestBelieved(t *testing.T) {
	both := signals.Vector{
		req(1, "source", "a", "s", "w", "200"), req(1, "destination", "a", "s", "w", "200"),
	}
	outside := req(1, "destination", "unknown", "s", "w", "200")
	for _, test := range []struct {
		name string
		view signals.View
		have signals.Vector
		want string
	}{
		{"callers have proxies", signals.Client, both, `reporter="source"`},
		{"the called one's view", signals.Server, both, `reporter="destination"`},
		{"a caller without a proxy", signals.Client, append(both[:2:2], outside), ""},
		{"a caller without a proxy, the called one's view", signals.Server, append(both[:2:2], outside), `reporter="destination"`},
		{"a quiet proxy is not believed", signals.Client, signals.Vector{set(both[0], "x=y"), both[1], req(0, "source", "b", "s", "w", "200"), req(1, "destination", "b", "s", "w", "200")}, ""},
		{"nobody", signals.Client, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := signals.Query{Profile: profile(t, "istio"), View: test.view}
			only, ok := q.Believed(test.have)
			if ok != (test.want != "") || ok && only.String() != test.want {
				t.Errorf("got %v %t, want %q", only, ok, test.want)
			}
		})
	}
}

func TestParts(t *testing.T) {
	q := signals.Query{Profile: profile(t, "istio"), Window: time.Minute, TCP: true}
	if _, _, _, ok := q.Parts(); ok {
		t.Error("both views need all buckets")
	}
	q.View = signals.Client
	requests, buckets, _, ok := q.Parts()
	if !ok {
		t.Fatal("expected two halves")
	}
	// Together they are the whole.
	if whole, two := q.PromQL(), requests.PromQL()+" or "+buckets.PromQL(); len(whole) != len(two) {
		t.Errorf("got %s\nwant the parts of %s", two, whole)
	}
	if strings.Contains(requests.PromQL(), "bucket") || strings.Contains(buckets.PromQL(), "requests_total") || strings.Contains(buckets.PromQL(), "tcp") {
		t.Errorf("got %s and %s", requests.PromQL(), buckets.PromQL())
	}
	for _, name := range []string{"http", "linkerd"} {
		other := signals.Query{Profile: profile(t, name), View: signals.Client}
		if _, _, _, ok := other.Parts(); ok {
			t.Errorf("%s: one reporter, or labels of its own on each side", name)
		}
	}
}
