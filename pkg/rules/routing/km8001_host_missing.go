// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM8001", Slug: "host-missing", Severity: finding.Error,
	Short: "VirtualService routes to a host that does not exist",
	Why: `The host of a destination has to be in Istio's registry: a Service, or a host of a ServiceEntry that
the caller sees. A route to any other host points at a cluster that does not exist: Envoy answers
503 with the flag NC to every request the route takes. DNS plays no part in it.

A name without a dot means a Service in the namespace of the VirtualService; every other name is
taken as it is.

The hosts that a VirtualService is about need not exist. One that differs from an existing Service in
a letter or two is most likely a slip, and then the routes take no request.`,
	Fix:       `Correct the host, create the Service, or declare the host in a ServiceEntry.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination",
	Aliases:   []string{"IST0101", "KIA1101"},
	Needs: []*model.Kind{
		model.VirtualServices.Kind, model.DestinationRules.Kind, model.Services.Kind, model.ServiceEntries.Kind,
	},
	Explains: []string{"KM8004", "KM8022"},
	Check:    checkHosts,
	Repair:   repairHost,
})

func checkHosts(w *rules.World, emit rules.Emit) {
	known := newHosts(w)
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		known.reportSlips(vs, emit)
		for _, p := range grouped(w, vs, routed(&vs.Value.Spec), false) {
			d := p.all[0]
			gone, ok := known.missing(d.GetHost(), vs.Ref.Namespace)
			if !ok {
				continue
			}
			f := emit(vs.Object, d.at+"/host", "requests go to host %s, but %s%s", d.GetHost(), gone.why, elsewhere(len(p.all)))
			f.Reason = "host " + p.fqdn
			f.Evidence = append(f.Evidence, finding.Evidence{Kind: "absence", Of: p.fqdn, Value: gone.why})
			if gone.service.Name != "" {
				f.Related = append(f.Related, gone.service)
			}
			for _, r := range w.Destination(p.fqdn, vs.Ref.Namespace).Rules {
				f.Related = append(f.Related, r.Ref)
			}
			rules.Weigh(f, gone.absence)
			switch near := known.near(gone, vs.Ref.Namespace); {
			case len(near) > 0:
				f.Hint = "did you mean " + strings.Join(near, " or ") + "?"
			case len(known.byName[d.GetHost()]) > 1:
				f.Hint = "Services of this name are in the namespaces " + strings.Join(known.byName[d.GetHost()], ", ") + ": write the whole name of one"
			}
		}
	}
}

// slipped is a host that a VirtualService is about, and what was meant.
type slipped struct {
	lost
	at, host, meant string
}

// slips lists the hosts that a VirtualService of the mesh is about and that are
// one Service's name misspelt. Where it names that Service as well, it means both.
func (h hosts) slips(vs virtualService) []slipped {
	if !bound(vs).mesh {
		return nil // names of the outside
	}
	var out []slipped
	all := vs.Value.Spec.GetHosts()
	for i, host := range all {
		gone, ok := h.missing(host, vs.Ref.Namespace)
		if !ok || gone.service.Name == "" {
			continue
		}
		ns := gone.service.Namespace
		near := slices.DeleteFunc(h.w.Names(model.Services.Kind, ns), func(n string) bool { return !typo(gone.service.Name, n) })
		if len(near) != 1 || slices.ContainsFunc(all, func(x string) bool { return h.w.FQDN(x, vs.Ref.Namespace) == h.w.ServiceFQDN(ns, near[0]) }) {
			continue
		}
		meant := near[0]
		if strings.Contains(host, ".") {
			meant = h.w.ServiceFQDN(ns, meant)
		}
		out = append(out, slipped{gone, patch.Pointer("spec", "hosts", i), host, meant})
	}
	return out
}

func (h hosts) reportSlips(vs virtualService, emit rules.Emit) {
	for _, s := range h.slips(vs) {
		f := emit(vs.Object, s.at, "its routes are for host %s, but %s: did you mean %s?", s.host, s.why, s.meant)
		f.Severity, f.Confidence = finding.Warning, finding.Likely
		f.Related = append(f.Related, s.service)
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "absence", Of: s.fqdn, Value: s.why})
		f.Hint = "write " + s.meant
	}
}

// repairHost corrects a host where one Service's name is near.
func repairHost(w *rules.World, r rules.Result) []rules.Fix {
	vs, ok := model.VirtualServices.Of(r.On)
	if !ok {
		return nil
	}
	known := newHosts(w)
	for _, s := range known.slips(vs) {
		if s.at == r.Pointer {
			return []rules.Fix{r.Replace(rules.Review, "take the requests to "+s.meant, s.meant)}
		}
	}
	for _, p := range grouped(w, vs, routed(&vs.Value.Spec), false) {
		if p.all[0].at+"/host" != r.Pointer {
			continue
		}
		gone, ok := known.missing(p.all[0].GetHost(), vs.Ref.Namespace)
		near := known.near(gone, vs.Ref.Namespace)
		if !ok || len(near) != 1 {
			return nil
		}
		var ops []patch.Op
		for _, d := range p.all {
			ops = append(ops, patch.Op{Op: patch.Replace, Path: d.at + "/host", Value: near[0]})
		}
		return []rules.Fix{rules.Change(rules.Review, "send the requests to "+near[0], vs.Object, ops...)}
	}
	return nil
}
