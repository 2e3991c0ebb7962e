// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// admin is a ClusterNetworkPolicy of the Admin tier about all pods.
func admin(name, priority, rules string) string {
	return cluster("ClusterNetworkPolicy", name, "{tier: Admin, priority: "+priority+", subject: {namespaces: {}}, "+rules+"}")
}

const (
	denyAll = "{podSelector: {}, policyTypes: [Ingress, Egress]}"
	fromAll = "from: [{namespaces: {}}]"
	toAll   = "to: [{namespaces: {}}]"
)

// ofBase is a ClusterNetworkPolicy of the Baseline tier about all pods.
func ofBase(rules string) string {
	return cluster("ClusterNetworkPolicy", "base", "{tier: Baseline, priority: 5, subject: {namespaces: {}}, "+rules+"}")
}

func TestClusterWide(t *testing.T) { check(t, clusterWide) }

// clusterWide holds the semantics of ANP, BANP and ClusterNetworkPolicy.
var clusterWide = map[string]scenario{
	"an administrator's allow beats a NetworkPolicy that does not list it": {
		policies: np(denyAll) + cluster("AdminNetworkPolicy", "a", "{priority: 1, subject: {namespaces: {}}, ingress: [{action: Allow, "+fromAll+", ports: [{portNumber: {port: 8080}}]}]}"),
		want:     want{"ops/front -> shop/back": "none allow", "ops/front -> shop/back 1": "none deny", "8.8.8.8/32 -> shop/back": "none deny"},
	},
	"in v1alpha2": {
		policies: np(denyAll) + admin("a", "1", "ingress: [{action: Accept, "+fromAll+"}]"),
		want:     want{"ops/front -> shop/back": "none allow", "shop/front -> shop/back": "deny allow"},
	},
	"a NetworkPolicy makes the baseline irrelevant, for its direction": {
		policies: np("{podSelector: {matchLabels: {app: back}}, ingress: [{from: [{namespaceSelector: {}}]}]}") + ofBase("ingress: [{action: Deny, "+fromAll+"}], egress: [{action: Deny, "+toAll+"}]"),
		want:     want{"ops/front -> shop/back": "deny allow", "ops/front -> shop/back2": "deny deny", "shop/back -> ops/front": "deny deny", "8.8.8.8/32 -> shop/back2": "none allow"},
	},
	"BANP holds where no NetworkPolicy selects": {
		policies: cluster("BaselineAdminNetworkPolicy", "default", "{subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: back}}}}, ingress: [{action: Allow, from: [{pods: {namespaceSelector: {matchLabels: {team: a}}, podSelector: {}}}]}, {action: Deny, "+fromAll+"}]}"),
		want:     want{"shop/front -> shop/back": "none allow", "ops/front -> shop/back": "none deny", "ops/front -> shop/back2": "none none", "8.8.8.8/32 -> shop/back": "none allow"},
	},
	"pass leaves it to NetworkPolicies, and of the baseline to the default": {
		policies: admin("a", "1", "ingress: [{action: Pass, from: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: front}}}}]}, {action: Deny, "+fromAll+"}]") +
			ofBase("ingress: [{action: Pass, from: [{namespaces: {matchLabels: {team: a}}}]}, {action: Deny, "+fromAll+"}]"),
		want: want{"shop/front -> shop/back": "none allow", "ops/front -> shop/back": "none deny", "shop/back2 -> shop/back": "none deny"},
	},
	"the lowest number goes first, and the first rule that matches": {
		policies: admin("z", "1", "ingress: [{action: Deny, "+fromAll+", protocols: [{tcp: {destinationPort: {number: 8080}}}]}, {action: Accept, "+fromAll+"}]") + admin("a", "2", "ingress: [{action: Accept, "+fromAll+"}]"),
		want:     want{"ops/front -> shop/back": "none deny", "ops/front -> shop/back 1": "none allow"},
	},
	"one priority: undefined where they disagree": {
		policies: admin("a", "1", "ingress: [{action: Deny, from: [{namespaces: {matchLabels: {team: b}}}]}]") + admin("b", "1", "ingress: [{action: Accept, "+fromAll+"}]") + admin("c", "0", "ingress: [{action: Pass, "+fromAll+", protocols: [{udp: {}}]}]"),
		want:     want{"ops/front -> shop/back": "none unknown", "shop/front -> shop/back": "none allow", "ops/front -> shop/back UDP 7": "none allow"},
	},
	"ports of v1alpha2": {
		policies: admin("a", "1", "ingress: [{action: Deny, "+fromAll+", protocols: [{tcp: {destinationPort: {range: {start: 8000, end: 8080}}}}, {destinationNamedPort: dns}, {sctp: {}}]}]"),
		want: want{
			"ops/front -> shop/back": "none deny", "ops/front -> shop/back 8081": "none allow", "ops/front -> shop/back UDP 5353": "none deny", "ops/front -> shop/back2 UDP 5353": "none allow",
			"ops/front -> shop/back SCTP 9": "none deny", "ops/front -> shop/back 5353": "none allow",
		},
	},
	"ports of v1alpha1": {
		policies: cluster("AdminNetworkPolicy", "a", "{priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, "+fromAll+", ports: [{portRange: {start: 8000, end: 8080}}, {namedPort: dns}]}]}"),
		want:     want{"ops/front -> shop/back": "none deny", "ops/front -> shop/back UDP 5353": "none deny", "ops/front -> shop/back UDP 8080": "none allow"},
	},
	"networks match pods by their address": {
		policies: admin("a", "1", "egress: [{action: Deny, to: [{networks: [10.0.0.0/24, 'fd00::/8']}]}]"),
		want: want{
			"ops/front -> shop/back": "deny none", "ops/front -> shop/host": "allow none", "ops/front -> 10.0.0.200/32": "deny none",
			"ops/front -> 10.0.1.1/32": "allow none", "shop/front -> ops/front": "allow none",
		},
	},
	"networks that take in one address of a pod of two": {
		policies: admin("a", "1", "egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]"),
		want:     want{"ops/front -> shop/back": "unknown none", "ops/front -> shop/front": "deny none", "ops/front -> 0.0.0.0/0": "deny none", "ops/front -> ::/0": "allow none"},
	},
	"nodes are unknown": {
		policies: admin("a", "1", "egress: [{action: Deny, to: [{nodes: {}}]}]"),
		want:     want{"ops/front -> 192.168.0.5/32": "unknown none", "ops/front -> shop/host": "unknown none", "ops/front -> shop/back": "allow none", "ops/front -> node": "allow allow"},
	},
	"domain names are unknown": {
		policies: admin("a", "1", "egress: [{action: Accept, to: [{domainNames: [example.com]}]}, {action: Deny, to: [{networks: [0.0.0.0/0]}]}]"),
		want:     want{"ops/front -> 8.8.8.8/32": "unknown none", "ops/front -> shop/front": "deny none"},
	},
	"pods of the host network are neither subject nor peer": {
		policies: admin("a", "1", "ingress: [{action: Deny, "+fromAll+"}], egress: [{action: Deny, to: [{pods: {namespaceSelector: {}, podSelector: {}}}]}]"),
		want:     want{"shop/host -> shop/back": "none allow", "ops/front -> shop/host": "allow none"},
	},
	"a newer peer fails closed: an allow matches nothing": {
		policies: admin("a", "1", "ingress: [{action: Accept, from: [{namespaces: {}}, {planets: {}}]}]") + np(denyAll),
		want:     want{"ops/front -> shop/back": "none deny"},
	},
	"a newer peer fails closed: a deny denies all": {
		policies: admin("a", "1", "ingress: [{action: Deny, from: [{planets: {}}], protocols: [{tcp: {}}]}]"),
		want:     want{"ops/front -> shop/back UDP 1": "none deny", "8.8.8.8/32 -> shop/back": "none deny", "node -> shop/back": "allow allow"},
	},
	"a newer peer fails closed: a pass denies all": {
		policies: cluster("AdminNetworkPolicy", "a", "{priority: 1, subject: {namespaces: {}}, ingress: [{action: Pass, from: [{}]}]}"),
		want:     want{"ops/front -> shop/back": "none deny"},
	},
	"a newer field beside one that is known fails closed": {
		policies: admin("a", "1", "egress: [{action: Accept, to: [{namespaces: {}, planets: {}}]}, {action: Deny, "+toAll+"}]"),
		want:     want{"ops/front -> shop/back": "deny none"},
	},
	"a peer of egress in ingress is newer": {
		policies: admin("a", "1", "ingress: [{action: Deny, from: [{networks: [203.0.113.0/24]}]}]"),
		want:     want{"ops/front -> shop/back": "none deny"},
	},
	"a newer protocol fails closed": {
		policies: admin("a", "1", "ingress: [{action: Accept, "+fromAll+", protocols: [{quic: {}}]}, {action: Deny, "+fromAll+", protocols: [{tcp: {destinationPort: {name: x}}}]}]"),
		want:     want{"ops/front -> shop/back UDP 1": "none deny"},
	},
	"a newer port of v1alpha1 fails closed": {
		policies: cluster("AdminNetworkPolicy", "a", "{priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, "+fromAll+", ports: [{portSet: {}}]}]}"),
		want:     want{"ops/front -> shop/back": "none deny"},
	},
}

