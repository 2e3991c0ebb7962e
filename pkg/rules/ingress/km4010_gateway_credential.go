// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	"fmt"
	"slices"
	"strings"

	networkingv1 "istio.io/api/networking/v1"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM4010", Slug: "gateway-credential", Severity: finding.Error,
	Short: "Gateway has no usable certificate",
	Why: `A proxy gets the certificate of a Gateway from a Secret in the namespace where the proxy runs, which
need not be that of the Gateway object. Without it, or without a certificate in it, the listener takes
no connection; with one that has expired or is for other names, clients refuse it.

Certificates are read only where the Secret's contents are in the files, or were read.`,
	Fix: `Create the Secret, of type kubernetes.io/tls with tls.crt and tls.key, in the namespace of the
gateway's pods. A Gateway of the Gateway API looks in its own namespace, or where its reference says.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings",
	Aliases:   []string{"IST0161"},
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.IstioGateways.Kind, model.Gateways.Kind, model.Secrets.Kind,
	}),
	Check: checkGatewayCredentials,
})

func checkGatewayCredentials(w *rules.World, emit rules.Emit) {
	var uses []credential
	pods := newProxies(w)
	for _, gw := range model.IstioGateways.In(w.Snapshot, "") {
		for i, server := range gw.Value.Spec.Servers {
			uses = append(uses, serverCredentials(w, gw, server, i, namespacesOf(pods.of(gw.Value)))...)
		}
	}
	for _, gw := range model.Gateways.In(w.Snapshot, "") {
		for i := range gw.Value.Spec.Listeners {
			uses = append(uses, listenerCredentials(gw, i)...)
		}
	}
	checkCredentials(w, emit, uses, func(c credential, f *finding.Finding) {
		elsewhere := secretNamespaces(w, c.name)
		if len(elsewhere) > 0 { // so that it was made, in the wrong place
			f.Severity, f.Confidence = max(f.Severity, finding.Warning), min(f.Confidence, finding.Likely)
			f.Hint = fmt.Sprintf("Secret %s is in namespace %s, the gateway reads it from %s", c.name, strings.Join(elsewhere, ", "), c.namespace)
		} else {
			f.Hint = rules.DidYouMean(c.name, w.Names(model.Secrets.Kind, c.namespace))
		}
	})
}

// serverCredentials are the Secrets of a server, once for each namespace that
// its proxies run in. When none is known, any namespace will do.
func serverCredentials(w *rules.World, gw model.Item[istionetv1.Gateway], server *networkingv1.Server, index int, namespaces []string) []credential {
	tls := server.GetTls()
	switch tls.GetMode() {
	case networkingv1.ServerTLSSettings_SIMPLE, networkingv1.ServerTLSSettings_MUTUAL, networkingv1.ServerTLSSettings_OPTIONAL_MUTUAL:
	default:
		return nil // the others need no certificate, or that of the mesh
	}
	at := patch.Pointer("spec", "servers", index, "tls")
	type named struct{ at, name string }
	names := []named{{at + "/credentialName", tls.GetCredentialName()}}
	for i, name := range tls.GetCredentialNames() {
		names = append(names, named{at + patch.Pointer("credentialNames", i), name})
	}
	hosts := make([]string, len(server.GetHosts()))
	for i, h := range server.GetHosts() {
		_, hosts[i] = splitHost(h)
	}
	if len(tls.GetCredentialNames()) > 1 {
		hosts = nil // each certificate is for some of them
	}
	var out []credential
	for _, n := range names {
		if n.name == "" || strings.Contains(n.name, "://") {
			continue // not a Secret
		}
		in := namespaces
		if len(in) == 0 {
			in = append(secretNamespaces(w, n.name), gw.Ref.Namespace)[:1]
		}
		for _, ns := range in {
			out = append(out, credential{
				on: gw.Object, at: n.at, namespace: ns, name: n.name,
				hosts: hosts, hostsAt: patch.Pointer("spec", "servers", index, "hosts"),
			})
		}
	}
	return out
}

// listenerCredentials are the Secrets of a listener of the Gateway API.
func listenerCredentials(gw model.Item[gatewayv1.Gateway], index int) []credential {
	l := gw.Value.Spec.Listeners[index]
	if l.TLS == nil || (l.TLS.Mode != nil && *l.TLS.Mode != gatewayv1.TLSModeTerminate) {
		return nil
	}
	var hosts []string
	if l.Hostname != nil && len(l.TLS.CertificateRefs) == 1 {
		hosts = []string{string(*l.Hostname)}
	}
	var out []credential
	for i, r := range l.TLS.CertificateRefs {
		if !isKind(r.Group, r.Kind, model.Secrets.Kind) || r.Name == "" {
			continue
		}
		out = append(out, credential{
			on: gw.Object, at: patch.Pointer("spec", "listeners", index, "tls", "certificateRefs", i, "name"),
			namespace: model.NamespaceOf(r.Namespace, gw.Ref.Namespace), name: string(r.Name),
			hosts: hosts, hostsAt: patch.Pointer("spec", "listeners", index, "hostname"),
		})
	}
	return out
}

// namespacesOf are the namespaces of workloads, which are sorted by them.
func namespacesOf(workloads []*model.Workload) []string {
	var out []string
	for _, w := range workloads {
		out = append(out, w.Ref.Namespace)
	}
	return slices.Compact(out)
}

// secretNamespaces are the namespaces with a Secret of a name.
func secretNamespaces(w *rules.World, name string) []string {
	var out []string
	for _, s := range model.Secrets.In(w.Snapshot, "") {
		if s.Ref.Name == name {
			out = append(out, s.Ref.Namespace)
		}
	}
	return out
}
