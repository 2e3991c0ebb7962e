// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// monitor is a ServiceMonitor or PodMonitor.
type monitor struct {
	model.Monitor
	// ports are the port names the monitor scrapes.
	ports []scrape
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
	for _, m := range w.Monitors("") {
		of := monitor{Monitor: m}
		for _, p := range m.Ports {
			if p.Name != "" {
				of.ports = append(of.ports, scrape{p.Name, p.At + "/port"})
			}
		}
		out = append(out, of)
	}
	return out
}

// absence is what it proves that nothing is selected, over all the namespaces.
func (m monitor) absence(w *rules.World) model.Absence {
	least := model.Proven
	for _, ns := range m.searched() {
		a := w.PodAbsence(ns)
		if m.Target == model.Services.Kind {
			a = w.Absence(m.Target, ns)
		}
		least = min(least, a)
	}
	return least
}

// searched is Namespaces, with the empty name for everywhere.
func (m monitor) searched() []string {
	if in := m.Namespaces(); in != nil {
		return in
	}
	return []string{""}
}

// foreign reports whether the pods are made by something that is no workload.
func (m monitor) foreign(w *rules.World) bool {
	selector, err := metav1.LabelSelectorAsSelector(m.Selector)
	if err != nil || m.Target != model.Pods.Kind {
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
