// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package trace_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/trace"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

func TestEnds(t *testing.T) {
	for _, c := range []struct {
		args     []string
		from, to string
	}{
		{[]string{"a", "b"}, "a", "b"},
		{[]string{"a", "to", "b"}, "a", "b"},
		{[]string{"to", "b"}, "to", "b"},
		{[]string{"a->b"}, "a", "b"},
		{[]string{" a -> b "}, "a", "b"},
		{[]string{"a", "-"}, "", ""},
		{[]string{"a", "from", "b"}, "", ""},
		{[]string{"->b"}, "", ""},
		{[]string{"a", " "}, "", ""},
		{nil, "", ""},
	} {
		from, to, err := trace.Ends(&cobra.Command{Use: "check"}, c.args)
		if from != c.from || to != c.to || (err != nil) != (c.from == "") || err != nil && fault.KindOf(err) != fault.Usage {
			t.Errorf("%q is %q and %q (%v), want %q and %q", c.args, from, to, err, c.from, c.to)
		}
	}
}

// uneven is an answer of which the pods fare differently, by a rule about the
// caller that comes near and one about another port.
func uneven() reach.Answer {
	policy := ref.Of("security.istio.io/v1", "AuthorizationPolicy", "shop", "b")
	deny := verdict.Hop{
		Number: verdict.Authorization, Name: "AuthorizationPolicy", Verdict: verdict.Deny,
		Decider: verdict.Decider{Object: policy, Where: "b.yaml:3:1", Rule: "no rule", Reason: "(ALLOW) matched no rule"},
		Fix:     "serviceAccountName: a in deploy/c, or the principal in rule 2",
		Nearest: []verdict.Miss{
			{Decider: verdict.Decider{Object: policy, Rule: "rule 1"}, Wants: []string{"port 9090"}, Has: []string{"port is 8080"}},
			{Decider: verdict.Decider{Object: policy, Rule: "rule 2"}, Wants: []string{"principal x/a"}, Has: []string{"caller is x/c (a default)"}},
			{Decider: verdict.Decider{Object: policy, Rule: "rule 3"}, Wants: []string{"method GET"}, Has: []string{"method is PUT"}},
		},
	}
	allow := deny
	allow.Verdict, allow.Rule, allow.Reason, allow.Nearest, allow.Only = verdict.Allow, "rule 1", "\x1b[31mGET\nx", nil, true
	return reach.Answer{
		From: reach.End{Text: "a"}, To: reach.End{Text: "b"}, Verdict: verdict.Deny, Hops: []verdict.Hop{deny}, Notes: []string{"a note"},
		Groups: []reach.Group{
			{Text: "1 of 2 pods", Port: 8080, Verdict: verdict.Deny, Hops: []verdict.Hop{deny}},
			{Text: "1 of 2 pods", Port: 8080, Verdict: verdict.Allow, Hops: []verdict.Hop{allow}},
		},
	}
}

func TestText(t *testing.T) {
	const head = "DENIED  a -> b (pod port 8080)\n"
	for _, c := range []struct {
		explain trace.Explain
		want    string
	}{
		{trace.None, head},
		{trace.Short, head + `denied  1 of 2 pods
 10 DENY AuthorizationPolicy  shop/b (ALLOW) matched no rule  b.yaml:3:1
          rule 3 wants  method GET
          method is     PUT
          (farther off: 2 rules, see --explain full)
allowed  1 of 2 pods
 10 ok   AuthorizationPolicy  shop/b rule 1: ^[[31mGET x (the only rule that does)  b.yaml:3:1
note: a note
let it through: do this
`},
		{trace.Full, head + `denied  1 of 2 pods
 10 DENY AuthorizationPolicy  shop/b (ALLOW) matched no rule  b.yaml:3:1
          rule 3 wants  method GET
          method is     PUT
          rule 2 wants  principal x/a
          caller is     x/c (a default)
          rule 1 wants  port 9090
          port is       8080
allowed  1 of 2 pods
 10 ok   AuthorizationPolicy  shop/b rule 1: ^[[31mGET x (the only rule that does)  b.yaml:3:1
note: a note
let it through: do this
`},
	} {
		var out strings.Builder
		if err := trace.Text(&out, uneven(), trace.Style{Explain: c.explain, Remedy: "do this"}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.explain, diff)
		}
	}
}

// A place is a file and a line, and nothing where there is none.
func TestDecider(t *testing.T) {
	for where, want := range map[string]struct {
		file string
		line int
	}{
		"a/b.yaml:12:3": {"a/b.yaml", 12}, "b.yaml:7": {"b.yaml", 7}, "NetworkPolicy shop/a spec.ingress[0]": {}, "": {},
	} {
		if d := trace.Decider(verdict.Decider{Where: where}); d.File != want.file || d.Line != want.line || d.Object != nil {
			t.Errorf("%q is %q line %d, want %q line %d", where, d.File, d.Line, want.file, want.line)
		}
	}
}
