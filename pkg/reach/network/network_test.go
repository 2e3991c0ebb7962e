// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// base is the world that the tables add policies to.
const base = `
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: ops, labels: {team: b}}}
---
apiVersion: v1
kind: Pod
metadata: {name: front, namespace: shop, labels: {app: front}}
spec: {containers: [{name: c}]}
status: {podIP: 10.0.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: back, namespace: shop, labels: {app: back, tier: data}}
spec:
  initContainers:
  - {name: proxy, restartPolicy: Always, ports: [{name: side, containerPort: 9000}]}
  - {name: setup, ports: [{name: setup, containerPort: 9001}]}
  containers: [{name: c, ports: [{name: web, containerPort: 8080}, {name: dns, containerPort: 5353, protocol: UDP}]}]
status: {podIP: 10.0.0.2, podIPs: [{ip: 10.0.0.2}, {ip: "fd00::2"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: back2, namespace: shop, labels: {app: back2}}
spec: {containers: [{name: c, ports: [{name: web, containerPort: 9090}]}]}
status: {podIP: 10.0.0.3}
---
apiVersion: v1
kind: Pod
metadata: {name: front, namespace: ops, labels: {app: front}}
spec: {containers: [{name: c}]}
status: {podIP: 10.0.1.1}
---
apiVersion: v1
kind: Pod
metadata: {name: host, namespace: shop, labels: {app: front}}
spec: {hostNetwork: true, containers: [{name: c}]}
status: {podIP: 192.168.0.5}
---
apiVersion: v1
kind: Pod
metadata: {name: done, namespace: shop, labels: {app: front}}
spec: {containers: [{name: c}]}
status: {phase: Succeeded, podIP: 10.0.0.9}
---
apiVersion: v1
kind: Service
metadata: {name: back, namespace: shop}
spec: {selector: {app: back}, ports: [{port: 80, targetPort: web}, {name: d, port: 53, targetPort: 5353, protocol: UDP}]}
`

// np is a NetworkPolicy of namespace shop called p.
func np(spec string) string {
	return "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: " + spec + "\n"
}

func cluster(kind, name, spec string) string {
	version := "v1alpha1"
	if kind == "ClusterNetworkPolicy" {
		version = "v1alpha2"
	}
	return "---\napiVersion: policy.networking.k8s.io/" + version + "\nkind: " + kind + "\nmetadata: {name: " + name + "}\nspec: " + spec + "\n"
}

// peer is a pod ("shop/front"), a range of addresses ("10.0.0.0/8"), "node", or "nothing".
func peer(t *testing.T, s *model.Snapshot, name string) model.Peer {
	t.Helper()
	switch name {
	case "node":
		return model.Peer{Node: true}
	case "nothing":
		return model.Peer{}
	}
	if p, err := netip.ParsePrefix(name); err == nil {
		return model.Peer{Block: p}
	}
	ns, pod, _ := strings.Cut(name, "/")
	p, found := model.Pods.Get(s, ns, pod)
	if !found {
		for _, p := range s.Peers(ns) {
			if p.Workload.Ref.Name == pod {
				return p
			}
		}
		t.Fatalf("no pod %s", name)
	}
	return model.Peer{Pod: p, Namespace: ns, Labels: p.Value.Labels, Spec: &p.Value.Spec}
}

// decide answers a question such as "shop/front -> shop/back UDP 53".
func decide(t *testing.T, s *model.Snapshot, o network.Options, question string) (egress, ingress verdict.Hop) {
	t.Helper()
	words := strings.Fields(question)
	c := network.Connection{From: peer(t, s, words[0]), To: peer(t, s, words[2]), Port: 8080}
	for _, w := range words[3:] {
		if port, err := strconv.Atoi(w); err == nil {
			c.Port = int32(port)
		} else {
			c.Protocol = corev1.Protocol(w)
		}
	}
	return network.New(s, o).Decide(c)
}

// want maps questions to the verdicts of egress and ingress.
type want map[string]string

type scenario struct {
	policies string
	options  network.Options
	want     want
}

func check(t *testing.T, scenarios map[string]scenario) {
	t.Helper()
	for name, c := range scenarios {
		t.Run(name, func(t *testing.T) {
			s := modeltest.Live(t, base+c.policies)
			for question, verdicts := range c.want {
				egress, ingress := decide(t, s, c.options, question)
				if got := egress.Verdict.String() + " " + ingress.Verdict.String(); got != verdicts {
					t.Errorf("%s: got %s, want %s\n%+v\n%+v", question, got, verdicts, egress, ingress)
				}
			}
		})
	}
}

func TestNetworkPolicy(t *testing.T) { check(t, networkPolicy) }

