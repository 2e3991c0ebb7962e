// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// clients knows which DestinationRules the callers of a host see, in each
// namespace that they may be in.
type clients struct {
	w *rules.World
	// exact are the namespaces with rules for a host, wild those for a pattern.
	exact, wild map[string][]string
}

// clientsKey is what the view is kept under.
type clientsKey struct{}

// newClients reads the rules of a World, those of one Snapshot once.
func newClients(w *rules.World) *clients {
	c := model.Once(w.Snapshot, clientsKey{}, func() clients { return readClients(w) })
	c.w = w
	return &c
}

func readClients(w *rules.World) clients {
	c := clients{exact: map[string][]string{}, wild: map[string][]string{}}
	for _, r := range model.DestinationRules.In(w.Snapshot, "") {
		host, into := w.FQDN(r.Value.Spec.GetHost(), r.Ref.Namespace), c.exact
		if strings.HasPrefix(host, "*") {
			into = c.wild
		}
		if !slices.Contains(into[host], r.Ref.Namespace) {
			into[host] = append(into[host], r.Ref.Namespace)
		}
	}
	return c
}

// view is what clients of a namespace see.
func (c *clients) view(fqdn, namespace string) model.Destination {
	return c.w.Destination(fqdn, namespace)
}

// withRules are the namespaces that have a rule for a host, sorted.
func (c *clients) withRules(fqdn string) []string {
	out := slices.Clone(c.exact[fqdn])
	for pattern, namespaces := range c.wild {
		if model.Covers(pattern, fqdn) {
			out = append(out, namespaces...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// owner is the namespace of the Service that a host stands for.
func (c *clients) owner(fqdn string) string {
	ns, _, _ := c.w.ServiceName(fqdn)
	return ns
}

// others are the namespaces, besides its own, whose callers a VirtualService of
// the mesh takes and that have an answer of their own to what the rules for a
// host are: those with a rule for it, and the Service's, which answers for all the rest.
func (c *clients) others(vs virtualService, fqdn string) []string {
	if !bound(vs).mesh {
		return nil
	}
	out := c.withRules(fqdn)
	if owner := c.owner(fqdn); owner != "" {
		out = append(out, owner)
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(ns string) bool {
		return ns == vs.Ref.Namespace || ns == c.w.RootNamespace || !model.Exported(vs.Value.Spec.GetExportTo(), vs.Ref.Namespace, ns)
	})
}

// unknown reports whether a DestinationRule for a host, as clients of a
// namespace see it, may exist that could not be read.
func (c *clients) unknown(fqdn, namespace string) bool {
	return slices.ContainsFunc([]string{namespace, c.owner(fqdn), c.w.RootNamespace}, func(ns string) bool {
		_, gap := c.w.Gap(model.DestinationRules.GroupKind, ns)
		return gap
	})
}
