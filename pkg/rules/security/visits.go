// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// visit is a request that the platform is known to make of a workload.
type visit struct {
	// By is the object that says so, At its field.
	By *model.Object
	At string
	To *model.Workload
	// Service is between the two; empty if there is none.
	Service ref.Ref
	Port    int32
	Method  string
	Path    string
	// Callers are who may be the one that comes.
	Callers []caller
}

// admitted tells whether policies let one of the callers in.
func (v visit) admitted(policies []policy) truth {
	out := no
	for _, c := range v.Callers {
		out = max(out, allowed(policies, request{caller: c, Port: v.Port, Method: v.Method, Path: v.Path}))
	}
	return out
}

// proxyPorts are those of the sidecar itself, where no policy is met.
var proxyPorts = []int32{15020, 15021, 15090}

// captured reports whether requests to a port of a workload meet its policies.
func captured(of *model.Workload, port int32) bool {
	if slices.Contains(proxyPorts, port) {
		return false
	}
	notes := of.Template.Annotations
	if only := notes["traffic.sidecar.istio.io/includeInboundPorts"]; only != "" && only != "*" {
		return listsPort(only, port)
	}
	return !listsPort(notes["traffic.sidecar.istio.io/excludeInboundPorts"], port)
}

func listsPort(list string, port int32) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(s string) bool {
		return strings.TrimSpace(s) == strconv.Itoa(int(port))
	})
}

// probeVisits are the probes of kubelet that are not rewritten: by default the
// proxy answers them on a port of its own, and policies do not matter. A TCP
// probe is happy with a connection, which the proxy takes before it decides.
func probeVisits(w *rules.World) []visit {
	var out []visit
	for _, of := range w.Workloads("") {
		if of.Template.Annotations["sidecar.istio.io/rewriteAppHTTPProbers"] != "false" {
			continue
		}
		for i, c := range of.Spec().Containers {
			for _, p := range []struct {
				name  string
				probe *corev1.Probe
			}{{"startupProbe", c.StartupProbe}, {"readinessProbe", c.ReadinessProbe}, {"livenessProbe", c.LivenessProbe}} {
				at := of.SpecAt() + patch.Pointer("containers", i, p.name)
				switch {
				case p.probe == nil:
				case p.probe.HTTPGet != nil:
					path := p.probe.HTTPGet.Path
					if path == "" {
						path = "/"
					}
					path, _, _ = strings.Cut(path, "?")
					out = append(out, visit{By: of.Object, At: at, To: of, Port: namedPort(of, p.probe.HTTPGet.Port, 0), Method: "GET", Path: path, Callers: []caller{{}}})
				case p.probe.GRPC != nil:
					out = append(out, visit{By: of.Object, At: at, To: of, Port: p.probe.GRPC.Port, Method: "POST", Path: "/grpc.health.v1.Health/Check", Callers: []caller{{}}})
				}
			}
		}
	}
	return out
}

// prometheus is who scrapes: without an identity as a rule, else with one that
// says so.
var prometheus = []caller{{}, {Hints: []string{"prom", "monitor", "metric", "observ", "telemetry", "agent", "collector"}}}

// scrapeVisits are those of Prometheus that ServiceMonitors, PodMonitors and
// annotations ask for.
func scrapeVisits(w *rules.World) []visit {
	var out []visit
	candidates := labelledServices(w)
	for _, sm := range model.ServiceMonitors.In(w.Snapshot, "") {
		selector, err := metav1.LabelSelectorAsSelector(&sm.Value.Spec.Selector)
		if err != nil {
			continue
		}
		for _, ns := range scope(sm.Value.Spec.NamespaceSelector, sm.Ref.Namespace) {
			for _, svc := range candidates(ns, sm.Value.Spec.Selector.MatchLabels) {
				if len(svc.Value.Spec.Selector) > 0 && selector.Matches(labels.Set(svc.Value.Labels)) {
					out = append(out, scrapesOf(w, sm, svc)...)
				}
			}
		}
	}
	for _, pm := range model.PodMonitors.In(w.Snapshot, "") {
		selector, err := metav1.LabelSelectorAsSelector(&pm.Value.Spec.Selector)
		if err != nil {
			continue
		}
		for _, ns := range scope(pm.Value.Spec.NamespaceSelector, pm.Ref.Namespace) {
			for _, of := range podsOf(w, ns, selector) {
				for i, e := range pm.Value.Spec.PodMetricsEndpoints {
					port := int32(0)
					if e.Port != nil {
						if port = namedPort(of, intstr.FromString(*e.Port), 0); port == 0 {
							continue // a port of the proxy, which injection brings, or of nothing
						}
					}
					out = append(out, visit{By: pm.Object, At: patch.Pointer("spec", "podMetricsEndpoints", i), To: of, Port: port, Method: "GET", Path: metricsPath(e.Path), Callers: prometheus})
				}
			}
		}
	}
	return append(out, annotated(w)...)
}

