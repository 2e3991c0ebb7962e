// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2017", Slug: "monitor-selects-nothing", Severity: finding.Warning,
	Short: "ServiceMonitor or PodMonitor selects nothing, or a port that is not there",
	Why: `The Prometheus Operator makes scrape targets of the Services (or pods) that a monitor selects in the
namespaces it looks at, and of their ports with the given name. Where there is none, no error is reported
anywhere: the metrics are just missing.

A ServiceMonitor selects by the labels of the Service itself, not by the labels that the Service selects
pods by, and it names the port of the Service, not its number or that of the container.`,
	Fix: `Put the labels on the Service, name the port in the Service and in the monitor, or say in
namespaceSelector where the Services are.`,
	Reference: "https://prometheus-operator.dev/docs/developer/getting-started/",
	Aliases:   []string{"kube-linter:dangling-servicemonitor"},
	Needs: slices.Concat([]*model.Kind{
		model.ServiceMonitors.Kind, model.PodMonitors.Kind, model.Services.Kind,
	}, model.WorkloadKinds),
	Check:  checkMonitors,
	Repair: repairMonitor,
})

func checkMonitors(w *rules.World, emit rules.Emit) {
	services, pods := sync.OnceValue(func() targets { return serviceTargets(w) }), sync.OnceValue(func() targets { return podTargets(w) })
	for _, m := range monitors(w) {
		all := pods
		if m.Target == model.Services.Kind {
			all = services
		}
		var here, elsewhere []target
		for _, t := range all().selected(*m.Selector) {
			if m.LooksAt(t.Namespace) {
				here = append(here, t)
			} else {
				elsewhere = append(elsewhere, t)
			}
		}
		switch absence := m.absence(w); {
		case absence == model.Unknown || m.foreign(w):
		case len(here) == 0:
			m.reportNothing(w, emit, absence, elsewhere)
		default:
			m.reportPorts(w, emit, here)
		}
	}
}

// reportNothing says that nothing is selected, and what was probably meant.
func (m monitor) reportNothing(w *rules.World, emit rules.Emit, absence model.Absence, elsewhere []target) {
	what := "no " + m.Target.Kind
	f := emit(m.Object, "/spec/selector", "selects %s in %s: none with %s %s", what, m.where(), m.selects(), ended(absence))
	if s, ok := m.meant(w); ok {
		// Selecting the pods' labels is a mistake for certain, while a monitor
		// without targets may wait for something that is installed on demand.
		f.Severity = finding.Error
		f.Hint = fmt.Sprintf("%s selects its pods by these labels but does not carry them itself", s.Ref)
		f.Related = append(f.Related, s.Ref)
		rules.Weigh(f, absence)
		return
	}
	near := m.near(w)
	if w.Partial && m.Namespaces() == nil && near == nil {
		absence = model.Outside // some other namespace has it, most likely
	}
	rules.Weigh(f, absence)
	switch {
	case len(elsewhere) > 0:
		f.Related = append(f.Related, elsewhere[0].Ref)
		f.Hint = fmt.Sprintf("%s has them: a monitor looks only at its own namespace unless namespaceSelector says otherwise", elsewhere[0].Ref)
	case near != nil:
		f.Hint = "did you mean " + format(near) + "?"
	}
}

func ended(a model.Absence) string {
	if a == model.Proven {
		return "exists"
	}
	return "is in these files"
}

// meant is the one Service whose own selector is the monitor's, which is what
// people write who take a Service's labels for those of its pods.
func (m monitor) meant(w *rules.World) (model.Item[corev1.Service], bool) {
	var found []model.Item[corev1.Service]
	if m.Target != model.Services.Kind || len(m.Selector.MatchLabels) == 0 || len(m.Selector.MatchExpressions) > 0 {
		return model.Item[corev1.Service]{}, false
	}
	for _, ns := range m.Namespaces() {
		for _, s := range model.Services.In(w.Snapshot, ns) {
			if maps.Equal(s.Value.Spec.Selector, m.Selector.MatchLabels) {
				found = append(found, s)
			}
		}
	}
	if len(found) != 1 {
		return model.Item[corev1.Service]{}, false
	}
	return found[0], true
}

// near is the selector with misspelt values corrected; nil when that is no help.
func (m monitor) near(w *rules.World) map[string]string {
	if len(m.Selector.MatchExpressions) > 0 {
		return nil
	}
	var carried []map[string]string
	for _, ns := range m.Namespaces() {
		carried = append(carried, m.labelsIn(w, ns)...)
	}
	return nearest(m.Selector.MatchLabels, carried)
}

func (m monitor) labelsIn(w *rules.World, namespace string) []map[string]string {
	if m.Target != model.Services.Kind {
		return templateLabels(w, namespace)
	}
	var out []map[string]string
	for _, s := range model.Services.In(w.Snapshot, namespace) {
		out = append(out, s.Value.Labels)
	}
	return out
}

func (m monitor) where() string {
	switch in := m.Namespaces(); {
	case in == nil:
		return "any namespace"
	case len(in) == 1:
		return "namespace " + in[0]
	default:
		return "namespaces " + strings.Join(in, ", ")
	}
}

// selects is the selector for people.
func (m monitor) selects() string {
	if len(m.Selector.MatchExpressions) > 0 || len(m.Selector.MatchLabels) == 0 {
		return "what the selector asks for"
	}
	return format(m.Selector.MatchLabels)
}

// reportPorts says which port names no target has.
func (m monitor) reportPorts(w *rules.World, emit rules.Emit, here []target) {
	names, open := portNames(here)
	for _, p := range m.ports {
		if slices.Contains(names, p.port) || open || p.port == proxyPort {
			continue
		}
		have := "no port with a name"
		if len(names) > 0 {
			have = "ports " + strings.Join(names, ", ")
		}
		f := emit(m.Object, p.at, "no %s that is selected has a port named %s: %s has %s", m.Target.Kind, p.port, firstOf(here), have)
		f.Severity = finding.Error
		if w.Partial { // there may be another one elsewhere that it selects too
			f.Confidence = finding.Likely
		}
		f.Hint = rules.DidYouMean(p.port, names)
		for _, t := range here {
			if !slices.Contains(f.Related, t.Ref) {
				f.Related = append(f.Related, t.Ref)
			}
		}
	}
}

// proxyPort is the port of Istio's sidecar, which templates do not show.
const proxyPort = "http-envoy-prom"

func firstOf(here []target) string {
	refs := map[ref.Ref]bool{}
	for _, t := range here {
		refs[t.Ref] = true
	}
	if len(refs) == 1 {
		return here[0].String()
	}
	return fmt.Sprintf("one of %d (%s)", len(refs), here[0])
}

// portNames are the port names of targets, sorted; open when there may be more.
func portNames(of []target) (names []string, open bool) {
	for _, t := range of {
		names = append(names, t.ports...)
		open = open || t.open
	}
	slices.Sort(names)
	return slices.Compact(names), open
}
