// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"fmt"
	"slices"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/scrape"
)

// prometheus judges whether a Prometheus takes the monitors.
func (v visit) prometheus() Link {
	if len(v.monitors) == 0 {
		return v.without(Prometheus, "there is no monitor to take")
	}
	var takers, perhaps []scrape.Choice
	known := true
	for _, m := range v.monitors {
		choices, all := scrape.ChoicesOf(v.World, m)
		yes, maybe := scrape.Taken(choices)
		takers, perhaps, known = append(takers, yes...), append(perhaps, maybe...), known && all
	}
	switch found := v.refused(); {
	case len(takers) > 0:
		return Link{Name: Prometheus, State: OK, Detail: "taken by " + rules.FewOf(distinct(takers))}
	case len(v.targets) > 0:
		return Link{Name: Prometheus, State: OK, Detail: "it has targets of " + v.targets[0].Pool}
	case len(found) > 0:
		return told(Prometheus, Broken, found)
	case len(perhaps) > 0:
		return Link{Name: Prometheus, State: v.doubt(), Detail: fmt.Sprintf("whether %s takes it: it %s, and the labels of namespace %s are not in view", perhaps[0].Ref, perhaps[0].Why, v.monitors[0].Ref.Namespace)}
	case v.World.Offline && !known:
		return Link{Name: Prometheus, State: NotChecked, Detail: "no Prometheus is in these files"}
	}
	for _, k := range []*model.Kind{model.Prometheuses.Kind, model.PrometheusAgents.Kind} {
		if g, gap := v.World.Gap(k.GroupKind, ""); gap && !g.Missing {
			return Link{Name: Prometheus, State: Unknown, Detail: "which Prometheus there is: " + g.Reason, Hint: "ask for the right to list " + k.Resource + "." + k.Group}
		}
	}
	return Link{Name: Prometheus, State: Unknown, Detail: "no Prometheus of the operator is in the cluster: who reads the monitors?", Hint: "name the Prometheus with --prometheus"}
}

// doubt is the state of what cannot be told: files are not the cluster.
func (v visit) doubt() State {
	if v.World.Offline {
		return NotChecked
	}
	return Unknown
}

// refused are the findings that no Prometheus takes a monitor of the subject.
func (v visit) refused() []rules.Result {
	var on []ref.Ref
	for _, m := range v.monitors {
		on = append(on, m.Ref)
	}
	return v.about(on, "KM2021")
}

func distinct(choices []scrape.Choice) []ref.Ref {
	var out []ref.Ref
	for _, c := range choices {
		if !slices.ContainsFunc(out, c.Ref.Same) {
			out = append(out, c.Ref)
		}
	}
	return out
}

// operator judges what the operator says of the monitors: in their status since
// 0.85, and in events before and after.
func (v visit) operator() Link {
	if len(v.monitors) == 0 {
		return v.without(Operator, "there is no monitor to accept")
	}
	if v.World.Offline {
		return Link{Name: Operator, State: NotChecked, Detail: "files have no status"}
	}
	accepted := 0
	for _, m := range v.monitors {
		for _, b := range m.Bindings {
			c, refuses := refusal(b)
			if refuses {
				return Link{Name: Operator, State: Broken, Detail: fmt.Sprintf("%s is not accepted for %s %s/%s: %s: %s", m.Ref, b.Resource, b.Namespace, b.Name, c.Reason, rules.OneLine(c.Message))}
			}
			accepted++
		}
	}
	for _, m := range v.monitors {
		for _, e := range v.World.EventsOf(m.Ref) {
			if e.Value.Type == corev1.EventTypeWarning {
				return Link{Name: Operator, State: Broken, Detail: m.Ref.String() + ": " + rules.OneLine(e.Value.Reason+": "+e.Value.Message)}
			}
		}
	}
	if accepted > 0 {
		return Link{Name: Operator, State: OK, Detail: "accepted"}
	}
	return Link{Name: Operator, State: NotChecked, Detail: "no status.bindings and no events: the operator says nothing of it"}
}

// refusal is the condition by which the operator refuses a monitor.
func refusal(b monitoringv1.WorkloadBinding) (monitoringv1.ConfigResourceCondition, bool) {
	for _, c := range b.Conditions {
		if c.Type == monitoringv1.Accepted && c.Status == monitoringv1.ConditionFalse {
			return c, true
		}
	}
	return monitoringv1.ConfigResourceCondition{}, false
}

// alerts judges the PrometheusRules of the namespace; without any there is no link.
// Metrics get through whatever becomes of them, so that they decide nothing.
func (v visit) alerts() Link {
	kind := model.PrometheusRules.Kind
	all := v.World.InNamespace(kind.GroupKind, v.Ref().Namespace)
	if len(all) == 0 {
		if g, gap := v.World.Gap(kind.GroupKind, v.Ref().Namespace); gap && !g.Missing && !v.World.Offline {
			return Link{Name: Alerts, State: NotChecked, Detail: "whether any are taken: " + g.Reason, Hint: "ask for the right to list " + kind.Resource + "." + kind.Group}
		}
		return Link{}
	}
	for _, o := range all {
		if found := v.about([]ref.Ref{o.Ref}, "KM2022"); len(found) > 0 {
			return told(Alerts, Warning, found)
		}
	}
	if choices, _ := scrape.ChoicesOfRule(v.World, all[0]); len(choices) == 0 {
		return Link{Name: Alerts, State: NotChecked, Detail: "no Prometheus to take them is in view"}
	}
	return Link{Name: Alerts, State: OK, Detail: fmt.Sprintf("%d taken", len(all))}
}
