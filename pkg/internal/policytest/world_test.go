// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policytest_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// node is a workload of a random world.
type node struct {
	namespace, name, plane string
	// web and raw are the pod ports behind ports 80 (HTTP) and 81 (TCP).
	web, raw int32
	intent   *api.ServiceIntents
}

func (n *node) id() string { return n.namespace + "/deploy/" + n.name }

// from is how intents of another call it.
func (n *node) from(of *node) string {
	if n.namespace == of.namespace {
		return "deploy/" + n.name
	}
	return n.id()
}

// random is a world of workloads, each with a Service and an account of its own,
// and intents for some of them.
type random struct {
	*rand.Rand
	nodes []*node
	text  strings.Builder
	// closed are the namespaces that somebody else has closed as a whole.
	closed map[string]bool
}

// spaces are the namespaces of workloads, planes what they may be in.
var (
	spaces = []string{"shop", "pay"}
	planes = []string{"none", "sidecar", "ambient"}
)

const rest = `---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {selector: {k8s-app: kube-dns}, ports: [{name: dns, port: 53, targetPort: 5353, protocol: UDP}, {port: 53, targetPort: 5353, name: tcp}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: entry, namespace: edge}
spec: {selector: {istio: gw}, servers: []}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data: {mesh: "trustDomain: example.org"}
`

// closing is how others close a namespace.
const closing = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: SPACE}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: default-deny, namespace: SPACE}
spec: {}
`

// newRandom makes a world of a seed, with all workloads in one data plane, or
// with each namespace in one of its own where that is empty.
func newRandom(seed uint64, one string) *random {
	r := &random{Rand: rand.New(rand.NewPCG(seed, 11)), closed: map[string]bool{}}
	at := map[string]string{}
	for _, space := range spaces {
		at[space] = planes[r.IntN(3)]
		if one != "" {
			at[space] = one
		}
		r.namespace(space, at[space])
		if r.closed[space] = r.IntN(4) == 0; r.closed[space] {
			r.text.WriteString(strings.ReplaceAll(closing, "SPACE", space))
		}
	}
	for _, space := range []string{"kube-system", "istio-system", "watch"} {
		r.namespace(space, "none")
	}
	r.namespace("edge", "sidecar")
	r.workload("kube-system", "coredns", "k8s-app: kube-dns", "")
	r.workload("istio-system", "istiod", "app: istiod", "")
	r.workload("edge", "proxy", "istio: gw", "")
	r.workload("watch", "prometheus", "app: prometheus", "")
	for i := range 3 + r.IntN(4) {
		space := spaces[r.IntN(2)]
		n := &node{namespace: space, name: fmt.Sprintf("w%d", i), plane: at[space], web: int32(8000 + r.IntN(3)), raw: int32(9000 + r.IntN(3))}
		r.nodes = append(r.nodes, n)
		r.workload(space, n.name, "app: "+n.name, fmt.Sprintf(", ports: [{name: web, containerPort: %d}], readinessProbe: {httpGet: {port: %d, path: /ready}}", n.web, n.raw))
		target := []string{fmt.Sprint(n.web), "web"}[r.IntN(2)]
		fmt.Fprintf(&r.text, "---\napiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: %s}\nspec: {selector: {app: %s}, ports: [{name: http, port: 80, targetPort: %s}, {name: tcp-x, port: 81, targetPort: %d}]}\n", n.name, space, n.name, target, n.raw)
	}
	r.text.WriteString(rest)
	return r
}

func (r *random) namespace(name, plane string) {
	label := map[string]string{"none": "a: b", "sidecar": "istio-injection: enabled", "ambient": "istio.io/dataplane-mode: ambient"}[plane]
	fmt.Fprintf(&r.text, "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: %s, labels: {%s}}\n", name, label)
}

func (r *random) workload(namespace, name, labels, container string) {
	fmt.Fprintf(&r.text, `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s, namespace: %s}
spec:
  selector: {matchLabels: {%s}}
  template:
    metadata: {labels: {%s, version: v%d}}
    spec: {serviceAccountName: %s, containers: [{name: c, image: i%s}]}
`, name, namespace, labels, labels, r.IntN(3), name, container)
}

// intents says who may call whom, at random; ends of workloads without intents
// stay open.
func (r *random) intents() []api.ServiceIntents {
	var out []api.ServiceIntents
	for _, n := range r.nodes {
		in := api.ServiceIntents{TypeMeta: api.Type(api.KindServiceIntents), Metadata: api.IntentsMeta{Name: n.name, Namespace: n.namespace}}
		in.Spec.Workload = "deploy/" + n.name
		if r.IntN(4) > 0 {
			in.Spec.Callers = r.callers(n)
		}
		if r.IntN(3) > 0 {
			in.Spec.Calls = r.calls(n)
		}
		if in.Spec.Callers != nil || in.Spec.Calls != nil {
			n.intent = &in
			out = append(out, in)
		}
	}
	return out
}

func (r *random) callers(of *node) []api.Caller {
	out := []api.Caller{}
	for _, n := range r.nodes {
		if r.IntN(2) > 0 {
			continue
		}
		c := api.Caller{From: n.from(of)}
		switch r.IntN(4) {
		case 0:
			c.Ports = []int32{of.web}
		case 1:
			c.Ports = []int32{of.raw}
		case 2:
			if of.plane == "sidecar" { // ztunnel reads no HTTP
				c.HTTP = []api.HTTPRequests{{Methods: []string{"GET"}, Paths: []string{"/a/{*}", "/b*"}}, {Methods: []string{"POST"}}}[:1+r.IntN(2)]
			}
		}
		out = append(out, c)
	}
	for _, from := range []string{"gateway/edge/entry", "prometheus", "internet"} {
		if r.IntN(6) == 0 {
			out = append(out, api.Caller{From: from, Ports: []int32{of.web}})
		}
	}
	return out
}

func (r *random) calls(of *node) []api.Call {
	out := []api.Call{}
	for _, n := range r.nodes {
		to := "svc/" + n.name
		if n.namespace != of.namespace {
			to = n.namespace + "/svc/" + n.name
		}
		switch r.IntN(5) {
		case 0:
			out = append(out, api.Call{To: to})
		case 1:
			out = append(out, api.Call{To: to + []string{":80", ":81", ":http"}[r.IntN(3)]})
		}
	}
	if r.IntN(3) == 0 {
		out = append(out, api.Call{To: "external/192.0.2.7:5432"})
	}
	if r.IntN(5) == 0 {
		out = append(out, api.Call{To: "external/api.example.com:443"})
	}
	return out
}
