// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9035", Slug: "plaintext-clients", Severity: finding.Warning,
	Short: "Mutual TLS is STRICT and a known client can only send plaintext",
	Why: `Where mutual TLS is STRICT, the proxy resets every connection without a certificate of the mesh. Clients
that have none are easily forgotten: the API server, which calls webhooks; Prometheus, if it has no
proxy; Jobs and other pods without one; and init containers, which run before the proxy does, unless
that is a native sidecar.`,
	Fix: `Make the port PERMISSIVE (portLevelMtls of a PeerAuthentication for the workload), take it out of the
proxy's hands (excludeInboundPorts), or bring the client into the mesh.`,
	Reference: "https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication-MutualTLS-Mode",
	Needs: slices.Concat(model.WorkloadKinds, rules.MeshKinds, []*model.Kind{
		model.PeerAuthentications.Kind, model.Services.Kind, model.ServiceMonitors.Kind, model.PodMonitors.Kind,
		model.ValidatingWebhookConfigurations.Kind, model.MutatingWebhookConfigurations.Kind,
	}),
	Explains: []string{"KM1014", "KM6008", "KM9013"},
	Check:    checkPlaintextClients,
})

// mayBeStrict reports whether a policy asks for STRICT somewhere.
func mayBeStrict(pa peerAuthentication) bool {
	for _, one := range pa.Value.Spec.GetPortLevelMtls() {
		if one.GetMode() == strict {
			return true
		}
	}
	return pa.Value.Spec.GetMtls().GetMode() == strict
}

// plainClient is a call in plaintext.
type plainClient struct {
	visit
	who string
	// sure is true where the client certainly has no certificate of the mesh.
	sure bool
}

func checkPlaintextClients(w *rules.World, emit rules.Emit) {
	modes := newMTLS(w)
	if !slices.ContainsFunc(model.PeerAuthentications.In(w.Snapshot, ""), mayBeStrict) { // the search for clients is the dear part
		return
	}
	type key struct {
		by *model.Object
		to ref.Ref
	}
	told := map[key]bool{}
	for _, c := range slices.Concat(webhookClients(w), scrapers(w), nakedClients(w), initClients(w)) {
		m := modes.of(c.To, uint32(c.Port))
		k := key{c.By, c.To.Ref}
		if m.Mode != strict || m.From == nil || told[k] || w.Mesh(c.To) != rules.MeshIn || !captured(c.To, c.Port) || modes.known(c.To.Ref.Namespace) == model.Unknown {
			continue
		}
		told[k] = true
		port := ""
		if c.Port != 0 {
			port = fmt.Sprintf("port %d of ", c.Port)
		}
		f := emit(c.By, c.At, "%s comes to %s%s without a certificate of the mesh, and mutual TLS is STRICT there: it is refused", c.who, port, c.To.Ref)
		f.Confidence = finding.Likely
		f.Related = []ref.Ref{c.To.Ref, m.From.Ref}
		if c.Service.Name != "" {
			f.Related = append(f.Related, c.Service)
		}
		f.Evidence = []finding.Evidence{{Kind: "field", Of: m.From.Where(m.At), Value: "mode: STRICT"}}
		f.Hint = "make the port PERMISSIVE (portLevelMtls), or bring the client into the mesh"
		if !c.sure {
			f.Severity, f.Confidence = finding.Info, finding.Possible
		}
	}
}
