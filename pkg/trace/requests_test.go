// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package trace_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

func TestWhen(t *testing.T) {
	c := reach.Connection{Requests: []mesh.Condition{
		{Methods: []string{"GET", "HEAD"}, Paths: []string{"/a", "/b/*"}, Rule: "rule 1"},
		{Methods: []string{"GET", "HEAD"}, Paths: []string{"/a", "/b/*"}, Rule: "rule 2"},
		{Paths: []string{"/admin"}, Denied: true},
		{Methods: []string{"PUT"}, Other: []string{"host a"}},
	}}
	if diff := cmp.Diff([]string{"GET,HEAD /a, /b/*", "not /admin", "PUT; host a"}, trace.When(c)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := trace.When(reach.Connection{}); len(got) > 0 {
		t.Errorf("%q for a connection without conditions", got)
	}
}

// What other rules let through now is no difference; what less is let through is.
func TestDifferingIgnoresWhichRuleAllows(t *testing.T) {
	change := func(when ...mesh.Condition) []reach.Change {
		return []reach.Change{{
			From: reach.Side{Text: "a"}, To: reach.Side{Text: "b"},
			Connections: []reach.Connection{{Protocol: "TCP", First: 80, Last: 80, Verdict: verdict.Allow, Requests: when}},
		}}
	}
	same := trace.Differing(reach.Difference{
		Lost:   change(mesh.Condition{Paths: []string{"/a"}, Rule: "rule 1"}),
		Gained: change(mesh.Condition{Paths: []string{"/a"}, Rule: "rule 1"}, mesh.Condition{Paths: []string{"/a"}, Rule: "rule 2"}),
	})
	if !same.Empty() {
		t.Errorf("found a difference: %+v", same)
	}
	other := trace.Differing(reach.Difference{
		Lost: change(mesh.Condition{Paths: []string{"/a"}}), Gained: change(mesh.Condition{Paths: []string{"/b"}}),
	})
	if len(other.Lost) != 1 || len(other.Gained) != 1 {
		t.Errorf("lost a difference: %+v", other)
	}
}

func TestRemedy(t *testing.T) {
	deploy := reach.End{
		Kind: reach.Pods, Text: "shop/deploy/b:8080", Namespace: "shop", Port: 8080,
		Object: ref.Of("apps/v1", "Deployment", "shop", "b"),
	}
	service := reach.End{Kind: reach.Service, Text: "shop/svc/b:http", Namespace: "shop", Object: ref.Of("v1", "Service", "shop", "b")}
	internet := reach.End{Kind: reach.Internet, Text: "internet"}
	closed := verdict.Hop{Number: verdict.NetworkPolicy, Verdict: verdict.Deny, Decider: verdict.Decider{Rule: "no rule"}}
	denied := verdict.Hop{Number: verdict.Authorization, Verdict: verdict.Deny, Decider: verdict.Decider{Rule: "rule 1"}}
	for _, c := range []struct {
		name     string
		from, to reach.End
		request  reach.Request
		hops     []verdict.Hop
		want     string
	}{
		{"a Service", internet, service, reach.Request{}, []verdict.Hop{closed}, "kubectl micro secure allow internet svc/b:http -n shop -f x"},
		{
			"a request of a workload", internet, deploy, reach.Request{Method: "GET", Path: "/a?b=c"}, []verdict.Hop{closed},
			"kubectl micro secure allow internet deploy/b -n shop --methods GET --paths /a --port 8080 -f x",
		},
		{"a rule that denies", internet, service, reach.Request{}, []verdict.Hop{closed, denied}, ""},
		{"an address", reach.End{Kind: reach.Address, Text: "10.0.0.1"}, service, reach.Request{}, []verdict.Hop{closed}, ""},
		{"a caller that is made up", reach.End{Kind: reach.Pods, Text: "prometheus"}, service, reach.Request{}, []verdict.Hop{closed}, ""},
		{"a host", internet, reach.End{Kind: reach.External, Text: "example.com"}, reach.Request{}, []verdict.Hop{closed}, ""},
	} {
		a := reach.Answer{
			From: c.from, To: c.to, Request: c.request, Verdict: verdict.Deny,
			Groups: []reach.Group{{Port: 8080, Verdict: verdict.Deny, Hops: c.hops}},
		}
		if got := trace.Remedy(a, "-f x"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		a.Verdict = verdict.Unknown
		if got := trace.Remedy(a, "-f x"); got != "" {
			t.Errorf("%s: %q for what is not denied", c.name, got)
		}
	}
}
