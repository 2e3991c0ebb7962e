// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"slices"
	"strings"

	securityv1 "istio.io/api/security/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM4502", Slug: "exposed-path", Severity: finding.Info, Hygiene: true,
	Short: "Path that is meant for operators is open to callers from outside",
	Why: `/admin, /metrics, /actuator and /debug tell what runs and how to break it, and some of them change it: a heap dump
has every password in it. A route for "/" opens them as well, where the service behind it serves them on the
same port, as its probes and its scrapes say.`,
	Fix: `Serve them on a port that no route leads to. Else route them nowhere at the edge, or put a DENY
AuthorizationPolicy with these paths on the gateway.`,
	Reference: "https://istio.io/latest/docs/ops/best-practices/security/",
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.IstioGateways.Kind, model.VirtualServices.Kind, model.Services.Kind, model.Gateways.Kind, model.HTTPRoutes.Kind, model.Ingresses.Kind,
		model.AuthorizationPolicies.Kind, model.ServiceMonitors.Kind,
	}),
	Check: checkExposedPaths,
})

// operators are the first parts of paths that are not for everybody.
var operators = []string{"admin", "metrics", "actuator", "debug"}

// forOperators returns the part of a path that is not for everybody: "/actuator"
// of "/actuator/health"; empty for none.
func forOperators(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if slices.Contains(operators, first) {
		return "/" + first
	}
	return ""
}

func checkExposedPaths(w *rules.World, emit rules.Emit) {
	closed := closedPaths(w)
	opened := openings(w)
	for i, o := range opened {
		if o.answered {
			continue
		}
		if p := forOperators(o.path); p != "" {
			if !closed(o.path) {
				emit(o.on, o.at, "callers from outside reach %s", o.path).Confidence = finding.Likely
			}
			continue
		}
		for _, p := range servedPaths(w, o) {
			taken := slices.ContainsFunc(opened[:i], func(x opening) bool { return x.on == o.on && x.lets(p.path) })
			if !o.lets(p.path) || closed(p.path) || taken {
				continue
			}
			f := emit(o.on, o.at, "callers from outside reach %s of %s, which the route for %s does not leave out", forOperators(p.path), o.service.Ref, quoted(o.path))
			f.Confidence = finding.Possible
			f.Related = append(f.Related, o.service.Ref)
			f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: p.where, Value: p.path})
		}
	}
}

func quoted(path string) string {
	if path == "" {
		path = "/"
	}
	return `"` + path + `"`
}

// servedPath is a path for operators that a service is known to serve.
type servedPath struct{ path, where string }

// servedPaths are those at the port that an opening leads to: what the kubelet
// probes and what Prometheus scrapes there, each part once.
func servedPaths(w *rules.World, o opening) []servedPath {
	if o.service == nil || o.port == nil {
		return nil
	}
	var out []servedPath
	add := func(path, where string) {
		if part := forOperators(path); part != "" && !slices.ContainsFunc(out, func(p servedPath) bool { return forOperators(p.path) == part }) {
			out = append(out, servedPath{path, where})
		}
	}
	for _, sm := range model.ServiceMonitors.In(w.Snapshot, "") {
		s, err := metav1.LabelSelectorAsSelector(&sm.Value.Spec.Selector)
		inOwn := len(sm.Value.Spec.NamespaceSelector.MatchNames) == 0 && !sm.Value.Spec.NamespaceSelector.Any && sm.Ref.Namespace == o.service.Ref.Namespace
		if err != nil || !s.Matches(labels.Set(o.service.Value.Labels)) || !inOwn && !sm.Value.Spec.NamespaceSelector.Any && !slices.Contains(sm.Value.Spec.NamespaceSelector.MatchNames, o.service.Ref.Namespace) {
			continue
		}
		for _, e := range sm.Value.Spec.Endpoints {
			if e.Port != "" && e.Port == o.port.Name {
				path := e.Path
				if path == "" {
					path = "/metrics"
				}
				add(path, sm.Ref.String())
			}
		}
	}
	for _, of := range w.Behind(*o.service).Workloads {
		for at, c := range of.Containers() {
			for _, probe := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
				if probe != nil && probe.HTTPGet != nil && samePort(c, o.port, probe.HTTPGet.Port.String()) {
					add(probe.HTTPGet.Path, of.Where(at))
				}
			}
		}
	}
	return out
}

// samePort reports whether a port of a Service leads to a port of a container,
// both of which may be named.
func samePort(c *corev1.Container, p *corev1.ServicePort, probed string) bool {
	target := p.TargetPort.String()
	if target == "" || target == "0" {
		target = decimal(p.Port)
	}
	if target == probed {
		return true
	}
	return slices.ContainsFunc(c.Ports, func(cp corev1.ContainerPort) bool {
		n := decimal(cp.ContainerPort)
		return (cp.Name == target || n == target) && (cp.Name == probed || n == probed)
	})
}

// closedPaths tells which paths a policy of the mesh closes or guards. Whose
// callers it keeps out is not looked at: its author knows of the path.
func closedPaths(w *rules.World) func(path string) bool {
	var closed []string
	for _, ap := range model.AuthorizationPolicies.In(w.Snapshot, "") {
		if a := ap.Value.Spec.GetAction(); a != securityv1.AuthorizationPolicy_DENY && a != securityv1.AuthorizationPolicy_CUSTOM {
			continue
		}
		for _, r := range ap.Value.Spec.GetRules() {
			for _, to := range r.GetTo() {
				for _, p := range to.GetOperation().GetPaths() {
					closed = append(closed, strings.TrimRight(p, "*/"))
				}
			}
		}
	}
	return func(path string) bool {
		return slices.ContainsFunc(closed, func(p string) bool {
			return forOperators(p) != "" && forOperators(p) == forOperators(path) || strings.TrimRight(strings.TrimSuffix(p, "*"), "/") == path
		})
	}
}
