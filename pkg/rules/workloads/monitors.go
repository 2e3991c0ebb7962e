// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"slices"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// monitor is a ServiceMonitor or PodMonitor.
type monitor struct {
	on       *model.Object
	selector metav1.LabelSelector
	scope    monitoringv1.NamespaceSelector
	// ports are the port names the monitor scrapes.
	ports []scrape
	// target is the kind it selects.
	target *model.Kind
}

// scrape is one port name, at a JSON Pointer of the monitor.
type scrape struct{ port, at string }

// target is something a monitor may select: a Service, or a workload for its pods.
type target struct {
	ref.Ref
	labels map[string]string
	// ports are the names of its ports, unnamed how many have none.
	ports   []string
	unnamed int
	// open is true when it may have ports that are not known here.
	open bool
}

func monitors(w *rules.World) []monitor {
	var out []monitor
	for _, m := range model.ServiceMonitors.In(w.Snapshot, "") {
		s := &m.Value.Spec
		of := monitor{on: m.Object, selector: s.Selector, scope: s.NamespaceSelector, target: model.Services.Kind}
		for i, e := range s.Endpoints {
			if e.Port != "" {
				of.ports = append(of.ports, scrape{e.Port, patch.Pointer("spec", "endpoints", i, "port")})
			}
		}
		out = append(out, of)
	}
	for _, m := range model.PodMonitors.In(w.Snapshot, "") {
		s := &m.Value.Spec
		of := monitor{on: m.Object, selector: s.Selector, scope: s.NamespaceSelector, target: model.Pods.Kind}
		for i, e := range s.PodMetricsEndpoints {
			if e.Port != nil && *e.Port != "" {
				of.ports = append(of.ports, scrape{*e.Port, patch.Pointer("spec", "podMetricsEndpoints", i, "port")})
			}
		}
		out = append(out, of)
	}
	return out
}

// namespaces are where the monitor looks; nil means everywhere.
func (m monitor) namespaces() []string {
	switch {
	case m.scope.Any:
		return nil
	case len(m.scope.MatchNames) > 0:
		return m.scope.MatchNames
	}
	return []string{m.on.Ref.Namespace}
}

// looksAt reports whether a namespace is one the monitor looks at.
func (m monitor) looksAt(namespace string) bool {
	in := m.namespaces()
	return in == nil || slices.Contains(in, namespace)
}

// absence is what it proves that nothing is selected, over all the namespaces.
func (m monitor) absence(w *rules.World) model.Absence {
	least := model.Proven
	for _, ns := range m.searched() {
		a := w.PodAbsence(ns)
		if m.target == model.Services.Kind {
			a = w.Absence(m.target, ns)
		}
		least = min(least, a)
	}
	return least
}

// searched is namespaces, with the empty name for everywhere.
func (m monitor) searched() []string {
	if in := m.namespaces(); in != nil {
		return in
	}
	return []string{""}
}

// foreign reports whether the pods are made by something that is no workload.
func (m monitor) foreign(w *rules.World) bool {
	selector, err := metav1.LabelSelectorAsSelector(&m.selector)
	if err != nil || m.target != model.Pods.Kind {
		return false
	}
	return slices.ContainsFunc(m.searched(), func(ns string) bool { return w.Foreign(ns, selector) })
}

// targets is what monitors may select, indexed by label so that many monitors
// of many namespaces cost no more than what they select.
type targets struct {
	all     []target
	byLabel map[[2]string][]target
}

func newTargets(all []target) targets {
	t := targets{all: all, byLabel: map[[2]string][]target{}}
	for _, one := range all {
		for k, v := range one.labels {
			t.byLabel[[2]string{k, v}] = append(t.byLabel[[2]string{k, v}], one)
		}
	}
	return t
}

// selected returns what a selector selects, in all namespaces.
func (t targets) selected(s metav1.LabelSelector) []target {
	selector, err := metav1.LabelSelectorAsSelector(&s)
	if err != nil {
		return nil
	}
	candidates := t.all
	for k, v := range s.MatchLabels {
		if few := t.byLabel[[2]string{k, v}]; len(few) < len(candidates) {
			candidates = few
		}
	}
	var out []target
	for _, one := range candidates {
		if selector.Matches(labels.Set(one.labels)) {
			out = append(out, one)
		}
	}
	return out
}

func serviceTargets(w *rules.World) targets {
	var all []target
	for _, s := range model.Services.In(w.Snapshot, "") {
		all = append(all, serviceTarget(s))
	}
	return newTargets(all)
}

// serviceTarget is open for a Service without selector: the ports of endpoints
// that somebody writes by hand may have other names.
func serviceTarget(s model.Item[corev1.Service]) target {
	t := target{Ref: s.Ref, labels: s.Value.Labels, open: len(s.Value.Spec.Selector) == 0}
	for _, p := range s.Value.Spec.Ports {
		t.name(p.Name)
	}
	return t
}

// podTargets has one entry for each set of labels that pods of a workload carry.
func podTargets(w *rules.World) targets {
	var all []target
	for _, wl := range w.Workloads("") {
		all = append(all, podTarget(wl.Ref, wl.Template.Labels, wl.Spec()))
		for _, p := range wl.Pods {
			all = append(all, podTarget(wl.Ref, p.Value.Labels, &p.Value.Spec))
		}
	}
	return newTargets(all)
}

func podTarget(of ref.Ref, carried map[string]string, spec *corev1.PodSpec) target {
	t := target{Ref: of, labels: carried}
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		for _, p := range c.Ports {
			t.name(p.Name)
		}
	}
	return t
}

func (t *target) name(port string) {
	if port == "" {
		t.unnamed++
	} else if !slices.Contains(t.ports, port) {
		t.ports = append(t.ports, port)
	}
}
