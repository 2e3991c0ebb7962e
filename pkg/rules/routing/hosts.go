// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"slices"
	"strings"

	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// hosts answers what a host that was not found may have meant.
type hosts struct {
	w *rules.World
	// byName are the namespaces that have a Service of a name.
	byName map[string][]string
}

func newHosts(w *rules.World) hosts {
	h := hosts{w: w, byName: map[string][]string{}}
	for _, s := range w.OfKind(model.Services.GroupKind) {
		h.byName[s.Ref.Name] = append(h.byName[s.Ref.Name], s.Ref.Namespace)
	}
	return h
}

// lost is a host that stands for nothing.
type lost struct {
	fqdn string
	// why is a clause for people: "Service shop/cart does not exist".
	why string
	// service is the missing Service; empty for other hosts.
	service ref.Ref
	absence model.Absence
}

// missing reports whether a host in an object of a namespace stands for
// nothing. It does not where the name is only spelt wrongly (rule KM3014 says
// how to spell it), where exportTo hides what it stands for (KM8014), and where
// nobody can tell.
func (h hosts) missing(host, namespace string) (lost, bool) {
	resolved := h.w.Resolve(host, namespace)
	if resolved.Known() || host == "" || strings.Contains(host, "*") || h.misspelt(host) {
		return lost{}, false
	}
	if _, gap := h.w.Gap(model.ServiceEntries.GroupKind, ""); gap {
		return lost{}, false
	}
	if _, hidden := h.hiddenEntry(resolved.FQDN); hidden {
		return lost{}, false
	}
	out := lost{fqdn: resolved.FQDN}
	if service, ok := serviceRef(h.w, resolved.FQDN); ok {
		absence, gone := h.w.Missing(model.Services.Kind, service.Namespace, service.Name)
		out.why, out.service, out.absence = service.String()+" "+absence.String(), service, absence
		return out, gone
	}
	out.why, out.absence = "no ServiceEntry declares it", h.w.Absence(model.ServiceEntries.Kind, namespace)
	if out.absence != model.Proven {
		out.why = "no ServiceEntry in these files declares it"
	}
	return out, true
}

// misspelt reports whether a host is an existing Service in a spelling that
// Istio does not understand there. It is asked of hosts that were not found.
func (h hosts) misspelt(host string) bool {
	if _, _, dotted := h.w.DottedService(host); dotted {
		return true
	}
	return len(h.byName[host]) == 1
}

// hiddenEntry returns the first ServiceEntry that declares a host, whoever sees it.
func (h hosts) hiddenEntry(fqdn string) (model.Item[istionetv1.ServiceEntry], bool) {
	for _, e := range model.ServiceEntries.In(h.w.Snapshot, "") {
		if slices.ContainsFunc(e.Value.Spec.GetHosts(), func(p string) bool { return model.Covers(p, fqdn) }) {
			return e, true
		}
	}
	return model.Item[istionetv1.ServiceEntry]{}, false
}

// near are the hosts, spelt as an object of the namespace would, that a missing
// Service's name may have meant.
func (h hosts) near(l lost, namespace string) []string {
	if l.service.Name == "" {
		return nil
	}
	var out []string
	for _, n := range closest(l.service.Name, h.w.Names(model.Services.Kind, l.service.Namespace)) {
		if l.service.Namespace != namespace {
			n = h.w.ServiceFQDN(l.service.Namespace, n)
		}
		out = append(out, n)
	}
	return out
}
