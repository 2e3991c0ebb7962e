// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM4003", Slug: "ingress-tls", Severity: finding.Error,
	Short: "Ingress has no usable certificate",
	Why: `Without its Secret, or with a certificate that has expired or is for other names, a controller
serves a certificate of its own making: browsers warn and programs refuse the connection. An Ingress
without TLS sends everything, cookies and passwords too, in clear text.

Certificates are read only where the Secret's contents are in the files, or were read.`,
	Fix: `Create a Secret of type kubernetes.io/tls with tls.crt and tls.key in the namespace of the
Ingress, with a certificate for all hosts of the entry, and see to its renewal.`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
	Needs:     []*model.Kind{model.Ingresses.Kind, model.Secrets.Kind},
	Check:     checkIngressTLS,
})

func checkIngressTLS(w *rules.World, emit rules.Emit) {
	var uses []credential
	issued := map[*model.Object]bool{}
	for _, in := range model.Ingresses.In(w.Snapshot, "") {
		if in.Value.DeletionTimestamp != nil {
			continue
		}
		if len(in.Value.Spec.TLS) == 0 && len(in.Value.Spec.Rules) > 0 && !certifiedElsewhere(in.Value) {
			f := emit(in.Object, "/spec", "Ingress has no tls: it is served in clear text, unless TLS ends in front of it")
			f.Severity, f.Confidence = finding.Info, finding.Likely
			f.Hint = "add spec.tls with the hosts and the name of a Secret with their certificate"
		}
		issued[in.Object] = hasIssuer(in.Value)
		for i, t := range in.Value.Spec.TLS {
			if t.SecretName == "" {
				continue // the controller's default certificate
			}
			uses = append(uses, credential{
				on: in.Object, at: patch.Pointer("spec", "tls", i, "secretName"), namespace: in.Ref.Namespace, name: t.SecretName,
				hosts: t.Hosts, hostsAt: patch.Pointer("spec", "tls", i, "hosts"),
			})
		}
	}
	// cert-manager makes the Secret of an Ingress that names an issuer; of files
	// that is all there is to say.
	if w.Offline {
		uses = slices.DeleteFunc(uses, func(c credential) bool {
			_, there := w.Object(c.secret())
			return !there && issued[c.on]
		})
	}
	checkCredentials(w, emit, uses, func(c credential, f *finding.Finding) {
		if issued[c.on] {
			f.Severity, f.State = finding.Warning, finding.Progressing
			f.Hint = "cert-manager has not made it yet: kubectl describe certificate -n " + c.namespace
			return
		}
		f.Hint = rules.DidYouMean(c.name, w.Names(model.Secrets.Kind, c.namespace))
	})
}

// hasIssuer reports whether cert-manager takes care of an Ingress
// (https://cert-manager.io/docs/usage/ingress/#supported-annotations).
func hasIssuer(in *networkingv1.Ingress) bool {
	a := in.Annotations
	return a["cert-manager.io/issuer"] != "" || a["cert-manager.io/cluster-issuer"] != "" || a["kubernetes.io/tls-acme"] == "true"
}

// certifiedElsewhere reports whether an annotation gives an Ingress its
// certificate from outside the cluster, or TLS without a Secret.
func certifiedElsewhere(in *networkingv1.Ingress) bool {
	for key, value := range in.Annotations {
		switch key {
		case "alb.ingress.kubernetes.io/certificate-arn", "networking.gke.io/managed-certificates", "networking.gke.io/pre-shared-certs",
			"ingress.gcp.kubernetes.io/pre-shared-cert", "networking.gke.io/certmap":
			return value != ""
		case "traefik.ingress.kubernetes.io/router.tls":
			return value == "true"
		case "alb.ingress.kubernetes.io/listen-ports": // AWS finds the certificate by host name
			return strings.Contains(value, "HTTPS")
		}
	}
	return false
}