// TestBrokenClusterWide checks that what the API server would have refused is unknown.
func TestBrokenClusterWide(t *testing.T) {
	unknown := want{"ops/front -> shop/back": "none unknown", "shop/back -> ops/front": "none unknown"}
	rule := "ingress: [{action: Deny, " + fromAll + "}]"
	check(t, map[string]scenario{
		"no priority":        {policies: cluster("ClusterNetworkPolicy", "a", "{tier: Admin, subject: {namespaces: {}}, "+rule+"}"), want: unknown},
		"no such tier":       {policies: cluster("ClusterNetworkPolicy", "a", "{tier: Middle, priority: 1, subject: {namespaces: {}}, "+rule+"}"), want: unknown},
		"no subject":         {policies: cluster("ClusterNetworkPolicy", "a", "{tier: Admin, priority: 1, "+rule+"}"), want: unknown},
		"another baseline":   {policies: cluster("BaselineAdminNetworkPolicy", "a", "{subject: {namespaces: {}}, "+rule+"}"), want: unknown},
		"no such action":     {policies: admin("a", "1", "ingress: [{action: Allow, "+fromAll+"}]"), want: unknown},
		"pass of a baseline": {policies: cluster("BaselineAdminNetworkPolicy", "default", "{subject: {namespaces: {}}, ingress: [{action: Pass, "+fromAll+"}]}"), want: unknown},
		"no peers":           {policies: admin("a", "1", "ingress: [{action: Deny}]"), want: unknown},
		"two fields":         {policies: admin("a", "1", "ingress: [{action: Deny, from: [{namespaces: {}, pods: {}}]}]"), want: unknown},
		"selector":           {policies: admin("a", "1", "ingress: [{action: Deny, from: [{namespaces: {matchExpressions: [{key: a, operator: In}]}}]}]"), want: unknown},
		"port":               {policies: admin("a", "1", "ingress: [{action: Deny, "+fromAll+", protocols: [{tcp: {destinationPort: {range: {start: 9, end: 1}}}}]}]"), want: unknown},
		"protocol":           {policies: cluster("AdminNetworkPolicy", "a", "{priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, "+fromAll+", ports: [{portNumber: {protocol: X, port: 1}}]}]}"), want: unknown},
		"network":            {policies: admin("a", "1", "egress: [{action: Deny, to: [{networks: [x]}]}]"), want: want{"ops/front -> shop/back": "unknown none"}},
		"selector of the subject": {
			policies: cluster("ClusterNetworkPolicy", "a", "{tier: Admin, priority: 1, subject: {namespaces: {matchExpressions: [{key: a, operator: In}]}}, "+rule+"}"), want: unknown,
		},
	})
}