// networkPolicy holds every point of the semantics of NetworkPolicy v1, and its traps.
var networkPolicy = map[string]scenario{
	"1 selects pods of its own namespace, null as {}": {
		policies: np("{podSelector: null, policyTypes: [Ingress]}"),
		want:     want{"ops/front -> shop/back": "none deny", "shop/back -> ops/front": "none none", "shop/front -> shop/front 80": "allow allow"},
	},
	"2 types without policyTypes": {
		policies: np("{podSelector: {}, egress: [{ports: [{port: 1}]}]}"),
		want:     want{"shop/front -> ops/front": "deny none", "shop/front -> ops/front 1": "allow none", "ops/front -> shop/front": "none deny"},
	},
	"egress [] without policyTypes does not isolate egress": {
		policies: np("{podSelector: {}, egress: []}"),
		want:     want{"shop/front -> ops/front": "none none", "ops/front -> shop/front": "none deny"},
	},
	"ingress rules under policyTypes Egress have no effect": {
		policies: np("{podSelector: {}, policyTypes: [Egress], ingress: [{from: [{podSelector: {}}]}]}"),
		want:     want{"ops/front -> shop/front": "none none", "shop/front -> ops/front": "deny none"},
	},
	"3 and 4 the union of all policies, at both ends": {
		policies: np("{podSelector: {matchLabels: {app: back}}, ingress: [{from: [{podSelector: {matchLabels: {app: front}}}]}]}") +
			strings.Replace(np("{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{ports: [{port: 1}]}], egress: [{to: [{podSelector: {matchLabels: {app: back}}}]}]}"), "name: p,", "name: q,", 1),
		want: want{
			"shop/front -> shop/back": "allow allow", "shop/back2 -> shop/back": "allow deny", "shop/back2 -> shop/back 1": "allow allow",
			"shop/front -> shop/back2": "deny deny", "shop/front -> shop/back2 1": "deny allow",
		},
	},
	"5 and [{}] allows all": {
		policies: np("{podSelector: {}, ingress: [{}]}"),
		want:     want{"ops/front -> shop/front": "none allow", "8.8.8.8/32 -> shop/front": "none allow", "shop/host -> shop/front ICMP": "none allow"},
	},
	"[] denies all": {
		policies: np("{podSelector: {}, ingress: []}"),
		want:     want{"ops/front -> shop/front": "none deny", "8.8.8.8/32 -> shop/front": "none deny"},
	},
	"6 podSelector alone is the own namespace": {
		policies: np("{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: front}}}]}]}"),
		want:     want{"shop/front -> shop/back": "none allow", "ops/front -> shop/back": "none deny"},
	},
	"6 namespaceSelector {} is every namespace": {
		policies: np("{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}"),
		want:     want{"ops/front -> shop/back": "none allow", "8.8.8.8/32 -> shop/back": "none deny"},
	},
	"one element is AND": {
		policies: np("{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: a}}, podSelector: {matchLabels: {app: front}}}]}]}"),
		want:     want{"shop/front -> shop/back": "none allow", "ops/front -> shop/back": "none deny", "shop/back2 -> shop/back": "none deny"},
	},
	"two elements are OR": {
		policies: np("{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}}, {podSelector: {matchLabels: {app: front}}}]}]}"),
		want:     want{"shop/front -> shop/back": "none allow", "ops/front -> shop/back": "none allow", "shop/back2 -> shop/back": "none deny"},
	},
	"NotIn and DoesNotExist match an absent key": {
		policies: np(`{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [web]}]},
  ingress: [{from: [{podSelector: {matchExpressions: [{key: tier, operator: DoesNotExist}, {key: app, operator: Exists}]}}]}]}`),
		want: want{"shop/front -> shop/back2": "none allow", "shop/back -> shop/back2": "none deny", "shop/back -> shop/front": "none deny"},
	},
	"7 every namespace carries its name": {
		policies: np("{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}]}]}"),
		want:     want{"ops/front -> shop/back": "none allow", "shop/front -> shop/back": "none deny"},
	},
	"8 cidr without except": {
		policies: np("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 198.51.100.0/24, except: [198.51.100.128/25]}}, {ipBlock: {cidr: '2001:db8::/32'}}]}]}"),
		want: want{
			"198.51.100.1/32 -> shop/back": "none allow", "198.51.100.129/32 -> shop/back": "none deny", "198.51.100.0/25 -> shop/back": "none allow",
			"198.51.100.0/24 -> shop/back": "none unknown", "2001:db8::1/128 -> shop/back": "none allow", "2001:db9::1/128 -> shop/back": "none deny",
			"0.0.0.0/0 -> shop/back": "none deny",
		},
	},
	"8 the internet is what no policy names": {
		policies: np("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]}"),
		want: want{
			"0.0.0.0/0 -> shop/back": "none allow", "10.0.0.0/8 -> shop/back": "none deny", "::/0 -> shop/back": "none deny", "0.0.0.0/1 -> shop/back": "none unknown",
			"shop/host -> shop/back": "none allow",
		},
	},
	"8 halves leave no rest": {
		policies: np("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: 128.0.0.0/1}}]}]}"),
		want:     want{"0.0.0.0/0 -> shop/back": "none unknown", "8.8.8.8/32 -> shop/back": "none allow"},
	},
	"an ipBlock does not match pods": {
		policies: np("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"),
		want:     want{"shop/front -> shop/back": "none deny", "10.0.0.1/32 -> shop/back": "none allow"},
	},
	"an ipBlock matches pods when told so": {
		policies: np("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/24}}]}]}"),
		options:  network.Options{BlocksMatchPods: true},
		want:     want{"shop/front -> shop/back": "none allow", "ops/front -> shop/back": "none deny", "shop/back -> shop/front": "none unknown"},
	},
	"a protocol without port is all its ports and no other protocol": {
		policies: np("{podSelector: {}, ingress: [{ports: [{protocol: UDP}]}]}"),
		want:     want{"ops/front -> shop/back UDP 5": "none allow", "ops/front -> shop/back 5": "none deny", "ops/front -> shop/back SCTP 5": "none deny"},
	},
	"9 endPort and the default protocol": {
		policies: np("{podSelector: {}, ingress: [{ports: [{port: 8000, endPort: 8080}, {protocol: SCTP, port: 7}]}]}"),
		want: want{
			"ops/front -> shop/back": "none allow", "ops/front -> shop/back 8081": "none deny", "ops/front -> shop/back UDP 8080": "none deny",
			"ops/front -> shop/back SCTP 7": "none allow", "ops/front -> shop/back ICMP 0": "none deny", "ops/front -> shop/back 0": "none unknown", "ops/front -> shop/back UDP 0": "none deny",
		},
	},
	"9 a named port is that of the destination": {
		policies: np("{podSelector: {matchLabels: {app: front}}, policyTypes: [Egress], egress: [{ports: [{port: web}, {port: side}, {port: setup}]}]}"),
		want: want{
			"shop/front -> shop/back 8080": "allow none", "shop/front -> shop/back2 8080": "deny none", "shop/front -> shop/back2 9090": "allow none",
			"shop/front -> shop/back 9000": "allow none", "shop/front -> shop/back 9001": "deny none", "shop/front -> ops/front": "deny none",
			"shop/front -> shop/back UDP 8080": "deny none", "shop/front -> 8.8.8.8/32": "deny none",
		},
	},
	"9 a named port on ingress": {
		policies: np("{podSelector: {}, ingress: [{ports: [{port: web}]}]}"),
		want:     want{"ops/front -> shop/back 8080": "none allow", "ops/front -> shop/back2 9090": "none allow", "ops/front -> shop/back2 8080": "none deny", "ops/front -> shop/front": "none deny"},
	},
	"policies see the port of the pod": {
		policies: np("{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"),
		want:     want{"ops/front -> shop/back 8080": "none deny", "ops/front -> shop/back 80": "none allow"},
	},
	"the port of the DNS pods may not be 53": {
		policies: np("{podSelector: {matchLabels: {app: front}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}], ports: [{port: 53, protocol: UDP}, {port: 53}]}]}"),
		want:     want{"shop/front -> shop/back UDP 5353": "deny none", "shop/front -> shop/back UDP 53": "allow none"},
	},
	"NodeLocal DNSCache is an address": {
		policies: np("{podSelector: {matchLabels: {app: front}}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}]}, {to: [{ipBlock: {cidr: 169.254.20.10/32}}], ports: [{port: 53, protocol: UDP}]}]}"),
		want:     want{"shop/front -> 169.254.20.10/32 UDP 53": "allow none", "shop/front -> 169.254.20.11/32 UDP 53": "deny none"},
	},
	"10 a pod reaches itself, and the node its pods": {
		policies: np("{podSelector: {}, policyTypes: [Ingress, Egress]}"),
		want:     want{"shop/front -> shop/front": "allow allow", "node -> shop/front": "allow allow", "shop/front -> node": "allow allow"},
	},
	"10 no selector selects pods of the host network": {
		policies: np("{podSelector: {matchLabels: {app: back}}, ingress: [{from: [{podSelector: {}}, {namespaceSelector: {}}]}]}"),
		want:     want{"shop/front -> shop/back": "none allow", "shop/host -> shop/back": "none deny"},
	},
	"10 policies about pods of the host network are undefined": {
		policies: np("{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 1}]}]}"),
		want:     want{"shop/host -> ops/front": "unknown none", "shop/host -> ops/front 1": "allow none"},
	},
	"12 the API server is an address": {
		policies: np("{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 192.168.0.5/32}}], ports: [{port: 6443}]}]}"),
		want:     want{"shop/front -> 192.168.0.5/32 6443": "allow none", "shop/front -> shop/host 6443": "allow none", "shop/front -> 192.168.0.5/32 443": "deny none"},
	},
	"14 pods that have ended are out": {
		want: want{"shop/done -> shop/back": "unknown unknown", "shop/back -> shop/done": "unknown unknown"},
	},
	"nothing is known of an end": {
		want: want{"nothing -> shop/back": "unknown unknown"},
	},
}
