// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM8006", Slug: "routes-of-one-host", Severity: finding.Error,
	Short: "Several VirtualServices for one host",
	Why: `For callers in the mesh, Istio does not merge the VirtualServices of a host: the oldest of those that
the caller sees counts, the others are ignored as a whole. (Of those with a different exportTo, the
narrower one counts.)

At a gateway they are merged, in an order that Istio does not promise; today it is by age, with
routes that take every request at the end. Where two of them match the same path, the order decides.`,
	Fix: `Write one VirtualService for each host of the mesh. At gateways, keep the paths apart, or let one
VirtualService delegate to others.`,
	Reference: "https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services",
	Aliases:   []string{"IST0109", "KIA1106"},
	Needs:     []*model.Kind{model.VirtualServices.Kind},
	Explains:  []string{"KM8007"},
	Check:     checkOneHost,
})

// entry is where requests come in: the mesh (no gateway) or a gateway, by host.
type entry struct {
	gateway ref.Ref
	host    string
}

func checkOneHost(w *rules.World, emit rules.Emit) {
	at := map[entry][]virtualService{}
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		b := bound(vs)
		if len(vs.Value.Spec.GetHttp()) == 0 {
			continue // TCP and TLS routes are looked at one by one, whatever object they are in
		}
		for _, h := range vs.Value.Spec.GetHosts() {
			host := w.FQDN(h, vs.Ref.Namespace)
			if b.mesh {
				at[entry{host: host}] = append(at[entry{host: host}], vs)
			}
			for _, g := range b.gateways {
				at[entry{g, host}] = append(at[entry{g, host}], vs)
			}
		}
	}
	for _, e := range slices.SortedFunc(maps.Keys(at), func(a, b entry) int {
		return cmp.Or(strings.Compare(a.host, b.host), ref.Compare(a.gateway, b.gateway))
	}) {
		same := distinct(at[e])
		for i, young := range same {
			for _, old := range same[:i] {
				if e.gateway.Name != "" {
					mixed(w, emit, e, old, young)
				} else if ignored(w, emit, e, old, young) {
					break
				}
			}
		}
	}
}

// distinct are the objects of a list, the oldest first as Istio sorts them
// (sortConfigByCreationTime in pilot/pkg/model/config.go).
func distinct(list []virtualService) []virtualService {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b virtualService) int {
		return cmp.Or(a.Value.CreationTimestamp.Time.Compare(b.Value.CreationTimestamp.Time),
			strings.Compare(a.Ref.Name+"."+a.Ref.Namespace, b.Ref.Name+"."+b.Ref.Namespace))
	})
	return slices.CompactFunc(out, func(a, b virtualService) bool { return a.Ref == b.Ref })
}

// aged reports whether the creation times say which of two is older.
func aged(a, b virtualService) bool {
	return !a.Value.CreationTimestamp.IsZero() && !b.Value.CreationTimestamp.IsZero()
}

// precedes says why the first of two objects with creation times counts.
func precedes(first, second interface{ GetCreationTimestamp() metav1.Time }) string {
	if a, b := first.GetCreationTimestamp(), second.GetCreationTimestamp(); a.Equal(&b) {
		return "is as old and first by name"
	}
	return "is older"
}

// ignored reports the younger of two VirtualServices that the same callers in
// the mesh see.
func ignored(w *rules.World, emit rules.Emit, e entry, old, young virtualService) bool {
	a, b := scope(old.Value.Spec.GetExportTo(), old.Ref.Namespace), scope(young.Value.Spec.GetExportTo(), young.Ref.Namespace)
	if !overlap(a, b) {
		return false
	}
	host := nameOf(w, e.host, young.Ref.Namespace)
	var f *finding.Finding
	switch {
	case !slices.Equal(a, b):
		wins, loses := old, young
		if rank(b, young.Ref.Namespace) < rank(a, old.Ref.Namespace) {
			wins, loses = young, old
		}
		f = emit(loses.Object, hostAt(w, loses, e.host), "host %s has several VirtualServices: callers that see %s too ignore this one", host, wins.Ref)
		f.Severity = finding.Warning
		f.Related = append(f.Related, wins.Ref)
		return true
	case aged(old, young):
		f = emit(young.Object, hostAt(w, young, e.host), "host %s has several VirtualServices: callers in the mesh ignore this one, as %s %s", host, old.Ref, precedes(old.Value, young.Value))
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: old.Where("/metadata/creationTimestamp"), Value: "older", Time: old.Value.CreationTimestamp.Time})
		f.Since = young.Value.CreationTimestamp.Time
	default:
		f = emit(young.Object, hostAt(w, young, e.host), "host %s has several VirtualServices: of this one and %s, callers in the mesh ignore the one created later", host, old.Ref)
	}
	f.Related = append(f.Related, old.Ref)
	mine, _ := patch.Get(young.Raw(), "/spec/http")
	theirs, _ := patch.Get(old.Raw(), "/spec/http")
	if patch.Equal(mine, theirs) || picky(old) {
		f.Severity = finding.Warning // the same routes, or only some callers get the older ones
	}
	f.Hint = "put the routes of both into one"
	return true
}

