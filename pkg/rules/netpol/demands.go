// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// service is what stands behind the demands on pods.
type service = model.Item[corev1.Service]

// demand is traffic that somebody counts on reaching pods.
type demand struct {
	// who sends it, and why that is known: "Prometheus", "ServiceMonitor shop/cart selects Service shop/cart".
	who, why string
	by       ref.Ref
	// from are the places it may come from; one that gets through is enough.
	from []endpoint
	// exact is true when these are the senders, not a guess where they may be.
	exact    bool
	severity finding.Severity
	hint     string

	// namespace, labels and ports are those of the receiving pods; of says whose.
	namespace string
	labels    labels.Set
	ports     []port
	of        ref.Ref
}

// elsewhere is a pod of a namespace that nobody knows.
var elsewhere = endpoint{}

// outside is what is no pod.
var outside = endpoint{outside: true}

// onService makes the demands of one sender on the pods behind a Service. Where
// files hold no workload of it, what it selects stands in.
func onService(w *rules.World, d demand, svc service, servicePort int32) []demand {
	if len(svc.Value.Spec.Selector) == 0 {
		return nil
	}
	selected := w.Behind(svc).Workloads
	d.namespace = svc.Ref.Namespace
	if len(selected) == 0 {
		if !w.Offline {
			return nil
		}
		d.labels, d.of = labels.Set(svc.Value.Spec.Selector), svc.Ref
		d.ports = podPorts(svc.Value, servicePort, &model.Workload{Template: &corev1.PodTemplateSpec{}})
		return []demand{d}
	}
	var out []demand
	for _, workload := range selected {
		if workload.Spec().HostNetwork {
			continue
		}
		one := d
		one.labels, one.of, one.ports = workload.Template.Labels, workload.Ref, podPorts(svc.Value, servicePort, workload)
		out = append(out, one)
	}
	return out
}

// exposed are the demands of clients outside the cluster.
func exposed(w *rules.World) []demand {
	var out []demand
	for _, svc := range model.Services.In(w.Snapshot, "") {
		t := svc.Value.Spec.Type
		if t != corev1.ServiceTypeLoadBalancer && t != corev1.ServiceTypeNodePort {
			continue
		}
		out = append(out, onService(w, demand{
			who: "clients outside the cluster", why: svc.Ref.String() + " is of type " + string(t), by: svc.Ref, from: []endpoint{outside, elsewhere},
			severity: finding.Warning, hint: "add a rule for the ports with the addresses of the clients (ipBlock), or without from",
		}, svc, 0)...)
	}
	return out
}

// scraped are the demands of Prometheus.
func scraped(w *rules.World) []demand {
	d := demand{who: "Prometheus", severity: finding.Warning, hint: "add a rule from the namespace of Prometheus (namespaceSelector) for the port of the metrics"}
	d.from = prometheus(w)
	d.exact = len(d.from) > 0
	if !d.exact {
		d.from = []endpoint{elsewhere, {namespace: "monitoring"}}
	}
	out := annotated(w, d)
	for _, m := range model.ServiceMonitors.In(w.Snapshot, "") {
		want, err := metav1.LabelSelectorAsSelector(&m.Value.Spec.Selector)
		if err != nil || m.Value.Spec.NamespaceSelector.Any || len(m.Value.Spec.NamespaceSelector.MatchNames) > 0 {
			continue
		}
		all, found := model.Services.In(w.Snapshot, m.Ref.Namespace), false
		for _, svc := range all {
			if !want.Matches(labels.Set(svc.Value.Labels)) {
				continue
			}
			found = true
			one := d
			one.why, one.by = m.Ref.String()+" selects "+svc.Ref.String(), m.Ref
			for _, e := range m.Value.Spec.Endpoints {
				if p := portNamed(svc.Value, e.Port); p != 0 {
					out = append(out, onService(w, one, svc, p)...)
				}
			}
		}
		if found || !w.Partial {
			continue
		}
		// What it is meant for is not known, nor that it is not meant for these.
		for _, svc := range all {
			one := d
			one.why, one.by = m.Ref.String()+" shows that the namespace is monitored", m.Ref
			out = append(out, onService(w, one, svc, 0)...)
		}
	}
	return append(out, podMonitored(w, d)...)
}

func portNamed(svc *corev1.Service, name string) int32 {
	for _, p := range svc.Spec.Ports {
		if p.Name == name && name != "" {
			return p.Port
		}
	}
	return 0
}

// podMonitored are the demands of PodMonitors.
func podMonitored(w *rules.World, d demand) []demand {
	var out []demand
	for _, m := range model.PodMonitors.In(w.Snapshot, "") {
		want, err := metav1.LabelSelectorAsSelector(&m.Value.Spec.Selector)
		if err != nil {
			continue
		}
		for _, workload := range w.Select(m.Ref.Namespace, want).Workloads {
			for _, e := range m.Value.Spec.PodMetricsEndpoints {
				number := int32(0)
				if e.Port != nil {
					number = numberOf(workload, *e.Port)
				}
				if number != 0 && !workload.Spec().HostNetwork {
					d.why, d.by = m.Ref.String()+" selects "+workload.Ref.String(), m.Ref
					out = append(out, d.onWorkload(workload, number))
				}
			}
		}
	}
	return out
}

func (d demand) onWorkload(workload *model.Workload, number int32) demand {
	d.namespace, d.labels, d.of = workload.Ref.Namespace, workload.Template.Labels, workload.Ref
	d.ports = []port{portOf(workload, number)}
	return d
}

// prometheus are the pods of Prometheus that the world holds.
func prometheus(w *rules.World) []endpoint {
	var out []endpoint
	for _, workload := range w.Workloads("") {
		if l := workload.Template.Labels; l["app.kubernetes.io/name"] == "prometheus" || l["app"] == "prometheus" {
			out = append(out, endpoint{namespace: workload.Ref.Namespace, labels: l})
		}
	}
	return out
}
