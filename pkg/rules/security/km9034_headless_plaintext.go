// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9034", Slug: "headless-plaintext", Severity: finding.Warning,
	Short: "One endpoint without a proxy turns mutual TLS off for a headless Service",
	Why: `Of a headless Service the client's proxy passes connections on to the address that the application
chose, by one setting for all of them. Mutual TLS is used if every endpoint has a proxy; one without
turns it off for all. Endpoints whose mutual TLS is STRICT refuse the plaintext that comes of it.`,
	Fix:       "Give all pods behind the Service a proxy, or the naked ones a Service of their own.",
	Reference: "https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/#headless-services",
	Needs: slices.Concat(model.WorkloadKinds, rules.MeshKinds, []*model.Kind{
		model.Services.Kind, model.PeerAuthentications.Kind,
	}),
	Explains: []string{"KM9009", "KM8022"},
	Check:    checkHeadless,
})

func checkHeadless(w *rules.World, emit rules.Emit) {
	modes := newMTLS(w)
	for _, svc := range model.Services.In(w.Snapshot, "") {
		if svc.Value.Spec.ClusterIP != corev1.ClusterIPNone {
			continue
		}
		with, without := divided(w, w.Behind(svc))
		if len(with) == 0 || len(without) == 0 {
			continue
		}
		f := emit(svc.Object, "/spec/clusterIP", "headless, and %s has no proxy: connections to all endpoints are in plaintext, those to %s too", without[0], with[0].Ref)
		f.Reason = "headless, and some of its pods have no proxy"
		f.Confidence = finding.Likely
		f.Related = unique(slices.Concat(model.Refs(with), without))
		f.Hint = "give all of them a proxy, or the naked ones a Service of their own"
		if m, found := firstStrict(modes, svc, with); found {
			f.Message += "; mutual TLS is STRICT there, so that they are refused"
			f.Evidence = []finding.Evidence{{Kind: "field", Of: m.From.Where(m.At), Value: "mode: STRICT"}}
			f.Related = append(f.Related, m.From.Ref)
			if !w.Partial {
				f.Severity = finding.Error
			}
		}
	}
}

// firstStrict is the mode of the first port behind a Service that refuses plaintext.
func firstStrict(modes *mtls, svc service, workloads []*model.Workload) (mtlsMode, bool) {
	for _, of := range workloads {
		for i := range svc.Value.Spec.Ports {
			m := modes.of(of, uint32(podPort(of, &svc.Value.Spec.Ports[i])))
			if m.Mode == strict && m.From != nil && modes.known(of.Ref.Namespace) != model.Unknown {
				return m, true
			}
		}
	}
	return mtlsMode{}, false
}

// divided are the workloads behind a Service that have a proxy, and who has none:
// workloads, or single pods of one that has both.
func divided(w *rules.World, behind model.Selection) (with []*model.Workload, without []ref.Ref) {
	for _, of := range behind.Workloads {
		switch w.Mesh(of) {
		case rules.MeshIn:
			with = append(with, of)
			for _, p := range of.Pods {
				if !model.InMesh(p.Value) && !model.PodEnded(p.Value) && p.Value.DeletionTimestamp == nil {
					without = append(without, p.Ref)
				}
			}
		case rules.MeshOut:
			without = append(without, of.Ref)
		}
	}
	return with, without
}
