// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// edge is a call that manifests tell of.
type edge struct {
	from end
	// sender is the workload that calls; nil for gateways and the like.
	sender *model.Workload
	// to is what is called by way of svc; nil where that is outside the cluster.
	to  *model.Workload
	svc ref.Ref
	// port is the port of the Service, empty for all; ports are those of the pods.
	port  string
	ports []port
	// init is true for a call of a container that runs before the sidecar.
	init bool
	// host is what is called outside: "api.example.com:443".
	host string
	// by is the object that says so, where its place and why what it says.
	by    ref.Ref
	where string
	why   string
}

// call is the end that a workload calls.
func (e edge) call() end {
	if e.to == nil {
		out, _ := parseExternal(e.host, e.host)
		return out
	}
	return end{kind: serviceEnd, namespace: e.svc.Namespace, name: e.svc.Name, port: e.port}
}

// findEdges reads them off all manifests, in the order of the objects.
func (w *world) findEdges() []edge {
	var out []edge
	for _, of := range w.Workloads("") {
		out = append(out, w.mentions(of)...)
		out = append(out, w.replicas(of)...)
		out = append(out, w.scraped(of)...)
	}
	out = append(out, w.exposed()...)
	out = append(out, w.routed()...)
	return append(out, w.authorized(out)...)
}

// indexCallers returns the edges by what is called.
func (w *world) indexCallers() map[*model.Workload][]edge {
	out := map[*model.Workload][]edge{}
	for _, e := range w.edges() {
		if e.to != nil {
			out[e.to] = append(out[e.to], e)
		}
	}
	return out
}

// indexCalls returns the edges by what runs the caller: of a gateway, its pods.
func (w *world) indexCalls() map[*model.Workload][]edge {
	out := map[*model.Workload][]edge{}
	for _, e := range w.edges() {
		from, err := w.source(e.from)
		if err != nil {
			continue
		}
		for _, of := range from.workloads {
			out[of] = append(out[of], e)
		}
	}
	return out
}

// through are the edges of a caller to what is behind a Service.
func (w *world) through(e edge, svc model.Item[corev1.Service]) []edge {
	var out []edge
	for _, to := range w.Behind(svc).Workloads {
		one := e
		one.to, one.svc, one.ports = to, svc.Ref, behind(svc.Value, e.port, to)
		if e.port == "" {
			one.ports = w.unmonitored(svc.Value, to, one.ports)
		}
		if len(one.ports) > 0 {
			out = append(out, one)
		}
	}
	return out
}

// unmonitored are ports behind a Service without those that are for Prometheus
// alone, by their name and by what it is told, unless there are no others: who
// names no port does not mean these.
func (w *world) unmonitored(svc *corev1.Service, of *model.Workload, ports []port) []port {
	metrics := func(p port) bool {
		return slices.ContainsFunc(svc.Spec.Ports, func(sp corev1.ServicePort) bool {
			return strings.Contains(sp.Name, "metrics") && slices.ContainsFunc(behind(svc, sp.Name, of), func(o port) bool { return same(o, p) })
		}) && slices.ContainsFunc(w.scrapes(of), func(s scrape) bool { return same(s.port, p) })
	}
	if out := slices.DeleteFunc(slices.Clone(ports), metrics); len(out) > 0 {
		return out
	}
	return ports
}

// mentions are the edges of addresses that a workload is configured with.
func (w *world) mentions(of *model.Workload) []edge {
	var out []edge
	for _, a := range w.addresses(of) {
		e := edge{from: endOf(of), sender: of, init: a.init, by: a.by, where: a.where, why: a.why}
		svc, found := w.ServiceNamed(a.host, of.Ref.Namespace)
		switch {
		case found:
			for _, p := range svc.Value.Spec.Ports {
				if p.Port == a.port {
					e.port = strconv.Itoa(int(p.Port))
				}
			}
			if a.port == 0 || e.port != "" {
				out = append(out, w.through(e, svc)...)
			}
		case a.outside(w.ClusterDomain):
			e.host = fmt.Sprintf("%s:%d", a.host, a.port)
			out = append(out, e)
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(out, func(e edge) bool {
		key := e.host + "|" + e.svc.String() + "|" + e.port
		if e.to != nil {
			key += "|" + e.to.Ref.String()
		}
		twice := seen[key]
		seen[key] = true
		return twice
	})
}

// replicas are the edges among the pods of a StatefulSet: its headless Service
// is there so that they find each other.
func (w *world) replicas(of *model.Workload) []edge {
	sts, is := model.StatefulSets.Of(of.Object)
	if !is || sts.Value.Spec.ServiceName == "" {
		return nil
	}
	svc, found := model.Services.Get(w.Snapshot, of.Ref.Namespace, sts.Value.Spec.ServiceName)
	if !found || !slices.Contains(w.Behind(svc).Workloads, of) {
		return nil
	}
	all := w.through(edge{
		from: endOf(of), sender: of, by: of.Ref, where: of.Where("/spec/serviceName"),
		why: "its replicas find each other by " + svc.Ref.String(),
	}, svc)
	return slices.DeleteFunc(all, func(e edge) bool { return e.to != of })
}

// scraped are the edges of Prometheus.
func (w *world) scraped(of *model.Workload) []edge {
	var out []edge
	for _, s := range w.scrapes(of) {
		e := edge{from: end{kind: prometheusEnd}, to: of, ports: []port{s.port}, by: s.by, why: s.by.String() + " has it scraped"}
		if o, found := w.Object(s.by); found {
			e.where = o.Where("")
		}
		if i := slices.IndexFunc(out, func(o edge) bool { return o.by == e.by }); i >= 0 {
			out[i].ports = tidy(append(out[i].ports, s.port))
			continue
		}
		out = append(out, e)
	}
	return out
}

// exposed are the edges of clients outside the cluster.
func (w *world) exposed() []edge {
	var out []edge
	for _, svc := range model.Services.In(w.Snapshot, "") {
		if t := svc.Value.Spec.Type; t == corev1.ServiceTypeLoadBalancer || t == corev1.ServiceTypeNodePort {
			out = append(out, w.through(edge{from: end{kind: internetEnd}, by: svc.Ref, where: svc.Where("/spec/type"), why: svc.Ref.String() + " is of type " + string(t)}, svc)...)
		}
	}
	return out
}

// compareEnds orders ends for people: workloads by name first.
func compareEnds(a, b end) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.text(""), b.text("")))
}
