// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

func TestParsePercent(t *testing.T) {
	good := map[string]struct {
		want canary.Percent
		text string
	}{
		"10": {100_000, "10"}, "0": {0, "0"}, "100": {1_000_000, "100"}, "0.5": {5_000, "0.5"}, "12.25%": {122_500, "12.25"},
		" 7 % ": {70_000, "7"}, "0.0001": {1, "0.0001"}, "99.9999": {999_999, "99.9999"}, "010": {100_000, "10"}, "1.50": {15_000, "1.5"},
	}
	for text, want := range good {
		got, err := canary.ParsePercent(text)
		if err != nil || got != want.want || got.String() != want.text {
			t.Errorf("ParsePercent(%q) = %d %q, %v; want %d %q", text, got, got, err, want.want, want.text)
		}
	}
	for _, text := range []string{"", "%", ".5", "5.", "-1", "+1", "101", "100.0001", "0.00001", "1e1", "ten", "1,5", "1.2.3", "4294967296", "0x1", "1_0"} {
		if got, err := canary.ParsePercent(text); fault.KindOf(err) != fault.Usage {
			t.Errorf("ParsePercent(%q) = %s, %v; want a usage error", text, got, err)
		}
	}
}

func TestPercentOf(t *testing.T) {
	tests := []struct {
		percent      canary.Percent
		total, whole int
		exact        bool
	}{
		{100_000, 100, 10, true}, {100_000, 3, 0, false}, {5_000, 100, 0, false}, {5_000, 1000, 5, true},
		{1_000_000, 7, 7, true}, {0, 7, 0, true}, {333_333, 1_000_000, 333_333, true}, {500_000, 4_294_967_294, 2_147_483_647, true},
	}
	for _, tt := range tests {
		if got, exact := tt.percent.Of(tt.total); got != tt.whole || exact != tt.exact {
			t.Errorf("%s%% of %d = %d, %v; want %d, %v", tt.percent, tt.total, got, exact, tt.whole, tt.exact)
		}
	}
	for _, tt := range []struct {
		weight, total int
		want          string
	}{{1, 3, "33.3333"}, {2, 3, "66.6667"}, {0, 0, "0"}, {5, 5, "100"}, {1, 1_000_000, "0.0001"}} {
		if got := canary.ShareOf(tt.weight, tt.total).String(); got != tt.want {
			t.Errorf("ShareOf(%d, %d) = %s, want %s", tt.weight, tt.total, got, tt.want)
		}
	}
}

func FuzzPercent(f *testing.F) {
	for _, seed := range []string{"10", "0.5", "100%", "12.3456", "-1", ".", "99999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := canary.ParsePercent(text)
		if err != nil {
			return
		}
		if p < 0 || p > whole {
			t.Fatalf("%q is %d", text, p)
		}
		if again, err := canary.ParsePercent(p.String()); err != nil || again != p {
			t.Fatalf("%q prints as %q, which reads as %d (%v)", text, p, again, err)
		}
	})
}
