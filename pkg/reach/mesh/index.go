// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// attached is a policy that counts in places.
type attached interface{ attach() targets }

func (p *policy) attach() targets { return p.targets }

// index finds the policies of a kind that count at a place. Places that no
// policy can tell apart are looked at once.
type index[P attached] struct {
	root        string
	byNamespace map[string][]P
	// keys are the labels that selectors of a namespace name.
	keys map[string]map[string]bool
	sets memo[string, *set[P]]
}

// set is what counts at a place, in the order of the root namespace first.
type set[P attached] struct {
	policies []P
	// key stands for the set: the same policies have the same key.
	key string
}

func newIndex[P attached](root string, all []P) *index[P] {
	x := &index[P]{root: root, byNamespace: map[string][]P{}, keys: map[string]map[string]bool{}}
	for _, p := range all {
		t := p.attach()
		x.byNamespace[t.namespace] = append(x.byNamespace[t.namespace], p)
		if x.keys[t.namespace] == nil {
			x.keys[t.namespace] = map[string]bool{}
		}
		for k := range t.selector {
			x.keys[t.namespace][k] = true
		}
	}
	return x
}

// at returns the policies that count at a place.
func (x *index[P]) at(p place) *set[P] {
	key := x.class(p)
	return x.sets.get(key, func() *set[P] {
		out := &set[P]{key: key}
		for _, ns := range x.namespaces(p) {
			for _, one := range x.byNamespace[ns] {
				if one.attach().apply(p, x.root) {
					out.policies = append(out.policies, one)
				}
			}
		}
		if len(out.policies) == 0 {
			out.key = ""
		}
		return out
	})
}

func (x *index[P]) namespaces(p place) []string {
	var out []string
	for _, ns := range []string{x.root, p.namespace, p.serviceNamespace} {
		if ns != "" && !slices.Contains(out, ns) {
			out = append(out, ns)
		}
	}
	return out
}

// class names the places that the policies of a namespace cannot tell apart.
func (x *index[P]) class(p place) string {
	var b strings.Builder
	for _, part := range []string{p.namespace, p.gateway, p.serviceKind, p.serviceNamespace, p.service} {
		b.WriteString(part)
		b.WriteByte('\n')
	}
	if p.waypoint {
		b.WriteString("waypoint\n")
	}
	used := map[string]bool{}
	for _, ns := range x.namespaces(p) {
		maps.Copy(used, x.keys[ns])
	}
	for _, k := range slices.Sorted(maps.Keys(used)) {
		if v, has := p.labels[k]; has {
			b.WriteString(k + "=" + v + "\n")
		}
	}
	return b.String()
}

// podPlace is a pod as a place of enforcement: a sidecar, or a gateway.
func (e *Engine) podPlace(p model.Peer) place {
	out := place{namespace: p.Namespace, labels: p.Labels, gateway: p.Labels[gatewayLabel]}
	out.waypoint = out.gateway != "" && e.isWaypoint(p.Namespace, out.gateway)
	return out
}

// readPolicies compiles the AuthorizationPolicies of the world.
func (e *Engine) readPolicies() *index[*policy] {
	var all []*policy
	for _, item := range model.AuthorizationPolicies.In(e.s, "") {
		all = append(all, policyOf(item))
	}
	return newIndex(e.config.RootNamespace, all)
}
