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
	ID: "KM2021", Slug: "monitor-not-taken", Severity: finding.Warning,
	Short: "No Prometheus takes the ServiceMonitor or PodMonitor",
	Why: `A Prometheus of the operator takes the monitors that its serviceMonitorSelector (podMonitorSelector) and
serviceMonitorNamespaceSelector (podMonitorNamespaceSelector) select, by the labels of the monitor and of
its namespace. A selector that is missing selects nothing; an empty one, {}, selects all; a namespace
selector that is missing means the namespace of the Prometheus. Charts often ask for a label such as
release. A monitor that nobody takes is no error anywhere: the metrics are just missing.`,
	Fix:       `Give the monitor the labels that the Prometheus asks for, or have the Prometheus select more.`,
	Reference: "https://prometheus-operator.dev/docs/platform/troubleshooting/#troubleshooting-servicemonitor-changes",
	Needs:     slices.Concat(scraperKinds, []*model.Kind{model.ServiceMonitors.Kind, model.PodMonitors.Kind}),
	Check: func(w *rules.World, emit rules.Emit) {
		for _, m := range w.Monitors("") {
			choices, known := ChoicesOf(w, m)
			reportRefusal(w, emit, m.Object, choices, known)
		}
	},
	Repair: func(w *rules.World, r rules.Result) []rules.Fix {
		for _, m := range w.Monitors(r.Object.Namespace) {
			if m.Object == r.On {
				choices, _ := ChoicesOf(w, m)
				return admit(w, m.Object, choices)
			}
		}
		return nil
	},
})