// TestGaps checks that what could not be read leaves the answer unknown, unless
// it is settled all the same.
func TestGaps(t *testing.T) {
	gap := func(k *model.Kind, namespace string, missing bool) model.Gap {
		return model.Gap{Kind: k.GroupKind, Namespace: namespace, Missing: missing, Reason: "cannot list " + k.Resource}
	}
	open := np("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}")
	for name, c := range map[string]struct {
		gap    model.Gap
		policy string
		want   want
		reason string
	}{
		"NetworkPolicies of a namespace": {
			gap(model.NetworkPolicies.Kind, "shop", false), "", want{"ops/front -> shop/back": "none unknown", "shop/back -> ops/front": "unknown none"}, "cannot list networkpolicies",
		},
		"a rule that allows is enough": {
			gap(model.NetworkPolicies.Kind, "", false), open, want{"shop/front -> shop/back": "unknown allow", "ops/front -> shop/back": "unknown unknown"}, "",
		},
		"administrators may overrule it": {
			gap(model.AdminNetworkPolicies.Kind, "", false), open, want{"shop/front -> shop/back": "unknown unknown"}, "cannot list adminnetworkpolicies",
		},
		"the baseline matters where no NetworkPolicy selects": {
			gap(model.BaselineAdminNetworkPolicies.Kind, "", false), open, want{"shop/front -> shop/back": "unknown allow", "ops/front -> shop/back": "unknown deny"}, "",
		},
		"a kind that is not served is no gap": {
			gap(model.ClusterNetworkPolicies.Kind, "", true), open, want{"shop/front -> shop/back": "none allow"}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := modeltest.Live(t, base+c.policy).Without(c.gap)
			for question, verdicts := range c.want {
				egress, ingress := decide(t, s, network.Options{}, question)
				if got := egress.Verdict.String() + " " + ingress.Verdict.String(); got != verdicts {
					t.Errorf("%s: got %s, want %s", question, got, verdicts)
				}
				if hop := ingress; c.reason != "" && hop.Verdict == verdict.Unknown && hop.Reason != c.reason {
					t.Errorf("%s: reason %q", question, hop.Reason)
				}
			}
			caveats := network.New(s, network.Options{}).Matrix(nil).Caveats()
			if (len(caveats) == 0) != c.gap.Missing {
				t.Errorf("caveats: %+v", caveats)
			}
		})
	}
}

