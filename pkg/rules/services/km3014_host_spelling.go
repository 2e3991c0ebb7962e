// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM3014", Slug: "host-spelling", Severity: finding.Error,
	Short: "Host or address does not lead to the Service that it means",
	Why: `Istio does not resolve names as DNS does. A name without a dot is a Service of the object's own
namespace; a name with a dot is taken as it is. So "reviews.prod", which DNS completes, is no Service
to Istio, and neither is "reviews" for a Service of another namespace, or a name under another
cluster domain than that of the mesh.

A route to such a host is answered with 503, a DestinationRule for it has no effect.

An address in an environment variable, such as http://reviews:8081, needs a port that the Service has:
connections to another one are dropped or refused, even where the pods listen on it.`,
	Fix: `Write the whole name: reviews.prod.svc.cluster.local. In an address, write the port of the Service,
or add the port to it.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination",
	Aliases:   []string{"IST0101", "IST0174", "KIA0202", "KIA1101"},
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.VirtualServices.Kind, model.DestinationRules.Kind, model.Services.Kind, model.ServiceEntries.Kind,
	}),
	Explains: []string{"KM8002", "KM8003", "KM8022"},
	Check:    checkSpelling,
	Repair:   repairSpelling,
})

// meant is the Service that a misspelt host stands for.
type meant struct {
	service ref.Ref
	// why completes "host x ...".
	why string
	// absence says what it proves that the host is nothing as it is written.
	absence    model.Absence
	confidence finding.Confidence
}

func checkSpelling(w *rules.World, emit rules.Emit) {
	checkAddresses(w, emit)
	byName := serviceNames(w)
	for _, o := range routers(w) {
		fields := fieldsOf(o)
		for i, h := range fields {
			if slices.IndexFunc(fields, h.same) < i {
				continue // said of the first already
			}
			m, misspelt := meaning(w, h.host, o.Ref.Namespace, byName)
			if !misspelt {
				continue
			}
			f := emit(o, h.at, "host %q %s", h.host, m.why)
			f.Confidence = m.confidence
			rules.Weigh(f, m.absence)
			if h.use == matched { // requests with this very name in their Host header do match
				f.Severity, f.Confidence = min(f.Severity, finding.Warning), max(f.Confidence, finding.Likely)
			}
			f.Related = append(f.Related, m.service)
			f.Hint = "write " + w.ServiceFQDN(m.service.Namespace, m.service.Name)
		}
	}
}

// same reports whether another field names the same host for the same use.
func (h hostField) same(other hostField) bool { return h.host == other.host && h.use == other.use }

// serviceNames are the Services by their names.
func serviceNames(w *rules.World) map[string][]ref.Ref {
	out := map[string][]ref.Ref{}
	for _, svc := range model.Services.In(w.Snapshot, "") {
		out[svc.Ref.Name] = append(out[svc.Ref.Name], svc.Ref)
	}
	return out
}

// meaning finds out what a host in an object of a namespace means, if it is not
// what it says.
func meaning(w *rules.World, host, namespace string, byName map[string][]ref.Ref) (meant, bool) {
	if host == "" || strings.Contains(host, "*") || w.Resolve(host, namespace).Known() {
		return meant{}, false
	}
	if _, gap := w.Gap(model.ServiceEntries.GroupKind, ""); gap {
		return meant{}, false // one of them may declare the name
	}
	if !strings.Contains(host, ".") {
		return elsewhere(w, host, namespace, byName)
	}
	m := meant{absence: model.Proven}
	if w.Partial {
		m.confidence = finding.Likely
	}
	if ns, name, ok := w.DottedService(host); ok {
		m.service = ref.Of("v1", "Service", ns, name)
		m.why = fmt.Sprintf("is taken by Istio as it is and not as %s", m.service)
		return m, true
	}
	ns, name, domain, ok := otherDomain(w, host)
	if !ok {
		return meant{}, false
	}
	m.confidence = finding.Likely
	if len(ref.Closest(domain, []string{w.ClusterDomain})) == 0 {
		m.absence = model.NotInSet // the domain may be right, and the one we were told wrong
	}
	m.service = ref.Of("v1", "Service", ns, name)
	m.why = fmt.Sprintf("has the cluster domain %s, expected %s", domain, w.ClusterDomain)
	return m, true
}

// elsewhere looks for the one Service of another namespace that a short name
// may mean. Where there are several, nobody can tell, and the host is simply
// not found (KM8001). A Service of the own namespace that is there but hidden
// is spelt right.
func elsewhere(w *rules.World, host, namespace string, byName map[string][]ref.Ref) (meant, bool) {
	others := byName[host]
	if len(others) != 1 {
		return meant{}, false
	}
	absence, missing := w.Missing(model.Services.Kind, namespace, host)
	if !missing {
		return meant{}, false
	}
	why := fmt.Sprintf("means Service %s/%s, which %s; there is %s", namespace, host, absence, others[0])
	return meant{service: others[0], why: why, absence: absence}, true
}

// otherDomain recognises the full name of an existing Service under a domain
// that is not the cluster's. Names of several clusters are no mistake
// (https://github.com/kubernetes/enhancements/tree/master/keps/sig-multicluster/1645-multi-cluster-services-api).
func otherDomain(w *rules.World, host string) (namespace, name, domain string, ok bool) {
	parts := strings.SplitN(host, ".", 4)
	if len(parts) != 4 || parts[2] != "svc" || parts[3] == "clusterset.local" || strings.EqualFold(parts[3], w.ClusterDomain) {
		return "", "", "", false
	}
	_, found := model.Services.Get(w.Snapshot, parts[1], parts[0])
	return parts[1], parts[0], parts[3], found
}

func repairSpelling(w *rules.World, r rules.Result) []rules.Fix {
	fields := fieldsOf(r.On)
	if len(fields) == 0 {
		return repairAddress(w, r)
	}
	i := slices.IndexFunc(fields, func(h hostField) bool { return h.at == r.Pointer })
	if i < 0 {
		return nil
	}
	m, misspelt := meaning(w, fields[i].host, r.On.Ref.Namespace, serviceNames(w))
	if !misspelt {
		return nil
	}
	fqdn := w.ServiceFQDN(m.service.Namespace, m.service.Name)
	var ops []patch.Op
	for _, h := range fields {
		if fields[i].same(h) {
			ops = append(ops, patch.Op{Op: patch.Replace, Path: h.at, Value: fqdn})
		}
	}
	// A rule or a match that comes into effect changes more than the one route.
	risk := rules.Review
	if fields[i].use == routed && m.absence == model.Proven {
		risk = rules.Safe
	}
	return []rules.Fix{rules.Change(risk, "write "+fqdn, r.On, ops...)}
}