// rank is the order in which Istio collects VirtualServices for a caller:
// private ones, those exported to its namespace, public ones (push_context.go
// VirtualServicesForGateway).
func rank(scope []string, namespace string) int {
	switch {
	case slices.Contains(scope, "*"):
		return 2
	case len(scope) == 1 && scope[0] == namespace:
		return 0
	}
	return 1
}

// picky reports whether every match asks who calls: callers it does not mean
// are left to the next VirtualService.
func picky(vs virtualService) bool {
	for _, x := range ways(&vs.Value.Spec)[0] {
		for _, m := range x.matches {
			if len(m.http.GetSourceLabels()) == 0 && m.http.GetSourceNamespace() == "" && len(m.http.GetGateways()) == 0 {
				return false
			}
		}
	}
	return true
}

// hostAt is the place of a host in a VirtualService.
func hostAt(w *rules.World, vs virtualService, fqdn string) string {
	i := slices.IndexFunc(vs.Value.Spec.GetHosts(), func(h string) bool { return w.FQDN(h, vs.Ref.Namespace) == fqdn })
	return patch.Pointer("spec", "hosts", max(i, 0))
}

// mixed reports two VirtualServices whose routes at a gateway take the same
// requests, so that their order counts.
func mixed(w *rules.World, emit rules.Emit, e entry, old, young virtualService) {
	gateway := []string{e.gateway.Namespace + "/" + e.gateway.Name}
	theirs := waysAt(old, e.gateway)
	for _, mine := range ways(&young.Value.Spec)[0] {
		for i, b := range mine.matches {
			if mine.delegates || !takenAt(b, e.gateway, young.Ref.Namespace) {
				continue
			}
			for _, a := range theirs {
				if a.takesAll() != b.takesAll() || !either(a, b, gateway) {
					continue
				}
				pointer := patch.Pointer("spec", "http", mine.index)
				if mine.explicit {
					pointer = patch.Pointer("spec", "http", mine.index, "match", i)
				}
				f := emit(young.Object, pointer, "%s of host %s at %s is matched by %s too (%s): the order of the two is not defined",
					b, nameOf(w, e.host, young.Ref.Namespace), e.gateway, old.Ref, a)
				f.Severity, f.Confidence = finding.Warning, finding.Likely
				if aged(old, young) {
					f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: old.Where("/metadata/creationTimestamp"), Value: "older", Time: old.Value.CreationTimestamp.Time})
				}
				f.Related = append(f.Related, old.Ref, e.gateway)
				f.Hint = "put both routes into one VirtualService, in the order that is meant"
				return
			}
		}
	}
}

// waysAt are the matches of a VirtualService that count at a gateway; those
// that another VirtualService narrows are left out.
func waysAt(vs virtualService, gateway ref.Ref) []match {
	var out []match
	for _, x := range ways(&vs.Value.Spec)[0] {
		for _, m := range x.matches {
			if !x.delegates && takenAt(m, gateway, vs.Ref.Namespace) {
				out = append(out, m)
			}
		}
	}
	return out
}

// takenAt reports whether a match counts at a gateway.
func takenAt(m match, gateway ref.Ref, namespace string) bool {
	list := m.http.GetGateways()
	return len(list) == 0 || slices.ContainsFunc(list, func(g string) bool { return g != "mesh" && model.GatewayRef(g, namespace) == gateway })
}

// either reports whether one of two matches covers the other at a gateway.
func either(a, b match, gateway []string) bool {
	strip := func(m match) match {
		if len(m.http.GetGateways()) == 0 {
			return m
		}
		h := m.http.DeepCopy()
		h.Gateways = nil
		return match{http: h}
	}
	a, b = strip(a), strip(b)
	return a.covers(b, gateway) || b.covers(a, gateway)
}
