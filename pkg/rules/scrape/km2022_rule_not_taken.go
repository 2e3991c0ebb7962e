// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2022", Slug: "rule-not-taken", Severity: finding.Warning,
	Short: "No Prometheus takes the PrometheusRule",
	Why: `Recording rules and alerts of a PrometheusRule are worked out by the Prometheus (or ThanosRuler) whose
ruleSelector and ruleNamespaceSelector select it. A selector that is missing selects nothing. A rule that
nobody takes never fires, and says nothing of it.`,
	Fix:       `Give the PrometheusRule the labels that the Prometheus asks for, or have the Prometheus select more.`,
	Reference: "https://prometheus-operator.dev/docs/developer/alerting/#deploying-prometheus-rules",
	Needs:     slices.Concat(ruleKinds, []*model.Kind{model.PrometheusRules.Kind}),
	Check: func(w *rules.World, emit rules.Emit) {
		for _, o := range w.OfKind(model.PrometheusRules.GroupKind) {
			choices, known := ChoicesOfRule(w, o)
			reportRefusal(w, emit, o, choices, known)
		}
	},
	Repair: func(w *rules.World, r rules.Result) []rules.Fix {
		choices, _ := ChoicesOfRule(w, r.On)
		return admit(w, r.On, choices)
	},
})
