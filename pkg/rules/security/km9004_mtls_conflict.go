// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"slices"

	networkingv1 "istio.io/api/networking/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9004", Slug: "mtls-conflict", Severity: finding.Error,
	Short: "Client and server disagree about mutual TLS",
	Why: `The DestinationRule decides what the client sends, the PeerAuthentication what the server takes. Where
mutual TLS is STRICT, plaintext and TLS without a client certificate are refused: callers see 503 or a
reset connection. A DestinationRule that insists on ISTIO_MUTUAL fails where the server has no proxy or
has turned mutual TLS off. Callers without a proxy, such as an Ingress controller outside the mesh, can
only send plaintext.`,
	Fix: `Drop the tls settings from the DestinationRule: without them, proxies use mutual TLS where the server
has a proxy, and plaintext elsewhere. Bring callers into the mesh before mutual TLS becomes STRICT.`,
	Reference: "https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/",
	Aliases:   []string{"KIA0207", "KIA0208"},
	Needs: slices.Concat(clientKinds, rules.MeshKinds, []*model.Kind{
		model.PeerAuthentications.Kind, model.Ingresses.Kind,
	}),
	Explains: []string{"KM8022"},
	Check:    checkMTLS,
	Repair:   repairMTLS,
})

func checkMTLS(w *rules.World, emit rules.Emit) {
	modes := newMTLS(w)
	for _, s := range clientSettings(w) {
		for _, t := range s.targets(w) {
			if modes.known(t.Ref.Namespace) == model.Unknown {
				continue
			}
			if conflict(w, s, t, modes.of(t.Workload, uint32(t.Port)), emit) {
				break // one workload and port is enough
			}
		}
	}
	if !w.Offline {
		checkControllers(w, modes, emit)
	}
}

// conflict reports a setting that a workload's port does not agree with.
func conflict(w *rules.World, s clientTLS, t backend, m mtlsMode, emit rules.Emit) bool {
	mesh, what := w.Mesh(t.Workload), ""
	certain := finding.Certain
	switch {
	case mesh == rules.MeshOut && s.Mode == networkingv1.ClientTLSSettings_ISTIO_MUTUAL:
		what = "which has no proxy to answer it"
	case mesh == rules.MeshOut:
		return false
	case m.Mode == strict && s.Mode == networkingv1.ClientTLSSettings_DISABLE:
		what = "which takes mutual TLS only"
	case m.Mode == strict && s.Mode == networkingv1.ClientTLSSettings_SIMPLE:
		what, certain = "which asks for a client certificate", finding.Likely
	case m.Mode == disable && s.Mode == networkingv1.ClientTLSSettings_ISTIO_MUTUAL:
		what = "which has mutual TLS turned off"
	default:
		return false
	}
	port := ""
	if t.Port != 0 {
		port = fmt.Sprintf("port %d of ", t.Port)
	}
	f := emit(s.Rule.Object, s.At, "tls mode %s towards %s leads to %s%s, %s", s.Mode, s.Service.Ref, port, t.Ref, what)
	f.Confidence = certain
	if w.Partial {
		f.Confidence = finding.Likely
		if mesh == rules.MeshOut {
			f.Severity = finding.Warning
		}
	}
	f.Related = []ref.Ref{s.Service.Ref, t.Ref}
	if mesh != rules.MeshOut && m.From != nil {
		f.Related = append(f.Related, m.From.Ref)
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: m.From.Where(m.At), Value: "mode: " + m.Mode.String()})
	}
	f.Hint = "without tls settings proxies agree by themselves"
	return true
}

// checkControllers looks for Ingress controllers outside the mesh in front of
// workloads that take mutual TLS only. The controller of an Ingress is found by
// the address that it put into the status.
func checkControllers(w *rules.World, modes *mtls, emit rules.Emit) {
	controllers := map[string]service{}
	for _, svc := range model.Services.In(w.Snapshot, "") {
		for _, in := range svc.Value.Status.LoadBalancer.Ingress {
			if address := in.IP + in.Hostname; address != "" {
				controllers[address] = svc
			}
		}
	}
	for _, d := range ingressDoors(w) {
		ing, _ := model.Ingresses.Of(d.From)
		for _, in := range ing.Value.Status.LoadBalancer.Ingress {
			front, found := controllers[in.IP+in.Hostname]
			if !found || !naked(w, front) {
				continue
			}
			for _, b := range behind(w, d) {
				m := modes.of(b.Workload, uint32(b.Port))
				if m.Mode != strict || w.Mesh(b.Workload) != rules.MeshIn || modes.known(b.Ref.Namespace) == model.Unknown {
					continue
				}
				f := emit(d.From, d.At, "the controller behind %s is outside the mesh, and %s takes mutual TLS only: every request is refused", front.Ref, b.Ref)
				f.Confidence = finding.Likely
				f.Related = []ref.Ref{d.Service.Ref, b.Ref, front.Ref, m.From.Ref}
				f.Evidence = []finding.Evidence{{Kind: "field", Of: m.From.Where(m.At), Value: "mode: STRICT"}, {Kind: "status", Of: d.From.Ref.String(), Value: "address " + in.IP + in.Hostname}}
				f.Hint = "inject the controller, or make mutual TLS PERMISSIVE for the workload until it is"
				break
			}
			break
		}
	}
}

// naked reports whether none of the live pods behind a Service has a proxy.
func naked(w *rules.World, svc service) bool {
	pods := w.Selected(svc)
	return len(pods) > 0 && !slices.ContainsFunc(pods, func(p model.Item[corev1.Pod]) bool { return model.InMesh(p.Value) })
}

func repairMTLS(w *rules.World, r rules.Result) []rules.Fix {
	if _, ok := model.DestinationRules.Of(r.On); !ok {
		return nil
	}
	tls, _ := patch.Split(r.Pointer)
	policy, _ := patch.Split(tls)
	at := tls
	if inside, err := patch.Get(r.On.Raw(), policy); err == nil {
		if fields, isMap := inside.(map[string]any); isMap && len(fields) == 1 {
			at = policy // nothing is left in it
		}
	}
	return []rules.Fix{rules.Change(rules.Review, "leave TLS to the proxies", r.On, patch.Op{Op: patch.Remove, Path: at})}
}
