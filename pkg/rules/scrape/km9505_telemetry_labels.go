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
	ID: "KM9505", Slug: "telemetry-labels", Severity: finding.Info, Hygiene: true,
	Short: "Pods in the mesh have no label that metrics take the app or the version from",
	Why: `Istio's metrics name the application and its version by the labels of the pods: app and version, or
their longer forms app.kubernetes.io/name and app.kubernetes.io/version, or
service.istio.io/canonical-name and canonical-revision. Without them the metrics say unknown or latest,
and the versions of a canary cannot be told apart.`,
	Fix:       `Label the pod template: app: NAME and version: v1.`,
	Reference: "https://istio.io/latest/docs/ops/deployment/application-requirements/#pod-requirements",
	Needs:     slices.Concat(model.WorkloadKinds, rules.MeshKinds),
	Check: func(w *rules.World, emit rules.Emit) {
		for _, of := range w.Judged("") {
			if w.Mesh(of) != rules.MeshIn {
				continue
			}
			if what := Nameless(of); what != "" {
				emit(of.Object, rules.Nearest(of.Object, of.At+"/metadata/labels"), "its pods have no label for %s, which Istio's metrics are told apart by", what)
			}
		}
	},
})

// nameLabels and versionLabels are what Istio looks for, any of them will do.
var (
	nameLabels    = []string{"service.istio.io/canonical-name", "app.kubernetes.io/name", "app"}
	versionLabels = []string{"service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"}
)

// Nameless says what the pods of a workload have no label for: "the app (app) and
// the version (version)"; empty if they have both.
func Nameless(of *model.Workload) string {
	has := func(keys []string) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return of.Template.Labels[k] != "" })
	}
	switch name, version := has(nameLabels), has(versionLabels); {
	case !name && !version:
		return "the app (app) and the version (version)"
	case !name:
		return "the app (app)"
	case !version:
		return "the version (version)"
	}
	return ""
}
