// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package verdict_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

func TestOf(t *testing.T) {
	hops := func(vs ...verdict.Verdict) []verdict.Hop {
		var out []verdict.Hop
		for i, v := range vs {
			out = append(out, verdict.Hop{Number: verdict.Number(i + 1), Verdict: v})
		}
		return out
	}
	for name, c := range map[string]struct {
		hops []verdict.Hop
		want verdict.Verdict
	}{
		"nobody has a say":               {hops(verdict.None, verdict.None), verdict.Allow},
		"all agree":                      {hops(verdict.Allow, verdict.None), verdict.Allow},
		"one is unknown":                 {hops(verdict.Allow, verdict.Unknown, verdict.Allow), verdict.Unknown},
		"a denial beats what is unknown": {hops(verdict.Unknown, verdict.Deny), verdict.Deny},
	} {
		t.Run(name, func(t *testing.T) {
			if got := verdict.Of(c.hops); got != c.want {
				t.Errorf("expected %s, found %s", c.want, got)
			}
		})
	}
}

func TestFirst(t *testing.T) {
	hops := []verdict.Hop{{Number: 1, Verdict: verdict.Allow}, {Number: 2, Verdict: verdict.Deny}, {Number: 3, Verdict: verdict.Deny}}
	if h, ok := verdict.First(hops, verdict.Deny); !ok || h.Number != 2 {
		t.Errorf("expected hop 2, found %+v, %v", h, ok)
	}
	if h, ok := verdict.First(hops, verdict.Unknown); ok {
		t.Errorf("expected none, found %+v", h)
	}
}
