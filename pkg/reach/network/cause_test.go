// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// TestCause holds the rule of the registry that a denial names.
func TestCause(t *testing.T) {
	allowed := "ingress: [{from: [{namespaceSelector: {}}]}]"
	for name, c := range map[string]struct{ policies, question, want string }{
		"somebody else is meant":     {np("{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: x}}}]}]}"), "shop/front -> shop/back", ""},
		"no rule at all":             {np("{podSelector: {}, ingress: []}"), "shop/front -> shop/back", "KM7012"},
		"a type is left out":         {np("{podSelector: {}, policyTypes: [Egress], egress: [{}], "+allowed+"}") + other(np("{podSelector: {}, ingress: []}")), "shop/front -> shop/back", "KM7011"},
		"a block and a pod":          {np("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"), "shop/front -> shop/back", "KM7015"},
		"a protocol without a port":  {np("{podSelector: {}, ingress: [{ports: [{protocol: UDP}]}]}"), "shop/front -> shop/back", "KM7016"},
		"the port of the Service":    {np("{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"), "shop/front -> shop/back", "KM7017"},
		"a name of another port":     {np("{podSelector: {}, ingress: [{ports: [{port: web}]}]}"), "shop/front -> shop/back2", "KM7018"},
		"a pod of the host network":  {np("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"), "shop/host -> shop/back", "KM7019"},
		"an administrator overrules": {np("{podSelector: {}, "+allowed+"}") + admin("a", "1", "ingress: [{action: Deny, "+fromAll+"}]"), "ops/front -> shop/back", "KM7020"},
		"an administrator alone":     {admin("a", "1", "ingress: [{action: Deny, "+fromAll+"}]"), "ops/front -> shop/back", ""},
		"a newer version":            {admin("a", "1", "ingress: [{action: Deny, from: [{planets: {}}]}]"), "ops/front -> shop/back", "KM7023"},
	} {
		t.Run(name, func(t *testing.T) {
			question := c.question
			if name == "a name of another port" {
				question += " 8080"
			}
			_, got := decide(t, modeltest.Live(t, base+c.policies), network.Options{}, question)
			if got.Verdict != verdict.Deny || got.ID != c.want {
				t.Errorf("expected a denial and %q, found %s and %q: %+v", c.want, got.Verdict, got.ID, got)
			}
		})
	}
}

// TestNearestOrder holds which rules are near, and which of them comes first.
func TestNearestOrder(t *testing.T) {
	const front = "podSelector: {matchLabels: {app: front}}"
	for name, c := range map[string]struct {
		rules string
		want  []string
	}{
		"another port of this peer before another peer":    {"[{from: [{podSelector: {matchLabels: {app: x}}}]}, {from: [{" + front + "}], ports: [{port: 1}]}]", []string{"rule 2"}},
		"another peer and another port is neither":         {"[{from: [{podSelector: {matchLabels: {app: x}}}], ports: [{port: 53, protocol: UDP}]}]", nil},
		"another label before another label and namespace": {"[{from: [{namespaceSelector: {matchLabels: {team: b}}, podSelector: {matchLabels: {app: x}}}]}, {from: [{podSelector: {matchLabels: {app: x}}}]}]", []string{"rule 2"}},
		"labels before addresses":                          {"[{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}, {from: [{podSelector: {matchLabels: {app: x, zone: v}}}]}]", []string{"rule 2"}},
		"addresses where there is nothing else":            {"[{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]", []string{"rule 1"}},
		"those that are as near, at most three of them":    {"[{from: [{podSelector: {matchLabels: {app: a}}}]}, {from: [{podSelector: {matchLabels: {app: b}}}]}, {from: [{podSelector: {matchLabels: {app: c}}}]}, {from: [{podSelector: {matchLabels: {app: d}}}]}]", []string{"rule 1", "rule 2", "rule 3"}},
		"within a rule, the selector before the ipBlock":   {"[{from: [{ipBlock: {cidr: 192.0.2.0/24}}, {podSelector: {matchLabels: {app: x, zone: v}}}]}, {from: [{podSelector: {matchLabels: {app: a, b: c, d: e}}}]}]", []string{"rule 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, got := decide(t, modeltest.Live(t, base+np("{podSelector: {}, ingress: "+c.rules+"}")), network.Options{}, "shop/front -> shop/back")
			var rules []string
			for _, m := range got.Nearest {
				rules = append(rules, m.Rule)
			}
			if d := cmp.Diff(c.want, rules); got.Verdict != verdict.Deny || d != "" {
				t.Errorf("%s (-want +got):\n%s\n%+v", got.Verdict, d, got.Nearest)
			}
		})
	}
}

// TestTunnel holds ambient mode from the side of the network: the port of the tunnel is
// a port like any other, and the port of the application says nothing about it.
func TestTunnel(t *testing.T) {
	t.Run("a rule for the application", func(t *testing.T) {
		s := modeltest.Live(t, base+np("{podSelector: {}, ingress: [{ports: [{port: 8080}]}]}"))
		if _, got := decide(t, s, network.Options{}, "ops/front -> shop/back 15008"); got.Verdict != verdict.Deny {
			t.Errorf("expected a rule for port 8080 to cut HBONE, found %s", got.Verdict)
		}
		s = modeltest.Live(t, base+np("{podSelector: {}, ingress: [{ports: [{port: 15008}]}]}"))
		if _, got := decide(t, s, network.Options{}, "ops/front -> shop/back 15008"); got.Verdict != verdict.Allow {
			t.Errorf("expected a rule for port 15008 to let HBONE in, found %s", got.Verdict)
		}
	})
}

// renamed calls a policy q.
var renamed = strings.NewReplacer("name: p,", "name: q,")

// other renames a policy.
func other(policy string) string {
	return renamed.Replace(policy)
}
