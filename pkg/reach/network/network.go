// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package network says what the network lets through at layers 3 and 4: by
// NetworkPolicies, by the cluster-wide policies of SIG Network (AdminNetworkPolicy,
// BaselineAdminNetworkPolicy, ClusterNetworkPolicy), and by what none of them
// can forbid.
//
// Decide answers for one connection, with the rule that decides. Matrix answers
// for all pairs: peers that no policy tells apart form one class, selectors are
// bitsets over classes, and classes that the same policies select share one row.
//
// Policies are read into one form: a subject, and rules with an action, peers
// and ports. Whatever cannot be known (a broken selector, the address of a pod
// that does not run yet) matches "maybe", and a verdict that hangs on it is Unknown.
package network

import (
	"cmp"
	"iter"
	"maps"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Options are what depends on the network plugin.
type Options struct {
	// BlocksMatchPods makes the ipBlock of NetworkPolicies match the addresses of
	// pods too. The API leaves it open; most plugins do not.
	BlocksMatchPods bool
}

// Connection is a first packet.
type Connection struct {
	From, To model.Peer
	// Protocol is TCP if empty. Others than TCP, UDP and SCTP pass only rules
	// without ports.
	Protocol corev1.Protocol
	// Port is that of the pod: after the Service's translation. Of 0 only rules
	// for all ports tell anything.
	Port int32
}

// Engine holds the policies of a Snapshot in compiled form. It is immutable and
// safe for concurrent use.
type Engine struct {
	world   *model.Snapshot
	options Options
	// ordered are the policies of the admin and the baseline tier, as they are asked.
	ordered map[tier][]*policy
	// own are the NetworkPolicies of each namespace.
	own        map[string][]*policy
	namespaces map[string]namespace
	space      space
	caveats    []Caveat
}

// New compiles the policies of a Snapshot. A policy that is broken in places is
// in force for the rest.
func New(s *model.Snapshot, o Options) *Engine {
	e := &Engine{
		world: s, options: o, ordered: map[tier][]*policy{}, own: map[string][]*policy{}, namespaces: map[string]namespace{},
	}
	for _, ns := range model.Namespaces.In(s, "") {
		e.namespaces[ns.Ref.Name] = namespaceOf(s, ns.Ref.Name)
	}
	c := &compiler{selectors: selectors{}, blocks: map[string]*blocks{}, podBlocks: o.BlocksMatchPods}
	for _, p := range model.NetworkPolicies.In(s, "") {
		e.own[p.Ref.Namespace] = append(e.own[p.Ref.Namespace], c.networkPolicy(p))
	}
	for _, p := range c.clusterPolicies(s) {
		e.ordered[p.tier] = append(e.ordered[p.tier], p)
	}
	for _, policies := range e.ordered {
		slices.SortStableFunc(policies, func(a, b *policy) int { return cmp.Compare(a.priority, b.priority) })
	}
	var prefixes []netip.Prefix
	for _, b := range c.blocks {
		for _, x := range b.list {
			prefixes = append(append(prefixes, x.prefix), x.except...)
		}
	}
	e.space = newSpace(prefixes)
	e.caveats = caveats(s)
	return e
}

// namespace is what is known of a namespace.
func (e *Engine) namespace(name string) namespace {
	if ns, known := e.namespaces[name]; known {
		return ns
	}
	return namespaceOf(e.world, name)
}

// all yields every policy once for each tier it is in.
func (e *Engine) all() iter.Seq[*policy] {
	return func(yield func(*policy) bool) {
		for _, by := range []iter.Seq[[]*policy]{maps.Values(e.ordered), maps.Values(e.own)} {
			for policies := range by {
				for _, p := range policies {
					if !yield(p) {
						return
					}
				}
			}
		}
	}
}

// of are the policies of a tier that may be about the pods of a namespace, in
// the order in which they are asked.
func (e *Engine) of(t tier, namespace string) []*policy {
	if t == namespaced {
		return e.own[namespace]
	}
	return e.ordered[t]
}

// Caveat is something that decides about connections and is not evaluated.
type Caveat struct {
	// Kind is the kind that was not read, does not fit its schema or is of
	// another API.
	Kind ref.GroupKind
	// Namespace is where it matters; empty for everywhere but the namespaces in Known.
	Namespace string
	Known     []string
	// Foreign is true for policies of an API that is not evaluated.
	Foreign bool
	// Reason is for people.
	Reason string
}

// concerns reports whether the caveat is about the pods of a namespace.
func (c Caveat) concerns(namespace string) bool {
	if c.Namespace == "" {
		return !slices.Contains(c.Known, namespace)
	}
	return c.Namespace == namespace
}
