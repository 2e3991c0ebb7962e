// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// repairMonitor labels the Service that was meant, and makes port names agree
// where only one can be meant.
func repairMonitor(w *rules.World, r rules.Result) []rules.Fix {
	for _, m := range monitors(w) {
		if m.Object != r.On {
			continue
		}
		if r.Pointer == "/spec/selector" {
			return m.repairSelector(w, r)
		}
		return m.namePort(w, r)
	}
	return nil
}

func (m monitor) repairSelector(w *rules.World, r rules.Result) []rules.Fix {
	if s, ok := m.meant(w); ok {
		return m.labelService(s)
	}
	if len(r.Related) > 0 && !m.LooksAt(r.Related[0].Namespace) {
		ns := r.Related[0].Namespace
		value := map[string]any{"matchNames": []any{ns}}
		return []rules.Fix{rules.Change(rules.Review, "look at namespace "+ns, m.Object, patch.Op{Op: patch.Add, Path: "/spec/namespaceSelector", Value: value})}
	}
	if near := m.near(w); near != nil {
		return []rules.Fix{rules.Change(rules.Review, "select "+format(near), m.Object, valueOps("/spec/selector/matchLabels", m.Selector.MatchLabels, near)...)}
	}
	return nil
}

func (m monitor) labelService(s model.Item[corev1.Service]) []rules.Fix {
	ops, ok := labelOps(s.Value.Labels, m.Selector.MatchLabels)
	if !ok {
		return nil
	}
	port, at := singlePort(s)
	var own []patch.Op
	for _, p := range m.ports {
		name := port
		switch {
		case hasPort(s, p.port) || at == "":
			continue
		case name == "":
			name = httpName(p.port)
			ops = append(ops, patch.Op{Op: patch.Add, Path: at, Value: name})
			port = name
		}
		if name != p.port {
			own = append(own, patch.Op{Op: patch.Replace, Path: p.at, Value: name})
		}
	}
	fix := rules.Change(rules.Review, "label "+s.Ref.String()+" "+format(m.Selector.MatchLabels), s.Object, ops...)
	if len(own) > 0 {
		fix.Title += " and scrape its port " + port
		fix.Edits = append(fix.Edits, rules.Edit{On: m.Object, Ops: own})
	}
	return []rules.Fix{fix}
}

// namePort makes a monitor and what it selects agree on the name of a port.
func (m monitor) namePort(w *rules.World, r rules.Result) []rules.Fix {
	var all []target
	for _, of := range r.Related {
		if s, ok := model.Services.Get(w.Snapshot, of.Namespace, of.Name); ok && m.Target == model.Services.Kind {
			all = append(all, serviceTarget(s))
		} else if wl, ok := w.Workload(of); ok {
			all = append(all, podTarget(wl.Ref, wl.Template.Labels, wl.Spec()))
		}
	}
	names, _ := portNames(all)
	unnamed := 0
	for _, t := range all {
		unnamed += t.unnamed
	}
	i := slices.IndexFunc(m.ports, func(p scrape) bool { return p.at == r.Pointer })
	if i < 0 {
		return nil
	}
	if near := ref.Closest(m.ports[i].port, names); len(near) == 1 {
		names, unnamed = near, 0
	}
	if len(names) == 1 && unnamed == 0 {
		return []rules.Fix{r.Replace(rules.Review, "scrape port "+names[0], names[0])}
	}
	if len(names) > 0 || unnamed != 1 || len(all) != 1 || m.Target != model.Services.Kind {
		return nil
	}
	s, _ := model.Services.Get(w.Snapshot, all[0].Namespace, all[0].Name)
	_, at := singlePort(s)
	if at == "" {
		return nil
	}
	name := httpName(m.ports[i].port)
	fix := rules.Change(rules.Review, fmt.Sprintf("name the port of %s %s", s.Ref, name), s.Object, patch.Op{Op: patch.Add, Path: at, Value: name})
	if name != m.ports[i].port {
		fix.Edits = append(fix.Edits, rules.Edit{On: m.Object, Ops: []patch.Op{{Op: patch.Replace, Path: r.Pointer, Value: name}}})
	}
	return []rules.Fix{fix}
}

// labelOps are the operations that add labels to an object; ok is false when it
// has one of them with another value, which somebody else may select by.
func labelOps(has, add map[string]string) (ops []patch.Op, ok bool) {
	if len(has) == 0 {
		return []patch.Op{{Op: patch.Add, Path: "/metadata/labels", Value: rules.Decoded(add)}}, true
	}
	for _, k := range slices.Sorted(maps.Keys(add)) {
		switch old, carried := has[k]; {
		case carried && old != add[k]:
			return nil, false
		case !carried:
			ops = append(ops, patch.Op{Op: patch.Add, Path: patch.Pointer("metadata", "labels", k), Value: add[k]})
		}
	}
	return ops, true
}

// singlePort is the name of the only port of a Service, and the JSON Pointer of
// that name; both are empty when it has several.
func singlePort(s model.Item[corev1.Service]) (name, at string) {
	if len(s.Value.Spec.Ports) != 1 {
		return "", ""
	}
	return s.Value.Spec.Ports[0].Name, "/spec/ports/0/name"
}

func hasPort(s model.Item[corev1.Service], name string) bool {
	return slices.ContainsFunc(s.Value.Spec.Ports, func(p corev1.ServicePort) bool { return p.Name == name })
}

// httpName is a port name from which Istio knows the protocol of metrics.
func httpName(name string) string {
	if name == "http" || strings.HasPrefix(name, "http-") {
		return name
	}
	return "http-" + name
}
