// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// Question asks about one request.
type Question struct {
	// From and To are the ends: pods, templates, blocks of addresses, or the node
	// of the other end (the kubelet).
	From, To model.Peer
	// Protocol is that of the transport, Port the pod's port.
	Protocol corev1.Protocol
	Port     int32
	// Method and Path are those of an HTTP request. Both empty mean that any
	// request will do: the answer is Deny only if none gets through.
	Method, Path string
	// Plaintext is true when the caller sends without its proxy: probes, the API
	// server, containers that run before the sidecar.
	Plaintext bool
}

// Ask is the connectivity engine: the hop that decides whether a request gets
// through in a world. Its verdict is Deny only where that is certain.
type Ask func(s *model.Snapshot, q Question) verdict.Hop

// The invariants.
const (
	invDNS       = "INV-DNS"
	invProbe     = "INV-PROBE"
	invMetrics   = "INV-METRICS"
	invIstiod    = "INV-ISTIOD"
	invIngress   = "INV-INGRESS"
	invWebhook   = "INV-WEBHOOK"
	invAPIServer = "INV-APISERVER"
	invInit      = "INV-INIT"
	invSelf      = "INV-SELF"
	invCNI       = "INV-CNI"
	invOrder     = "INV-ORDER"
)

// Violation is an invariant that a change breaks.
type Violation struct {
	// ID is "INV-DNS" and so on.
	ID string
	// Object is what is cut off.
	Object ref.Ref
	// Warning is true where nothing is known to break: nobody can tell, or the
	// change has no effect.
	Warning bool
	// Reason is a sentence without a full stop, Fix what to do.
	Reason, Fix string
	// By is the hop that denies; the zero Hop where none was asked.
	By verdict.Hop
}

// Invariants returns what a change of policies breaks, of all that must never
// break: what got through before and does not after, and workloads that nobody
// could call any more. Only namespaces whose policies differ are looked at. The
// violations are sorted by ID and object, one for each pair of workload and
// cause.
func Invariants(before, after *model.Snapshot, ask Ask) []Violation {
	c := &checker{before: newWorld(before, Options{}), after: newWorld(after, Options{}), ask: ask}
	c.find()
	if len(c.changed) == 0 && !c.everywhere {
		return nil
	}
	for _, of := range c.after.Workloads("") {
		if of.Spec().HostNetwork || of.Ends() && of.Live() && len(of.Pods) == 0 {
			continue
		}
		if c.concerns(of.Ref.Namespace) {
			c.dns(of)
			c.istiod(of)
			c.apiServer(of)
			c.probes(of)
			c.self(of)
		}
		c.metrics(of)
		c.webhooks(of)
	}
	c.routes()
	c.inits()
	c.cni()
	slices.SortStableFunc(c.out, func(a, b Violation) int { return cmp.Or(strings.Compare(a.ID, b.ID), ref.Compare(a.Object, b.Object)) })
	return c.out
}

// checker compares two worlds.
type checker struct {
	before, after *world
	ask           Ask
	// changed are the namespaces whose policies differ; everywhere is true when a
	// policy for all of them does.
	changed    map[string]bool
	everywhere bool
	// added are the NetworkPolicies that are new or changed.
	added []*model.Object
	out   []Violation
}

// policyGroups are the groups of the kinds that decide who may call whom.
var policyGroups = []string{"networking.k8s.io", "policy.networking.k8s.io", model.IstioSecurity}

// find notes which policies differ.
func (c *checker) find() {
	c.changed = map[string]bool{}
	differs := func(o *model.Object, in *world) bool {
		if !slices.Contains(policyGroups, o.Ref.Group) || strings.HasPrefix(o.Ref.Kind, "Ingress") {
			return false
		}
		other, found := in.Object(o.Ref)
		return !found || !patch.Equal(o.Raw()["spec"], other.Raw()["spec"])
	}
	note := func(o *model.Object) {
		c.changed[o.Ref.Namespace] = true
		c.everywhere = c.everywhere || o.Ref.Namespace == "" || o.Ref.Namespace == c.after.RootNamespace && o.Ref.Group == model.IstioSecurity
	}
	for _, o := range c.after.Objects() {
		if differs(o, c.before) {
			note(o)
			if o.Ref.GroupKind() == model.NetworkPolicies.GroupKind {
				c.added = append(c.added, o)
			}
		}
	}
	for _, o := range c.before.Objects() {
		if differs(o, c.after) {
			note(o)
		}
	}
}

func (c *checker) concerns(namespace string) bool { return c.everywhere || c.changed[namespace] }

// broken reports whether a request got through before and does not after.
func (c *checker) broken(q Question) (verdict.Hop, bool) {
	now := c.ask(c.after.Snapshot, q)
	if now.Verdict != verdict.Deny {
		return now, false
	}
	return now, c.ask(c.before.Snapshot, q).Verdict != verdict.Deny
}

// require asks a question for each pair of ends, and reports the first that is
// broken.
func (c *checker) require(v Violation, from, to []model.Peer, ports []port, q Question) {
	for _, q.From = range from {
		for _, q.To = range to {
			for _, p := range ports {
				q.Port, q.Protocol = p.number, cmp.Or(p.protocol, corev1.ProtocolTCP)
				hop, is := c.broken(q)
				if !is {
					continue
				}
				v.By, v.Reason = hop, fmt.Sprintf("%s (%s %d%s)", v.Reason, q.Protocol, q.Port, by(hop))
				c.out = append(c.out, v)
				return
			}
		}
	}
}

func by(hop verdict.Hop) string {
	if hop.Object == (ref.Ref{}) {
		return ""
	}
	return ", denied by " + hop.Object.String()
}

// ends are the peers of a workload that policies may tell apart.
func ends(of *model.Workload) []model.Peer {
	var out []model.Peer
	for _, p := range of.Peers() {
		if !slices.ContainsFunc(out, func(o model.Peer) bool { return maps.Equal(alike(o.Labels), alike(p.Labels)) }) {
			out = append(out, p)
		}
	}
	return out
}

// alike are labels without those that every pod has for itself.
func alike(set labels.Set) labels.Set {
	out := maps.Clone(set)
	delete(out, "apps.kubernetes.io/pod-index")
	delete(out, "statefulset.kubernetes.io/pod-name")
	return out
}

func endsOfAll(all []*model.Workload) []model.Peer {
	var out []model.Peer
	for _, of := range all {
		out = append(out, ends(of)...)
	}
	return out
}

// usual is a pod that is not in view, where it usually is.
func usual(namespace, key, value string) []model.Peer {
	return []model.Peer{{Namespace: namespace, Labels: labels.Set{key: value}, Spec: &corev1.PodSpec{}}}
}
