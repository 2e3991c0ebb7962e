// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package signals_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// What the buckets do not tell is said, and not shown as if it were known.
func TestLatencyUnknown(t *testing.T) {
	for _, c := range []struct{ name, buckets, unknown, warning string }{
		{"all were timed", "100=5 +Inf=10", "", ""},
		{"two scrapes apart", "100=5 +Inf=9.2", "", ""},
		{"a fifth was timed", "100=1 +Inf=2", "", "the latency is of a part of the requests, as others have no buckets: shop/cart (20.00%)"},
		{"no last bucket", "100=5 250=9", "the buckets lack the last one, +Inf", ""},
		{"the last alone", "+Inf=10", "there is no bucket but +Inf", ""},
		{"nothing counted", "100=0 +Inf=0", "no requests were timed", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			vector := append(buckets("source", "web", "cart", "cart-v1", c.buckets), req(10, "source", "web", "cart", "cart-v1", "200"))
			o := options(t, signals.Client, signals.ByService)
			g := only(t, vector, o)
			if g.Latency.Unknown != c.unknown || (g.Latency.Quantile(0.5) == nil) != (c.unknown != "") {
				t.Errorf("unknown because %q, median %v", g.Latency.Unknown, g.Latency.Quantile(0.5))
			}
			if got := strings.Join(signals.Fold(vector, o).Warnings, "\n"); got != c.warning {
				t.Errorf("warns %q, want %q", got, c.warning)
			}
		})
	}
	// Of few requests two rates are apart by chance.
	few := append(buckets("source", "web", "cart", "cart-v1", "100=0.1 +Inf=0.2"), req(0.9, "source", "web", "cart", "cart-v1", "200"))
	if got := signals.Fold(few, options(t, signals.Client, signals.ByService)).Warnings; len(got) > 0 {
		t.Errorf("warns %q of 90 requests", got)
	}
}
