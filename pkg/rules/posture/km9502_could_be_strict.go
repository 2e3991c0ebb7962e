// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"

	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM9502", Slug: "could-be-strict", Severity: finding.Info, Hygiene: true,
	Short: "Namespace takes plain text, and nobody is known to send it any",
	Why: `PERMISSIVE is there for the time in which callers get their proxies. All workloads of the namespace have one, and all
callers that routes, settings and scrapes tell of use mutual TLS: demanding it breaks nobody who is known,
and keeps out everybody without an identity.`,
	Fix:       `Set the mode STRICT for the namespace. "kubectl micro secure mtls" lists the callers; leave ports that are called from outside of the mesh in portLevelMtls.`,
	Reference: "https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/",
	Needs:     tlsKinds,
	Check:     checkCouldBeStrict,
	Repair:    demandTLS,
})

func checkCouldBeStrict(w *rules.World, emit rules.Emit) {
	table := reachOf(w).mtls()
	modes, held := map[ref.Ref]mesh.ServerMode{}, map[ref.Ref]bool{}
	byText := map[string]ref.Ref{}
	for _, s := range table.Workloads {
		modes[plain(s.Workload)], byText[s.Text] = s.Mode, s.Workload
	}
	for _, x := range table.Edges {
		if len(x.Declared) > 0 && x.TLS.Result != mesh.Mutual {
			held[plain(byText[x.To])] = true
		}
	}
	namespaces, in := meshed(w)
	edge := atTheEdge(w)
	for _, ns := range namespaces {
		absence := min(w.Absence(model.PeerAuthentications.Kind, ns), w.Absence(model.PeerAuthentications.Kind, w.RootNamespace))
		var loose []*model.Workload
		blocked := absence == model.Unknown || ns == w.RootNamespace || len(in[ns]) != len(w.Judged(ns))
		for _, of := range in[ns] {
			by, _ := door(w, of)
			blocked = blocked || held[plain(of.Ref)] || by != "" && !edge[of]
			if modes[plain(of.Ref)] == mesh.ServerPermissive && !edge[of] {
				loose = append(loose, of)
			}
		}
		if blocked || len(loose) == 0 {
			continue
		}
		on, at := namespaceOr(w, ns, loose[0].Object), ""
		pa, own := wide(w, ns)
		if own {
			on, at = pa.Object, pa.Existing("", "/spec/mtls/mode", "/spec")
		}
		f := emit(on, at, "%s of namespace %s take plain text, and no known caller sends any: STRICT would break nobody who is known", plural(len(loose), "workload"), ns)
		f.Reason = ns + " could be STRICT"
		f.Related = append(f.Related, model.Refs(loose)...)
		f.Confidence = finding.Likely // of callers that nothing declares nobody knows
		if !own {
			rules.Weigh(f, absence)
			f.Confidence = max(f.Confidence, finding.Likely)
		}
	}
}

// wide is the policy for a whole namespace, the oldest if there are several.
func wide(w *rules.World, ns string) (model.Item[istiosecv1.PeerAuthentication], bool) {
	all := slices.DeleteFunc(model.PeerAuthentications.In(w.Snapshot, ns), func(pa model.Item[istiosecv1.PeerAuthentication]) bool {
		return len(pa.Value.Spec.GetSelector().GetMatchLabels()) > 0
	})
	if len(all) == 0 {
		return model.Item[istiosecv1.PeerAuthentication]{}, false
	}
	return slices.MinFunc(all, func(a, b model.Item[istiosecv1.PeerAuthentication]) int {
		return a.Value.CreationTimestamp.Time.Compare(b.Value.CreationTimestamp.Time)
	}), true
}

func demandTLS(w *rules.World, r rules.Result) []rules.Fix {
	const title = "demand mutual TLS in the whole namespace"
	if pa, ok := model.PeerAuthentications.Of(r.On); ok && pa.Value != nil {
		return []rules.Fix{rules.Change(rules.Review, title, r.On, rules.Set(r.On, "/spec/mtls/mode", "STRICT"))}
	}
	ns := r.On.Ref.Namespace
	if ns == "" {
		ns = r.On.Ref.Name
	}
	return []rules.Fix{{Title: title, Risk: rules.Review, Creates: []map[string]any{{
		"apiVersion": model.IstioSecurity + "/v1", "kind": "PeerAuthentication",
		"metadata": map[string]any{"name": "default", "namespace": ns},
		"spec":     map[string]any{"mtls": map[string]any{"mode": "STRICT"}},
	}}}}
}
