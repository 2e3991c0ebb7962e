// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
)

// legsOf renders "name:weight" pairs as destinations; a name with a slash is
// host/subset, another one a subset of reviews.
func legsOf(legs string) string {
	var out strings.Builder
	for leg := range strings.FieldsSeq(legs) {
		name, weight, _ := strings.Cut(leg, ":")
		host, subset, other := strings.Cut(name, "/")
		if !other {
			host, subset = "reviews", name
		}
		fmt.Fprintf(&out, "    - {destination: {host: %s, subset: %q}", host, subset)
		if weight != "" {
			out.WriteString(", weight: " + weight)
		}
		out.WriteString("}\n")
	}
	return out.String()
}

// ages are two Deployments of different age, behind subsets of their own.
const ages = `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: blue, namespace: prod, creationTimestamp: "2026-02-01T00:00:00Z"}
spec: {selector: {matchLabels: {app: reviews}}, template: {metadata: {labels: {app: reviews, version: blue}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: red, namespace: prod, creationTimestamp: "2026-01-01T00:00:00Z"}
spec: {selector: {matchLabels: {app: reviews}}, template: {metadata: {labels: {app: reviews, version: red}}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: prod}
spec: {host: reviews, subsets: [{name: red, labels: {version: red}}, {name: blue, labels: {version: blue}}]}
`

// readings are by the number of the rule that decides.
var readings = map[string]struct {
	legs   string
	choice canary.Choice
	more   string
	want   string // canary/stable (rule), or the error
	hint   string
}{
	"3: a canary's name":             {legs: "main:50 canary:50", want: "canary/main (canary is a canary's name)"},
	"3: a suffix":                    {legs: "main-canary:50 main:50", want: "main-canary/main (main-canary is a canary's name)"},
	"3: a stable name":               {legs: "stable:50 main:50", want: "main/stable (the other leg of main has a stable leg's name)"},
	"3: green beside blue":           {legs: "blue:50 green:50", want: "green/blue (green is a canary's name)"},
	"4: no traffic":                  {legs: "a:100 b:0", want: "b/a (b is the only leg without traffic)"},
	"4: at most half":                {legs: "a:67 b:33", want: "b/a (b has clearly less traffic)"},
	"4: exactly half":                {legs: "a:2 b:1 legacy/x:1", want: "b/a (b has clearly less traffic)"},
	"4: three legs, one empty":       {legs: "a:60 b:40 c:0", want: "c/a (c is the only leg without traffic)"},
	"5: the higher version":          {legs: "v1:50 v2:50", want: "v2/v1 (v2 is the highest version)"},
	"5: semver":                      {legs: "v1-10-0:50 v1-9-2:50", want: "v1-10-0/v1-9-2 (v1-10-0 is the highest version)"},
	"6: the younger Deployment":      {legs: "red:50 blue:50", more: ages, want: "blue/red (blue has the youngest Deployment)"},
	"2: the flags":                   {legs: "v1:50 v2:50", choice: canary.Choice{Canary: "v1"}, want: "v1/v2 (as the flags say)"},
	"2: the stable flag":             {legs: "v1:50 v2:50", choice: canary.Choice{Stable: "v2"}, want: "v1/v2 (as the flags say)"},
	"2: both":                        {legs: "a:30 b:30 c:40", choice: canary.Choice{Stable: "a", Canary: "b"}, want: "b/a (as the flags say)"},
	"extras do not count":            {legs: "v1:80 v2:0 legacy/x:20", want: "v2/v1 (v2 is the only leg without traffic)"},
	"not equal by little":            {legs: "a:60 b:40", want: "which of a, b is the canary of prod/reviews cannot be told", hint: "--canary a --weight N\nkubectl micro canary reviews -n prod --canary b"},
	"half is never guessed":          {legs: "a:50 b:50", want: "which of a, b is the canary of prod/reviews cannot be told"},
	"weight against version":         {legs: "v1:10 v2:90", want: "two readings of which leg of prod/reviews is the canary: v1 has clearly less traffic, but v2 is the highest version", hint: "--canary v1"},
	"name against weight":            {legs: "canary:100 main:0", want: "two readings of which leg of prod/reviews is the canary: canary is a canary's name, but main is the only leg without traffic"},
	"several stable legs":            {legs: "a:50 b:50 canary:0", want: "which of a, b is the stable leg of prod/reviews cannot be told", hint: "--stable a"},
	"an unknown flag":                {legs: "v1:50 v2:50", choice: canary.Choice{Canary: "v3"}, want: `--canary "v3": expected one of v1, v2`},
	"the same twice":                 {legs: "v1:50 v2:50", choice: canary.Choice{Canary: "v1", Stable: "v1"}, want: "--stable and --canary are both v1"},
	"several others":                 {legs: "a:30 b:30 c:40", choice: canary.Choice{Stable: "a"}, want: "prod/reviews has several other legs (b, c): add --canary"},
	"nothing beside":                 {legs: "v1:100", want: "all traffic of prod/reviews goes to subset v1, and no DestinationRule defines another"},
	"the whole service":              {legs: "reviews/:100", want: "all traffic of prod/reviews goes to the whole of reviews.prod.svc.cluster.local"},
	"a subset that has no leg":       {legs: "red:100", more: ages, want: "blue/red (blue is the only leg without traffic)"},
	"no leg, beside an extra":        {legs: "red:80 legacy/x:20", more: ages, want: "blue/red (blue is the only leg without traffic)"},
	"equal versions are no evidence": {legs: "v1:50 1:50", want: "cannot be told"},
}

