// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"net/url"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM8016", Slug: "sidecar", Severity: finding.Error,
	Short: "Istio Sidecar is ignored, or leaves out a service that is called",
	Why: `A workload has one Sidecar: the oldest of its namespace whose workloadSelector fits, else the oldest
without a selector, else that of the root namespace. Others are ignored, and nothing is merged.

What egress does not list does not exist for the proxy. With outboundTrafficPolicy REGISTRY_ONLY,
requests to it end at the proxy: HTTP with 502, TCP with a reset (clusters BlackHoleCluster and
block_all).`,
	Fix:       `Write one Sidecar for each selector, and list the hosts that the workloads call.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/sidecar/",
	Aliases:   []string{"IST0110", "IST0111"},
	Needs: append([]*model.Kind{
		model.Sidecars.Kind, model.Services.Kind, model.ServiceEntries.Kind, model.VirtualServices.Kind, model.Namespaces.Kind,
	}, model.WorkloadKinds...),
	Check:  checkSidecars,
	Repair: repairEgress,
})

func checkSidecars(w *rules.World, emit rules.Emit) {
	all := newSidecars(w)
	for _, o := range model.Sidecars.In(w.Snapshot, "") {
		list := all[o.Ref.Namespace]
		i := slices.IndexFunc(list, func(s sidecar) bool { return s.Ref == o.Ref })
		if order(o) == 1 {
			superfluous(emit, list[:i], o)
		} else {
			overlapping(w, emit, list[:i], o)
		}
	}
	for _, c := range leftOut(w, all) {
		var envs []string
		f := emit(c.from.Object, "/spec/egress", "egress leaves out %s, which %s calls: with REGISTRY_ONLY its requests end at the proxy", c.to.Ref, c.by[0].Ref)
		f.Confidence = finding.Likely
		f.Reason = "egress leaves out " + c.to.Ref.String()
		f.Related = append(f.Related, c.to.Ref)
		for i, o := range c.by {
			f.Related = append(f.Related, o.Ref)
			f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: o.Where(c.env[i]), Value: c.url[i]})
			envs = append(envs, o.Ref.String())
		}
		f.Hint = "add " + c.host(w) + " to egress hosts, for " + strings.Join(envs, ", ")
	}
}

// superfluous reports a Sidecar without a selector beside an older one.
func superfluous(emit rules.Emit, before []sidecar, s sidecar) {
	i := slices.IndexFunc(before, func(o sidecar) bool { return order(o) == 1 })
	if i < 0 {
		return
	}
	second(emit, before[i], s, "", "all workloads of the namespace")
}

// overlapping reports a Sidecar whose workloads an older one has already.
func overlapping(w *rules.World, emit rules.Emit, before []sidecar, s sidecar) {
	for _, old := range before {
		var both []string
		for _, o := range w.Workloads(s.Ref.Namespace) {
			if selects(s, o) && selects(old, o) {
				both = append(both, o.Ref.String())
			}
		}
		if len(both) > 0 {
			second(emit, old, s, "/workloadSelector", strings.Join(both, ", "))
		}
	}
}

// second reports that of two Sidecars only the first counts for some workloads.
func second(emit rules.Emit, old, s sidecar, field, whom string) {
	how := "of the two, the one created later is ignored"
	if !old.Value.CreationTimestamp.IsZero() && !s.Value.CreationTimestamp.IsZero() {
		how = "this one is ignored, as the other " + precedes(old.Value, s.Value)
	}
	f := emit(s.Object, "/spec"+field, "%s applies to %s too: %s", old.Ref, whom, how)
	f.Reason = "beside " + old.Ref.String()
	f.Related = append(f.Related, old.Ref)
}

// call is a Service that workloads of one Sidecar call and do not see.
type call struct {
	from sidecar
	to   model.Item[corev1.Service]
	by   []*model.Workload
	// env and url are the pointers and values of the variables, one for each workload.
	env, url []string
}

// host is what to add to the egress hosts.
func (c call) host(w *rules.World) string {
	return c.to.Ref.Namespace + "/" + w.ServiceFQDN(c.to.Ref.Namespace, c.to.Ref.Name)
}

// leftOut finds the Services that environment variables name as the host of a
// URL and that the workload's Sidecar refuses.
func leftOut(w *rules.World, all sidecars) []call {
	var out []call
	var routes map[string][]virtualService
	for _, o := range w.Workloads("") {
		s, ok := all.of(o, w.RootNamespace)
		if !ok || !strict(s) || w.Mesh(o) == rules.MeshOut || bypasses(o) {
			continue
		}
		if routes == nil {
			routes = routesTo(w)
		}
		for _, u := range urls(o) {
			svc, called := calledService(w, u.host, o.Ref.Namespace)
			if !called || seen(w, s, routes, o.Ref.Namespace, svc) {
				continue
			}
			i := slices.IndexFunc(out, func(c call) bool { return c.from.Ref == s.Ref && c.to.Ref == svc.Ref })
			if i < 0 {
				i = len(out)
				out = append(out, call{from: s, to: svc})
			}
			if c := &out[i]; !slices.Contains(c.by, o) {
				c.by, c.env, c.url = append(c.by, o), append(c.env, u.at), append(c.url, u.value)
			}
		}
	}
	return out
}

// bypasses reports whether a workload's annotations keep some of its traffic
// from the proxy.
func bypasses(o *model.Workload) bool {
	for k := range o.Template.Annotations {
		if strings.HasPrefix(k, "traffic.sidecar.istio.io/") {
			return true
		}
	}
	return false
}

// seen reports whether a Sidecar imports a Service: by its egress hosts, or
// because a VirtualService that it imports routes there (sidecar.go
// ConvertToSidecarScope adds the destinations).
func seen(w *rules.World, s sidecar, routes map[string][]virtualService, namespace string, svc model.Item[corev1.Service]) bool {
	fqdn := w.ServiceFQDN(svc.Ref.Namespace, svc.Ref.Name)
	if imports(s, namespace, svc.Ref.Namespace, fqdn) {
		return true
	}
	for _, vs := range routes[fqdn] {
		for _, h := range vs.Value.Spec.GetHosts() {
			if imports(s, namespace, vs.Ref.Namespace, w.FQDN(h, vs.Ref.Namespace)) {
				return true
			}
		}
	}
	for _, e := range model.ServiceEntries.In(w.Snapshot, "") {
		if slices.ContainsFunc(e.Value.Spec.GetHosts(), func(p string) bool { return model.Covers(p, fqdn) }) {
			return true // declared once more: which of the two counts is another question
		}
	}
	return false
}

// routesTo collects the VirtualServices that send traffic to a host.
func routesTo(w *rules.World) map[string][]virtualService {
	out := map[string][]virtualService{}
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		for _, p := range grouped(w, vs, destinations(&vs.Value.Spec), false) {
			out[p.fqdn] = append(out[p.fqdn], vs)
		}
	}
	return out
}

// called is a URL in an environment variable.
type called struct{ at, value, host string }

// urls are the URLs in the environment of a workload's containers.
func urls(o *model.Workload) []called {
	var out []called
	for i, c := range o.Spec().Containers {
		for j, e := range c.Env {
			if !strings.Contains(e.Value, "://") {
				continue
			}
			if u, err := url.Parse(e.Value); err == nil && u.Hostname() != "" {
				u.User = nil // may hold a password
				at := o.SpecAt() + patch.Pointer("containers", i, "env", j, "value")
				out = append(out, called{at, u.Scheme + "://" + u.Host, strings.TrimSuffix(u.Hostname(), ".")})
			}
		}
	}
	return out
}

// calledService finds the Service that a name means to the DNS of a namespace.
func calledService(w *rules.World, host, namespace string) (model.Item[corev1.Service], bool) {
	svc, found := w.ServiceNamed(host, namespace)
	return svc, found && svc.Value.Spec.Type != corev1.ServiceTypeExternalName
}

// repairEgress adds the host to the first listener that is for every port.
func repairEgress(w *rules.World, r rules.Result) []rules.Fix {
	for _, c := range leftOut(w, newSidecars(w)) {
		if !c.from.Ref.Same(r.Object) || r.Reason != "egress leaves out "+c.to.Ref.String() {
			continue
		}
		for i, e := range c.from.Value.Spec.GetEgress() {
			if e.GetPort() == nil && len(e.GetHosts()) > 0 {
				op := patch.Op{Op: patch.Add, Path: patch.Pointer("spec", "egress", i, "hosts", "-"), Value: c.host(w)}
				return []rules.Fix{rules.Change(rules.Safe, "import "+c.to.Ref.String(), c.from.Object, op)}
			}
		}
	}
	return nil
}
