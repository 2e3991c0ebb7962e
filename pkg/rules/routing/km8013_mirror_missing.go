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
	ID: "KM8013", Slug: "mirror-missing", Severity: finding.Warning,
	Short: "Requests are mirrored to a host or subset that does not exist",
	Why: `A mirror gets copies of a route's requests; its answers are thrown away. Where its host or subset does
not exist, callers notice nothing, and the mirror gets nothing.`,
	Fix:       `Correct the host or subset, or remove the mirror.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMirrorPolicy",
	Aliases:   []string{"IST0101"},
	Needs: []*model.Kind{
		model.VirtualServices.Kind, model.DestinationRules.Kind, model.Services.Kind, model.ServiceEntries.Kind,
	},
	Check:  checkMirrors,
	Repair: repairMirror,
})

func checkMirrors(w *rules.World, emit rules.Emit) {
	known, c := newHosts(w), newClients(w)
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		mirrors := slices.DeleteFunc(destinations(&vs.Value.Spec), func(d destination) bool { return !d.mirror })
		for _, p := range grouped(w, vs, mirrors, true) {
			d := p.all[0]
			if gone, ok := known.missing(d.GetHost(), vs.Ref.Namespace); ok {
				f := emit(vs.Object, d.at+"/host", "requests are mirrored to host %s, but %s%s", d.GetHost(), gone.why, elsewhere(len(p.all)))
				if gone.service.Name != "" {
					f.Related = append(f.Related, gone.service)
				}
				if near := known.near(gone, vs.Ref.Namespace); len(near) > 0 {
					f.Hint = "did you mean " + strings.Join(near, " or ") + "?"
				}
				rules.Weigh(f, gone.absence)
				continue
			}
			if p.subset == "" || c.defined(vs, p) || c.unknown(p.fqdn, vs.Ref.Namespace) {
				continue
			}
			view, absence := c.view(p.fqdn, vs.Ref.Namespace), model.Proven
			if len(view.Rules) == 0 {
				absence = w.Absence(model.DestinationRules.Kind, vs.Ref.Namespace)
			}
			f := emit(vs.Object, d.at+"/subset", "requests are mirrored to subset %q of host %s, which no DestinationRule defines%s",
				p.subset, nameOf(w, p.fqdn, vs.Ref.Namespace), elsewhere(len(p.all)))
			for _, r := range view.Rules {
				f.Related = append(f.Related, r.Ref)
			}
			if near := closest(p.subset, subsetNames(view)); len(near) > 0 {
				f.Hint = "did you mean " + near[0] + "?"
			}
			rules.Weigh(f, absence)
		}
	}
}

// repairMirror takes out the one mirror: a list may hold others.
func repairMirror(_ *rules.World, r rules.Result) []rules.Fix {
	at, _ := patch.Split(r.Pointer)
	at = strings.TrimSuffix(at, "/destination")
	if list, index := patch.Split(at); index == "0" {
		if _, err := patch.Get(r.On.Raw(), list+"/1"); err != nil {
			at = list // the only one
		}
	}
	return []rules.Fix{rules.Change(rules.Review, "remove the mirror", r.On, patch.Op{Op: patch.Remove, Path: at})}
}