// TestUnreadable checks objects of a version that nobody knows.
func TestUnreadable(t *testing.T) {
	s := modeltest.Live(t, base+strings.Replace(admin("a", "1", ""), "v1alpha2", "v9", 1))
	_, ingress := decide(t, s, network.Options{}, "ops/front -> shop/back")
	if ingress.Verdict != verdict.Unknown || !strings.Contains(ingress.Reason, "ClusterNetworkPolicy a does not fit") {
		t.Errorf("%+v", ingress)
	}
}

// TestForeign checks that policies of other APIs make an allowance unknown, in
// the namespaces they are about.
func TestForeign(t *testing.T) {
	for name, c := range map[string]struct {
		object string
		want   want
	}{
		"Cilium, of a namespace": {"{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: x, namespace: shop}}", want{"ops/front -> shop/back": "none unknown", "shop/front -> ops/front": "unknown none", "shop/front -> shop/front": "allow allow"}},
		"Calico, everywhere":     {"{apiVersion: crd.projectcalico.org/v1, kind: GlobalNetworkPolicy, metadata: {name: x}}", want{"ops/front -> shop/back": "unknown unknown", "8.8.8.8/32 -> ops/front": "none unknown"}},
		"Antrea, of another":     {"{apiVersion: crd.antrea.io/v1beta1, kind: NetworkPolicy, metadata: {name: x, namespace: ops}}", want{"shop/front -> shop/back": "none none", "ops/front -> shop/back": "unknown none"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := modeltest.Live(t, base+"---\n"+c.object)
			for question, verdicts := range c.want {
				egress, ingress := decide(t, s, network.Options{}, question)
				if got := egress.Verdict.String() + " " + ingress.Verdict.String(); got != verdicts {
					t.Errorf("%s: got %s, want %s\n%+v\n%+v", question, got, verdicts, egress, ingress)
				}
			}
		})
	}
}
