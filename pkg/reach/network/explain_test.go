// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

func npRef(name string) ref.Ref {
	return ref.Ref{Group: "networking.k8s.io", Version: "v1", Kind: "NetworkPolicy", Namespace: "shop", Name: name}
}

// TestAllowed checks who is named for an allowance.
func TestAllowed(t *testing.T) {
	const first = "{podSelector: {matchLabels: {app: back}}, ingress: [{ports: [{port: 1}]}, {from: [{podSelector: {matchLabels: {app: front}}}], ports: [{port: 8080}, {port: web}]}]}"
	s := modeltest.Files(t, "np.yaml", base+np(first))
	_, got := decide(t, s, network.Options{}, "shop/front -> shop/back")
	if !strings.HasPrefix(got.Where, "np.yaml:") || got.Where == "np.yaml:1:1" {
		t.Errorf("where: %q", got.Where)
	}
	got.Where = ""
	want := verdict.Hop{Number: verdict.NetworkPolicy, Name: "NetworkPolicy ingress", Verdict: verdict.Allow, Only: true, Decider: verdict.Decider{
		Object: npRef("p"), Pointer: "/spec/ingress/1", Rule: "rule 2", Reason: "podSelector app=front at TCP 8080, TCP web",
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	second := strings.Replace(np("{podSelector: {}, ingress: [{}]}"), "name: p,", "name: q,", 1)
	s = modeltest.Live(t, base+np(first)+second)
	if _, got = decide(t, s, network.Options{}, "shop/front -> shop/back"); got.Only || got.Where != "NetworkPolicy shop/p: /spec/ingress/1" {
		t.Errorf("with a second policy: %+v", got)
	}
	if _, got = decide(t, s, network.Options{}, "ops/front -> shop/back 7"); !got.Only || got.Reason != "all peers" || got.Object.Name != "q" {
		t.Errorf("everybody: %+v", got)
	}
	s = modeltest.Live(t, base+np(denyAll)+admin("a", "1", "ingress: [{action: Accept, "+fromAll+"}]"))
	_, got = decide(t, s, network.Options{}, "ops/front -> shop/back 7")
	if !got.Only || got.Reason != "namespaces all" || cmp.Diff(got.Notes, []string{"ClusterNetworkPolicy a decides before NetworkPolicy shop/p"}) != "" {
		t.Errorf("an administrator's rule: %+v", got)
	}
}

// TestNearest checks what a denial is said to miss by.
func TestNearest(t *testing.T) {
	for name, c := range map[string]struct {
		rules, question string
		rule            string
		wants, has      []string
		fix             string
	}{
		"pod label": {
			"[{from: [{podSelector: {matchLabels: {app: front, tier: web}}}]}, {from: [{namespaceSelector: {matchLabels: {team: b}}, podSelector: {matchLabels: {app: other}}}]}]",
			"shop/front -> shop/back", "rule 1", []string{"pod label tier=web"}, []string{"no pod label tier"}, "rule 1 of NetworkPolicy shop/p wants pod label tier=web and finds no pod label tier: change one of them",
		},
		"own namespace":   {"[{from: [{podSelector: {matchLabels: {app: front}}}]}]", "ops/front -> shop/back", "rule 1", []string{"namespace shop"}, []string{"namespace ops"}, ""},
		"namespace label": {"[{from: [{namespaceSelector: {matchLabels: {team: a}}}]}]", "ops/front -> shop/back", "rule 1", []string{"namespace label team=a"}, []string{"namespace label team=b"}, ""},
		"expressions": {
			"[{from: [{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [front]}, {key: zone, operator: Exists}, {key: app, operator: DoesNotExist}]}}]}]", "shop/front -> shop/back", "rule 1",
			[]string{"pod label other than app", "pod label app other than front", "pod label zone"}, []string{"pod label app=front", "pod label app=front", "no pod label zone"}, "",
		},
		"port":     {"[{ports: [{port: 81}, {port: web, protocol: UDP}]}]", "ops/front -> shop/back", "rule 1", []string{"port TCP 81, UDP web"}, []string{"port TCP 8080"}, "rule 1 of NetworkPolicy shop/p wants port TCP 81, UDP web and finds port TCP 8080: change one of them"},
		"protocol": {"[{from: [{podSelector: {matchLabels: {app: other, x: v}}}]}, {ports: [{port: 8080, protocol: UDP}]}]", "ops/front -> shop/back", "rule 2", []string{"protocol UDP 8080"}, []string{"protocol TCP"}, ""},
		"address":  {"[{from: [{ipBlock: {cidr: 198.51.100.0/24}}]}]", "8.8.8.8/32 -> shop/back", "rule 1", []string{"ipBlock 198.51.100.0/24"}, []string{"address 8.8.8.8/32"}, ""},
		"host":     {"[{from: [{podSelector: {}}]}]", "shop/host -> shop/back", "rule 1", []string{"podSelector all"}, []string{"a pod on the host network, which no selector selects"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := modeltest.Live(t, base+np("{podSelector: {}, ingress: "+c.rules+"}"))
			_, got := decide(t, s, network.Options{}, c.question)
			if got.Verdict != verdict.Deny || got.Object != npRef("p") || got.Rule != "no rule" || got.Where != "NetworkPolicy shop/p: /spec/podSelector" {
				t.Errorf("decider: %+v", got)
			}
			if len(got.Nearest) != 1 {
				t.Fatalf("nearest: %+v", got.Nearest)
			}
			near := got.Nearest[0]
			if near.Rule != c.rule || cmp.Diff(c.wants, near.Wants) != "" || cmp.Diff(c.has, near.Has) != "" {
				t.Errorf("nearest: %+v", near)
			}
			if c.fix != "" && got.Fix != c.fix {
				t.Errorf("fix: %s", got.Fix)
			}
		})
	}
}

// TestDenied checks who is named for a denial.
func TestDenied(t *testing.T) {
	s := modeltest.Live(t, base+np("{podSelector: {}, ingress: []}")+strings.Replace(np("{podSelector: {}, ingress: []}"), "name: p,", "name: q,", 1))
	_, got := decide(t, s, network.Options{}, "ops/front -> shop/back")
	if got.Reason != "with NetworkPolicy shop/q it selects the pod for ingress, and no rule matches" || got.Fix != "add a rule for ingress to NetworkPolicy shop/p" || len(got.Nearest) != 0 {
		t.Errorf("two policies: %+v", got)
	}
	s = modeltest.Live(t, base+admin("a", "1", "ingress: [{action: Accept, "+fromAll+", protocols: [{tcp: {destinationPort: {number: 1}}}]}, {action: Deny, "+fromAll+"}, {action: Accept, "+fromAll+"}]"))
	_, got = decide(t, s, network.Options{}, "ops/front -> shop/back")
	if got.Pointer != "/spec/ingress/1" || got.Rule != "rule 2" || got.Reason != "namespaces all" || len(got.Nearest) != 1 || got.Nearest[0].Rule != "rule 1" || got.Fix != "allow it by a rule before rule 2 of ClusterNetworkPolicy a" {
		t.Errorf("a rule that denies: %+v", got)
	}
	s = modeltest.Live(t, base+admin("a", "1", "ingress: [{action: Deny, from: [{planets: {}}]}]"))
	if _, got = decide(t, s, network.Options{}, "ops/front -> shop/back"); !strings.Contains(got.Reason, "newer version of the API") {
		t.Errorf("fails closed: %+v", got)
	}
}

// TestNotes checks the traps that are told on the way.
func TestNotes(t *testing.T) {
	block := np("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/24}}]}]}")
	for name, c := range map[string]struct {
		policies string
		options  network.Options
		question string
		note     string // what some note contains; "-" for no note
	}{
		"the port of the Service":          {np("{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"), network.Options{}, "ops/front -> shop/back", "rule 1 of NetworkPolicy shop/p names 80, the port of Service shop/back: policies see the port of the pod, 8080"},
		"the port of the DNS Service":      {np("{podSelector: {}, ingress: [{ports: [{port: 53, protocol: UDP}]}]}"), network.Options{}, "ops/front -> shop/back UDP 5353", "names 53, the port of Service shop/back"},
		"not where the peer is not meant":  {np("{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}"), network.Options{}, "ops/front -> shop/back", "-"},
		"not of another protocol":          {np("{podSelector: {}, ingress: [{ports: [{port: 80, protocol: UDP}]}]}"), network.Options{}, "ops/front -> shop/back", "-"},
		"not matched":                      {block, network.Options{}, "shop/front -> shop/back", "ipBlock 10.0.0.0/24 is taken not to match the addresses of pods, which depends on the network plugin"},
		"matched":                          {block, network.Options{BlocksMatchPods: true}, "shop/front -> shop/back", "ipBlock 10.0.0.0/24 is taken to match the addresses of pods"},
		"of no concern":                    {block, network.Options{}, "ops/front -> shop/back", "-"},
		"8 the address may be another's":   {block, network.Options{}, "10.0.0.7/32 -> shop/back", "which may be that of a node or load balancer"},
		"one priority":                     {admin("a", "1", "ingress: [{action: Accept, "+fromAll+"}]") + admin("b", "1", "ingress: [{action: Accept, "+fromAll+"}]"), network.Options{}, "ops/front -> shop/back", "ClusterNetworkPolicy a and ClusterNetworkPolicy b have the same priority and both match"},
		"10 host network either way":       {np("{podSelector: {}, ingress: [{}]}"), network.Options{}, "ops/front -> shop/host", "allowed either way"},
		"a foreign policy beside a denial": {np("{podSelector: {}, ingress: []}") + "---\n{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: x, namespace: shop}}", network.Options{}, "ops/front -> shop/back", "CiliumNetworkPolicy shop/x of cilium.io may decide otherwise"},
	} {
		t.Run(name, func(t *testing.T) {
			_, got := decide(t, modeltest.Live(t, base+c.policies), c.options, c.question)
			if notes := strings.Join(got.Notes, "\n"); c.note == "-" && notes != "" || c.note != "-" && !strings.Contains(notes, c.note) {
				t.Errorf("notes: %q", got.Notes)
			}
		})
	}
}

// TestUnknown checks the reasons of what is unknown.
func TestUnknown(t *testing.T) {
	for name, c := range map[string]struct{ policies, question, reason, pointer string }{
		"CIDR":      {np("{podSelector: {}, ingress: [{}, {from: [{ipBlock: {cidr: x}}]}]}"), "ops/front -> shop/back", "all peers", "/spec/ingress/0"},
		"only CIDR": {np("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: x}}]}]}"), "ops/front -> shop/back", `the ipBlock "x" is no CIDR`, "/spec/ingress/0"},
		"host":      {np("{podSelector: {}, ingress: []}"), "ops/front -> shop/host", "the pod is on the host network, where the effect of NetworkPolicies is not defined", ""},
		"priority":  {admin("a", "1", "ingress: [{action: Accept, "+fromAll+"}]") + admin("b", "1", "ingress: [{action: Deny, "+fromAll+"}]"), "ops/front -> shop/back", "ClusterNetworkPolicy a and ClusterNetworkPolicy b have the same priority and both match: which of them decides is not defined", ""},
		"part":      {np("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 198.51.100.0/24}}]}]}"), "198.51.0.0/16 -> shop/back", "ipBlock 198.51.100.0/24 takes in some addresses of 198.51.0.0/16, but not all", "/spec/ingress/0"},
		"selector":  {np("{podSelector: {matchExpressions: [{key: a, operator: In}]}, ingress: []}"), "ops/front -> shop/back", "the selector is invalid", "/spec/podSelector"},
	} {
		t.Run(name, func(t *testing.T) {
			_, got := decide(t, modeltest.Live(t, base+c.policies), network.Options{}, c.question)
			if !strings.HasPrefix(got.Reason, c.reason) || got.Pointer != c.pointer || (got.Verdict == verdict.Unknown) != (name != "CIDR") {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestPartial checks files, which leave out the labels of namespaces and the
// addresses of pods.
func TestPartial(t *testing.T) {
	const world = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: prom, namespace: ops}
spec: {selector: {matchLabels: {app: prom}}, template: {metadata: {labels: {app: prom}}, spec: {containers: [{name: c}]}}}
`
	for name, c := range map[string]struct{ policy, question, verdicts string }{
		"labels are not known":                     {np("{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}}]}]}"), "ops/prom -> shop/web", "none unknown"},
		"the name is":                              {np("{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}]}]}"), "ops/prom -> shop/web", "none allow"},
		"another name is not":                      {np("{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b, kubernetes.io/metadata.name: x}}}]}]}"), "ops/prom -> shop/web", "none deny"},
		"pod labels rule it out":                   {np("{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}, podSelector: {matchLabels: {app: x}}}]}]}"), "ops/prom -> shop/web", "none deny"},
		"every namespace":                          {np("{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}"), "ops/prom -> shop/web", "none allow"},
		"no address yet":                           {admin("a", "1", "egress: [{action: Deny, to: [{networks: [10.0.0.0/8]}]}]"), "ops/prom -> shop/web", "unknown none"},
		"replicas of one template are not one pod": {np("{podSelector: {}, ingress: []}"), "shop/web -> shop/web", "none deny"},
		"subject by labels of its namespace":       {cluster("AdminNetworkPolicy", "a", "{priority: 1, subject: {namespaces: {matchLabels: {team: a}}}, ingress: [{action: Deny, "+fromAll+"}]}"), "ops/prom -> shop/web", "none unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			s := modeltest.Files(t, "all.yaml", world+c.policy)
			egress, ingress := decide(t, s, network.Options{}, c.question)
			if got := egress.Verdict.String() + " " + ingress.Verdict.String(); got != c.verdicts {
				t.Errorf("got %s\n%+v\n%+v", got, egress, ingress)
			}
			words := strings.Fields(c.question)
			m := network.New(s, network.Options{}).Matrix([]model.Peer{peer(t, s, words[0]), peer(t, s, words[2])})
			src, dst := m.ClassOf(0), m.ClassOf(1)
			total := verdict.Of([]verdict.Hop{egress, ingress})
			if m.Allowed(src, dst).All() != (total == verdict.Allow) || m.Unknown(src, dst).All() != (total == verdict.Unknown) {
				t.Errorf("matrix: allowed %s, unknown %s", m.Allowed(src, dst), m.Unknown(src, dst))
			}
		})
	}
}
