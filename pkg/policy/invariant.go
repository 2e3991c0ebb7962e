// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
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
	// Direct is true when the caller dials the address of the pod and no Service,
	// as Prometheus does: no route and no waypoint has a say.
	Direct bool
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
	return Intended(before, after, ask, Options{}, nil)
}

// Intended is Invariants for a change made of intents: a caller that they deny is
// meant to be lost. The options are those that the change was made with.
func Intended(before, after *model.Snapshot, ask Ask, o Options, intents []api.ServiceIntents) []Violation {
	c := &checker{before: newWorld(before, o), after: newWorld(after, o), ask: ask, denials: denials(intents)}
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
	// denials are the callers that intents deny, by workload.
	denials map[ref.Ref][]end
	out     []Violation
}

// denials reads them; what cannot be read denies nobody.
func denials(intents []api.ServiceIntents) map[ref.Ref][]end {
	out := map[ref.Ref][]end{}
	for _, in := range intents {
		of, err := parseWorkload(in.Spec.Workload, in.Metadata.Namespace)
		if err != nil {
			continue
		}
		at := of.resource.Ref(of.namespace, of.name)
		for _, text := range in.Spec.Deny {
			if e, err := parseCaller(text, in.Metadata.Namespace); err == nil {
				out[at] = append(out[at], e)
			}
		}
	}
	return out
}

// denied reports whether an intent names a caller of a workload as one to lose.
func (c *checker) denied(of *model.Workload, from end, sender *model.Workload) bool {
	return slices.ContainsFunc(c.denials[of.Ref], func(e end) bool { return e.means(from, sender) })
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

// broken reports whether a request got through before and does not after. What
// the node's own address stands for in ambient mode are probes, which ztunnel
// lets by: the network alone decides on them.
func (c *checker) broken(q Question) (verdict.Hop, bool) {
	now := c.ask(c.after.Snapshot, q)
	if now.Verdict != verdict.Deny || now.Number > verdict.NetworkPolicy && isProbe(q.From) {
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