func TestRead(t *testing.T) {
	for name, tt := range readings {
		t.Run(name, func(t *testing.T) {
			s := modeltest.Live(t, `
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: prod}
spec: {selector: {app: reviews}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: prod}
spec:
  hosts: [reviews]
  http:
  - route:
`+legsOf(tt.legs)+tt.more)
			target, err := canary.Find(s, canary.Query{Name: "reviews", Namespace: "prod"})
			if err != nil {
				t.Fatal(err)
			}
			p, err := canary.Read(s, target, tt.choice)
			if err != nil {
				var f *fault.Error
				if !errors.As(err, &f) || f.Kind != fault.Usage || !strings.Contains(err.Error(), tt.want) || !strings.Contains(f.Hint, tt.hint) {
					t.Errorf("found %v (hint %q), want %q", err, f.Hint, tt.want)
				}
				return
			}
			if got := fmt.Sprintf("%s/%s (%s)", canary.Label(p.Canary), canary.Label(p.Stable), p.Rule); got != tt.want {
				t.Errorf("found %s, want %s", got, tt.want)
			}
		})
	}
}

// TestReadSession: (1) the session decides alone; flags that say otherwise are
// an error.
func TestReadSession(t *testing.T) {
	after, _ := set(t, typical, typical.object(), 90*10_000/2)
	s := snapshot(t, after)
	target, err := canary.Find(s, canary.Query{Name: "reviews", Namespace: "prod"})
	if err != nil {
		t.Fatal(err)
	}
	for _, ok := range []canary.Choice{{}, {Canary: "reviews-v2"}, {Canary: "reviews-v2.prod.svc.cluster.local", Stable: "reviews-v1"}} {
		if p, err := canary.Read(s, target, ok); err != nil || canary.Label(p.Canary) != "reviews-v2" || p.Rule != "the running session says so" {
			t.Errorf("%+v: %+v, %v", ok, p, err)
		}
	}
	if _, err := canary.Read(s, target, canary.Choice{Canary: "reviews-v1"}); fault.KindOf(err) != fault.Usage {
		t.Errorf("a flag against the session: %v", err)
	}
}

// TestPinned: paths of an API that go to programs of their own are no canary.
func TestPinned(t *testing.T) {
	s := modeltest.Live(t, town)
	target, err := canary.Find(s, canary.Query{Name: "api", Namespace: "prod"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := canary.Read(s, target, canary.Choice{}); fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "routes of its own") {
		t.Errorf("expected a refusal to guess, found %v", err)
	}
	if p, err := canary.Read(s, target, canary.Choice{Canary: "api-v2"}); err != nil || canary.Label(p.Stable) != "api-v1" {
		t.Errorf("with a flag: %+v, %v", p, err)
	}
}