// labelledServices returns the Services of a namespace, all if empty, that may
// have these labels: those with one of them.
func labelledServices(w *rules.World) func(namespace string, have map[string]string) []service {
	type label struct{ key, value string }
	index := sync.OnceValue(func() map[label][]service {
		out := map[label][]service{}
		for _, svc := range model.Services.In(w.Snapshot, "") {
			for k, v := range svc.Value.Labels {
				out[label{k, v}] = append(out[label{k, v}], svc)
			}
		}
		return out
	})
	return func(namespace string, have map[string]string) []service {
		if namespace != "" || len(have) == 0 {
			return model.Services.In(w.Snapshot, namespace)
		}
		least, first := []service(nil), true
		for k, v := range have {
			if found := index()[label{k, v}]; first || len(found) < len(least) {
				least, first = found, false
			}
		}
		return least
	}
}

func scrapesOf(w *rules.World, sm model.Item[monitoringv1.ServiceMonitor], svc service) []visit {
	var out []visit
	for i, e := range sm.Value.Spec.Endpoints {
		d := door{From: sm.Object, Service: svc}
		if e.Port != "" {
			if d.Port = portOf(svc, 0, e.Port); d.Port == nil {
				continue
			}
		}
		for _, b := range behind(w, d) {
			if e.Port == "" && e.TargetPort != nil {
				b.Port = namedPort(b.Workload, *e.TargetPort, 0)
			}
			out = append(out, visit{
				By: sm.Object, At: patch.Pointer("spec", "endpoints", i), To: b.Workload, Service: svc.Ref, Port: b.Port,
				Method: "GET", Path: metricsPath(e.Path), Callers: prometheus,
			})
		}
	}
	return out
}

// annotated are the workloads that Prometheus finds by their annotations. The
// sidecar serves their metrics with its own, out of reach of policies, unless it
// is told not to.
func annotated(w *rules.World) []visit {
	var out []visit
	for _, of := range w.Workloads("") {
		notes := of.Template.Annotations
		if notes["prometheus.io/scrape"] != "true" || notes["prometheus.istio.io/merge-metrics"] != "false" {
			continue
		}
		port := intstr.Parse(notes["prometheus.io/port"]).IntVal
		if port == 0 {
			continue
		}
		at := of.At + "/metadata/annotations/" + strings.ReplaceAll("prometheus.io/scrape", "/", "~1")
		out = append(out, visit{By: of.Object, At: at, To: of, Port: port, Method: "GET", Path: metricsPath(notes["prometheus.io/path"]), Callers: prometheus})
	}
	return out
}

func metricsPath(path string) string {
	if path == "" {
		return "/metrics"
	}
	return path
}

// scope are the namespaces of a monitor; the empty one stands for all.
func scope(s monitoringv1.NamespaceSelector, own string) []string {
	switch {
	case s.Any:
		return []string{""}
	case len(s.MatchNames) > 0:
		return s.MatchNames
	}
	return []string{own}
}

// podsOf are the workloads that a selector selects in a namespace, all if empty.
func podsOf(w *rules.World, namespace string, selector labels.Selector) []*model.Workload {
	if namespace != "" {
		return w.Select(namespace, selector).Workloads
	}
	return w.SelectAnywhere(selector)
}
