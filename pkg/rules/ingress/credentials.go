// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// credential is one use of a Secret with a certificate.
type credential struct {
	on *model.Object
	// at is the JSON Pointer of the field that names the Secret.
	at              string
	namespace, name string
	// hosts are those that clients will ask for; hostsAt is where they are written.
	hosts   []string
	hostsAt string
}

func (c credential) secret() ref.Ref {
	return model.Secrets.Ref(c.namespace, c.name)
}

// checkCredentials reports missing Secrets and host mismatches where they are
// used, and what is wrong with a Secret once, on the Secret. What is to be said
// of a missing one beyond that, the caller knows.
func checkCredentials(w *rules.World, emit rules.Emit, uses []credential, missing func(credential, *finding.Finding)) {
	made := promised(w)
	found := map[ref.Ref]certificate{}
	flawed := map[ref.Ref][]*finding.Finding{}
	for _, c := range uses {
		secret, there := model.Secrets.Get(w.Snapshot, c.namespace, c.name)
		if !there {
			absence, gone := w.Missing(model.Secrets.Kind, c.namespace, c.name)
			if gone && !made[c.secret()] {
				f := rules.Weigh(emit(c.on, c.at, "%s with the certificate %s", c.secret(), absence), absence)
				f.Related = []ref.Ref{c.secret()}
				missing(c, f)
			}
			continue
		}
		key := secret.Ref
		cert, seen := found[key]
		if !seen {
			cert = inspect(secret, w.Now)
			found[key] = cert
			for _, fl := range cert.flaws {
				flawed[key] = append(flawed[key], fl.emit(emit, secret.Object))
			}
		}
		for _, f := range flawed[key] {
			f.Related = append(f.Related, c.on.Ref)
		}
		if cert.leaf == nil {
			continue
		}
		if wrong := uncovered(cert.leaf, c.hosts); len(wrong) > 0 {
			f := emit(c.on, c.hostsAt, "certificate in %s is not for %s: it is for %s", c.secret(), strings.Join(wrong, ", "), namesOf(cert.leaf))
			f.Related = []ref.Ref{c.secret()}
		}
	}
}

func (fl flaw) emit(emit rules.Emit, secret *model.Object) *finding.Finding {
	f := emit(secret, fl.at, "%s", fl.message)
	f.Severity, f.Confidence, f.State, f.Since, f.Reason = fl.severity, fl.confidence, fl.state, fl.since, fl.reason
	return f
}

// promised are the Secrets that an operator makes from another object of the
// world: cert-manager, Sealed Secrets, External Secrets.
func promised(w *rules.World) map[ref.Ref]bool {
	out := map[ref.Ref]bool{}
	for _, o := range w.Objects() {
		at := ""
		switch o.Ref.GroupKind() {
		case ref.GroupKind{Group: "cert-manager.io", Kind: "Certificate"}:
			at = "/spec/secretName"
		case ref.GroupKind{Group: "external-secrets.io", Kind: "ExternalSecret"}:
			at = "/spec/target/name"
		case ref.GroupKind{Group: "bitnami.com", Kind: "SealedSecret"}:
		default:
			continue
		}
		name := o.Ref.Name
		if at != "" {
			if v, err := patch.Get(o.Raw(), at); err == nil {
				if s, ok := v.(string); ok {
					name = s
				}
			}
		}
		out[model.Secrets.Ref(o.Ref.Namespace, name)] = true
	}
	return out
}
