// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM3006", Slug: "external-name", Severity: finding.Error,
	Short: "ExternalName Service is an alias of nothing",
	Why: `A Service of type ExternalName is an alias in DNS: whoever asks for its name is told to ask for
externalName. That has to be a whole DNS name. An address in it is taken for a name of digits, a URL
or a port is rejected, and short names are not completed: "db.prod" is not found though Service db
of namespace prod exists.

It has no endpoints, so that a selector in it does nothing. Clients send the alias as Host header
and expect it in the certificate of the server.

In the mesh, a port of such a Service that says tcp, or nothing, makes older versions of Istio take
all traffic to that port number for it.`,
	Fix: `Write the whole name of the target. For an address, use a Service without selector and an
EndpointSlice.`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/service/#externalname",
	Aliases:   []string{"IST0150"},
	Needs:     slices.Concat(rules.MeshKinds, istioKinds, []*model.Kind{model.Services.Kind}),
	Explains:  []string{"KM4001"},
	Check:     checkAliases,
	Repair:    repairAlias,
})

func checkAliases(w *rules.World, emit rules.Emit) {
	m := newMesh(w)
	for _, svc := range model.Services.In(w.Snapshot, "") {
		if svc.Value.Spec.Type != corev1.ServiceTypeExternalName || svc.Value.DeletionTimestamp != nil {
			continue
		}
		checkAlias(w, svc, emit)
		if len(svc.Value.Spec.Selector) > 0 {
			f := emit(svc.Object, "/spec/selector", "a selector has no effect in a Service of type ExternalName")
			f.Severity = finding.Info
		}
		if _, covered := m.covers(svc); covered {
			checkAliasPorts(svc, emit)
		}
	}
}

// checkAlias looks at the name that a Service is an alias of.
func checkAlias(w *rules.World, svc service, emit rules.Emit) {
	const at = "/spec/externalName"
	name := strings.TrimSuffix(svc.Value.Spec.ExternalName, ".")
	ns, short, inside := w.ServiceName(strings.ToLower(name))
	_, notAddress := netip.ParseAddr(name)
	switch {
	case name == "":
		emit(svc.Object, at, "externalName is missing")
	case notAddress == nil:
		emit(svc.Object, at, "externalName %s is an address; DNS takes it for a name, which nothing resolves", name)
	case len(validation.IsDNS1123Subdomain(strings.ToLower(name))) > 0:
		emit(svc.Object, at, "externalName %q is not a DNS name", name)
	case inside && ns == svc.Ref.Namespace && short == svc.Ref.Name:
		emit(svc.Object, at, "externalName is the name of the Service itself")
	case inside:
		if absence, missing := w.Missing(model.Services.Kind, ns, short); missing {
			target := ref.Of("v1", "Service", ns, short)
			f := emit(svc.Object, at, "externalName is that of %s, which %s", target, absence)
			f.Related = append(f.Related, target)
			rules.Weigh(f, absence)
		}
	default:
		if target, ok := unfinished(w, svc); ok {
			f := emit(svc.Object, at, "externalName %s is not completed by DNS, so that it is not %s", name, target)
			f.Hint = "write " + w.ServiceFQDN(target.Namespace, target.Name)
			f.Related = append(f.Related, target)
		}
	}
}

// unfinished finds the Service that the short name of an alias means.
func unfinished(w *rules.World, svc service) (ref.Ref, bool) {
	name := strings.TrimSuffix(svc.Value.Spec.ExternalName, ".")
	ns, short, ok := w.DottedService(name)
	if !strings.Contains(name, ".") {
		ns, short = svc.Ref.Namespace, name
		_, ok = model.Services.Get(w.Snapshot, ns, short)
	}
	return ref.Of("v1", "Service", ns, short), ok
}

// checkAliasPorts finds ports that Istio may open for every address.
func checkAliasPorts(svc service, emit rules.Emit) {
	for i := range svc.Value.Spec.Ports {
		p := &svc.Value.Spec.Ports[i]
		_, _, missing := protocolAt(i, p)
		tcp := p.Name == "tcp" || strings.HasPrefix(p.Name, "tcp-")
		if p.AppProtocol != nil {
			tcp = *p.AppProtocol == "tcp"
		}
		if !missing && !tcp {
			continue
		}
		f := emit(svc.Object, patch.Pointer("spec", "ports", i), "port %d says no protocol but TCP: older sidecars take all traffic to this port number for the alias", p.Port)
		f.Severity, f.Confidence, f.State = finding.Info, finding.Possible, finding.Latent
	}
}

func repairAlias(w *rules.World, r rules.Result) []rules.Fix {
	svc, ok := model.Services.Of(r.On)
	switch {
	case !ok:
	case r.Pointer == "/spec/selector":
		return []rules.Fix{rules.Change(rules.Safe, "remove the selector", r.On, patch.Op{Op: patch.Remove, Path: r.Pointer})}
	case r.Pointer == "/spec/externalName":
		if target, found := unfinished(w, svc); found {
			fqdn := w.ServiceFQDN(target.Namespace, target.Name)
			return []rules.Fix{r.Replace(rules.Safe, "write "+fqdn, fqdn)}
		}
	}
	return nil
}
