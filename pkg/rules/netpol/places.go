// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// item is a NetworkPolicy of a world.
type item = model.Item[networkingv1.NetworkPolicy]

// present are the NetworkPolicies that are not being deleted.
func present(w *rules.World) []item {
	return slices.DeleteFunc(slices.Clone(model.NetworkPolicies.In(w.Snapshot, "")), func(np item) bool {
		return np.Value.DeletionTimestamp != nil
	})
}

// placed is a rule of a policy with the JSON Pointers of its parts.
type placed struct {
	rule
	way direction
	// at is that of the rule, peersAt that of its peers.
	at, peersAt string
}

// placedRules are the rules of a policy for both directions.
func placedRules(np item) []placed {
	var out []placed
	for i, r := range np.Value.Spec.Ingress {
		at := patch.Pointer("spec", "ingress", i)
		out = append(out, placed{rule{r.From, r.Ports}, ingress, at, at + "/from"})
	}
	for i, r := range np.Value.Spec.Egress {
		at := patch.Pointer("spec", "egress", i)
		out = append(out, placed{rule{r.To, r.Ports}, egress, at, at + "/to"})
	}
	return out
}

// field is the name of a direction's rules.
func field(d direction) string { return strings.ToLower(string(d)) }

// view is what rules about the peers of policies look at.
type view struct {
	*policies
	// namespaces are those that have workloads, sorted.
	namespaces func() []string
}

func newView(w *rules.World) *view {
	return &view{policies: newPolicies(w), namespaces: sync.OnceValue(func() []string {
		var out []string
		for _, of := range w.Workloads("") {
			out = append(out, of.Ref.Namespace)
		}
		slices.Sort(out)
		return slices.Compact(out)
	})}
}

// chosen are workloads that a part of a policy selects.
type chosen struct {
	workloads []*model.Workload
	// unknown is true where others may be selected that could not be read.
	unknown bool
	// asked is by what they were found.
	asked []asked
}

// asked is a selector in a namespace.
type asked struct {
	namespace string
	selector  labels.Selector
}

// sure reports whether no others are selected that are not in view, so that
// something follows from what these lack. It is dear: ask last.
func (c chosen) sure(w *rules.World) bool {
	return !c.unknown && !slices.ContainsFunc(c.asked, func(a asked) bool { return w.Foreign(a.namespace, a.selector) })
}

// subjects are the workloads that a policy is for.
func subjects(w *rules.World, np item) chosen {
	want, err := w.Selector(&np.Value.Spec.PodSelector)
	if err != nil {
		return chosen{unknown: true}
	}
	return chosen{w.Select(np.Ref.Namespace, want).Workloads, w.PodAbsence(np.Ref.Namespace) == model.Unknown, []asked{{np.Ref.Namespace, want}}}
}

// peerWorkloads are the workloads that a peer selects; none for an ipBlock.
func (x *view) peerWorkloads(namespace string, peer networkingv1.NetworkPolicyPeer) chosen {
	if peer.IPBlock != nil || peer.PodSelector == nil && peer.NamespaceSelector == nil {
		return chosen{}
	}
	want := labels.Everything()
	if peer.PodSelector != nil {
		var err error
		if want, err = x.w.Selector(peer.PodSelector); err != nil {
			return chosen{}
		}
	}
	var out chosen
	for _, ns := range x.peerNamespaces(namespace, peer) {
		switch {
		case ns.is == maybe || x.w.PodAbsence(ns.name) == model.Unknown:
			out.unknown = true
			continue
		case ns.is == no:
			continue
		}
		out.asked = append(out.asked, asked{ns.name, want})
		out.workloads = append(out.workloads, x.w.Select(ns.name, want).Workloads...)
	}
	return out
}

// peerNamespace is a namespace with whether a peer takes it in.
type peerNamespace struct {
	name string
	is   verdict
}

// peerNamespaces judges the namespaces that are in view.
func (x *view) peerNamespaces(own string, peer networkingv1.NetworkPolicyPeer) []peerNamespace {
	if peer.NamespaceSelector == nil {
		return []peerNamespace{{own, yes}}
	}
	if name := peer.NamespaceSelector.MatchLabels[corev1.LabelMetadataName]; name != "" {
		return []peerNamespace{{name, x.namespace(peer.NamespaceSelector, name)}} // spares the others
	}
	var out []peerNamespace
	for _, name := range x.namespaces() {
		out = append(out, peerNamespace{name, x.namespace(peer.NamespaceSelector, name)})
	}
	return out
}

// receivers are the workloads whose ports a rule is about: those of the policy
// for ingress, its peers for egress. ok is false where a peer is an address or
// anybody, so that the ports may be meant for what is no pod.
func (x *view) receivers(np item, r placed) (out chosen, ok bool) {
	if r.way == ingress {
		out = subjects(x.w, np)
		return out, len(out.workloads) > 0
	}
	for _, peer := range r.peers {
		if peer.IPBlock != nil {
			return chosen{}, false
		}
		more := x.peerWorkloads(np.Ref.Namespace, peer)
		out.workloads = append(out.workloads, more.workloads...)
		out.unknown = out.unknown || more.unknown
		out.asked = append(out.asked, more.asked...)
	}
	return out, len(out.workloads) > 0
}

// listening are the containers of a workload that keep running and so have ports
// for others: those of the template and, as injection adds some, of live pods.
func listening(of *model.Workload) []*corev1.Container {
	var out []*corev1.Container
	add := func(spec *corev1.PodSpec) {
		for i := range spec.Containers {
			out = append(out, &spec.Containers[i])
		}
		for i := range spec.InitContainers {
			if model.Sidecar(&spec.InitContainers[i]) {
				out = append(out, &spec.InitContainers[i])
			}
		}
	}
	add(of.Spec())
	for _, p := range of.Pods {
		add(&p.Value.Spec)
	}
	return out
}

// protocolOf is the protocol of a port of a policy.
func protocolOf(p networkingv1.NetworkPolicyPort) corev1.Protocol {
	if p.Protocol == nil || *p.Protocol == "" {
		return corev1.ProtocolTCP
	}
	return *p.Protocol
}

// says reports whether the name of an object has one of some words in it: then
// what it does is what its author wanted.
func says(o *model.Object, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(strings.ToLower(o.Ref.Name), word) })
}
