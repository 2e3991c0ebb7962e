// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2522", Slug: "annotations-not-read", Severity: finding.Info, Hygiene: true,
	Short: "prometheus.io/scrape is set where the Prometheus goes by monitors",
	Why: `prometheus.io/scrape, port and path are a convention of scrape configurations written by hand; the
Prometheus Operator does not read them. A Prometheus without additionalScrapeConfigs and
scrapeConfigSelector goes by ServiceMonitors and PodMonitors alone. Of pods with Istio's sidecar the
annotations matter all the same: the sidecar reads them, to serve the metrics with its own.`,
	Fix:       `Write a ServiceMonitor or a PodMonitor, and take the annotations away.`,
	Reference: "https://prometheus-operator.dev/docs/developer/getting-started/#using-podmonitors",
	Needs: slices.Concat(model.WorkloadKinds, scraperKinds, []*model.Kind{
		model.ServiceMonitors.Kind, model.PodMonitors.Kind, model.Services.Kind,
	}),
	Check: checkAnnotations,
})

// Annotation asks a Prometheus that goes by annotations to scrape.
const Annotation = "prometheus.io/scrape"

// MonitorsOnly reports whether every Prometheus in sight goes by monitors alone,
// and whether that is known.
func MonitorsOnly(w *rules.World) (only, known bool) {
	found := 0
	for _, k := range []model.KindOf[model.Scraper]{model.Prometheuses, model.PrometheusAgents} {
		if g, gap := w.Gap(k.GroupKind, ""); gap && !g.Missing {
			return false, false
		}
		for _, s := range k.In(w.Snapshot, "") {
			if s.Value.Spec.AdditionalScrapeConfigs != nil || s.Value.Spec.ScrapeConfigSelector != nil {
				return false, true
			}
			found++
		}
	}
	return found > 0, found > 0
}

func checkAnnotations(w *rules.World, emit rules.Emit) {
	if only, known := MonitorsOnly(w); !only || !known {
		return
	}
	scraped := map[*model.Object]bool{}
	for _, s := range w.Scrapes() {
		scraped[s.Workload.Object] = true
	}
	for _, of := range w.Judged("") {
		if of.Template.Annotations[Annotation] != "true" || scraped[of.Object] || w.Mesh(of) != rules.MeshOut {
			continue
		}
		at := of.At + patch.Pointer("metadata", "annotations", Annotation)
		f := emit(of.Object, at, "asks to be scraped by annotation, which no Prometheus of the operator reads, and no monitor selects it")
		f.Confidence = finding.Likely // there may be a Prometheus besides
	}
}
