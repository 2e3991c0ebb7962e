// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// scrape is a port of a workload that Prometheus is told to scrape.
type scrape struct {
	by   ref.Ref
	port port
}

// scrapes are the ports of a workload that monitors and annotations name.
func (w *world) scrapes(of *model.Workload) []scrape {
	return w.index.monitored.get(of, func() []scrape { return w.findScrapes(of) })
}

func (w *world) findScrapes(of *model.Workload) []scrape {
	var out []scrape
	a := of.Template.Annotations
	if n, err := strconv.ParseInt(a["prometheus.io/port"], 10, 32); err == nil && a["prometheus.io/scrape"] == "true" {
		out = append(out, scrape{of.Ref, port{number: int32(n), protocol: corev1.ProtocolTCP}})
	}
	for _, m := range model.ServiceMonitors.In(w.Snapshot, "") {
		want, err := metav1.LabelSelectorAsSelector(&m.Value.Spec.Selector)
		if err != nil || !watches(m.Value.Spec.NamespaceSelector, m.Ref.Namespace, of.Ref.Namespace) {
			continue
		}
		for _, svc := range w.InFront(of) {
			if !want.Matches(labels.Set(svc.Value.Labels)) {
				continue
			}
			for _, e := range m.Value.Spec.Endpoints {
				for _, p := range monitored(svc.Value, e, of) {
					out = append(out, scrape{m.Ref, p})
				}
			}
		}
	}
	for _, m := range model.PodMonitors.In(w.Snapshot, "") {
		want, err := metav1.LabelSelectorAsSelector(&m.Value.Spec.Selector)
		if err != nil || !watches(m.Value.Spec.NamespaceSelector, m.Ref.Namespace, of.Ref.Namespace) || !want.Matches(labels.Set(of.Template.Labels)) {
			continue
		}
		for _, e := range m.Value.Spec.PodMetricsEndpoints {
			number := int32(0)
			switch {
			case e.Port != nil && *e.Port != "":
				number = containerPort(of, *e.Port, corev1.ProtocolTCP)
			case e.PortNumber != nil:
				number = *e.PortNumber
			}
			if number != 0 {
				out = append(out, scrape{m.Ref, port{number: number, protocol: corev1.ProtocolTCP}})
			}
		}
	}
	return out
}

// monitored are the pod ports that an endpoint of a ServiceMonitor names.
func monitored(svc *corev1.Service, e monitoringv1.Endpoint, of *model.Workload) []port {
	if e.Port != "" {
		return behind(svc, e.Port, of)
	}
	if e.TargetPort == nil {
		return nil
	}
	number := e.TargetPort.IntVal
	if e.TargetPort.Type == intstr.String {
		number = containerPort(of, e.TargetPort.StrVal, corev1.ProtocolTCP)
	}
	if number == 0 {
		return nil
	}
	return []port{{number: number, protocol: corev1.ProtocolTCP}}
}

// watches reports whether a monitor of a namespace looks at another.
func watches(x monitoringv1.NamespaceSelector, own, at string) bool {
	return x.Any || slices.Contains(x.MatchNames, at) || len(x.MatchNames) == 0 && own == at
}

// metricsPorts are the ports that Prometheus needs of a workload: those that
// somebody told it, else one called metrics, else all; and those of the sidecar.
func (w *world) metricsPorts(of *model.Workload) []port {
	var out []port
	for _, s := range w.scrapes(of) {
		out = append(out, s.port)
	}
	for _, name := range []string{"metrics", "http-metrics", "prometheus"} {
		if n := containerPort(of, name, corev1.ProtocolTCP); len(out) == 0 && n != 0 {
			out = tcp(n)
		}
	}
	if len(out) == 0 {
		out = w.ports(of)
	}
	if d, _ := w.dataplane(of); d == Sidecar {
		out = append(out, tcp(mergedMetrics, envoyMetrics)...)
	}
	return tidy(out)
}
