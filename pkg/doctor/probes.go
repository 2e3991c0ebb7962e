// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/scrape"
)

// Probe is a question for one pod.
type Probe struct {
	scrape.Address
	// Pod is one that is ready.
	Pod    string
	Scheme string
	// Sure is true where a monitor asks the same; else the path is a guess.
	Sure bool
}

// Probes are what to ask the pods of a subject: what its monitors ask, else what
// its annotations say, else the ports that look like those of metrics. One pod of
// each workload stands for all.
func Probes(w *rules.World, s Subject) []Probe {
	var out []Probe
	seen := map[scrape.Address]bool{}
	add := func(of *model.Workload, a scrape.Address, scheme string, sure bool) {
		if pod := readyPod(of); pod != "" && a.Port != 0 && !seen[a] {
			seen[a] = true
			out = append(out, Probe{a, pod, scheme, sure})
		}
	}
	for _, one := range scrapesOf(w, s) {
		add(one.Workload, scrape.AddressOf(one), one.Scheme, true)
	}
	if len(out) > 0 {
		return out
	}
	for _, of := range s.Workloads {
		notes := of.Template.Annotations
		if port, err := strconv.ParseInt(notes["prometheus.io/port"], 10, 32); err == nil && notes[scrape.Annotation] == "true" {
			add(of, scrape.Address{Workload: of.Ref, Port: int32(port), Path: cmp.Or(notes["prometheus.io/path"], "/metrics")}, cmp.Or(notes["prometheus.io/scheme"], "http"), true)
			continue
		}
		for _, c := range of.Containers() {
			for _, p := range c.Ports {
				// A port of a database does not forgive a request of HTTP.
				if strings.Contains(p.Name, "metrics") || strings.HasPrefix(p.Name, "http") || strings.Contains(p.Name, "prom") {
					add(of, scrape.Address{Workload: of.Ref, Port: p.ContainerPort, Path: "/metrics"}, "http", false)
				}
			}
		}
	}
	return out
}

func readyPod(of *model.Workload) string {
	for _, p := range of.Pods {
		if model.PodReady(p.Value) && p.Value.DeletionTimestamp == nil {
			return p.Ref.Name
		}
	}
	return ""
}
