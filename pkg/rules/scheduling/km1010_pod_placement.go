// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scheduling

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1010", Slug: "pod-placement", Severity: finding.Error,
	Short: "Pod stays Pending: its affinity to other pods, or its spread, fits no node",
	Why: `A required anti-affinity among the pods of one workload allows one of them in each domain of its
topologyKey: with hostname, no more than there are nodes. Topology spread constraints with
` + "`whenUnsatisfiable: DoNotSchedule`" + ` keep the difference between domains within maxSkew, also when the domain
that lags behind has no room. A required affinity to pods that run nowhere can never be met. Nodes
without the label of the topologyKey never count.

During a rollout the pods of both revisions count.`,
	Fix: `Make the rule a preference (preferredDuringScheduling..., ` + "`whenUnsatisfiable: ScheduleAnyway`" + `), run fewer replicas
than there are domains, or add nodes. For rollouts, set maxSurge: 0 and maxUnavailable: 1, or
matchLabelKeys: [pod-template-hash].`,
	Reference: "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.Nodes.Kind, model.Events.Kind}),
	Live:      true,
	Explains:  []string{"KM2001", "KM2015", "KM3002"},
	Check:     checkPlacement,
})

// placements are the fields and hints that go with what the scheduler says.
var placements = []struct{ says, field, hint string }{
	{"missing required label", "/topologySpreadConstraints", "no node carries the label of a topologyKey that the constraint needs"},
	{"topology spread", "/topologySpreadConstraints", "whenUnsatisfiable: ScheduleAnyway makes it a preference"},
	{"existing pods anti-affinity", "/affinity", "other pods keep it away: their required anti-affinity selects its labels"},
	{"anti-affinity", "/affinity/podAntiAffinity", "a required anti-affinity allows as many pods as there are domains of its topologyKey"},
	{"affinity", "/affinity/podAffinity", "no pod that runs has the labels that its required affinity asks for"},
}

func checkPlacement(w *rules.World, emit rules.Emit) {
	for _, g := range unschedulable(w, byPods) {
		at, hint := g.of.SpecAt(), ""
		for _, p := range placements {
			if strings.Contains(g.causes[0].says, p.says) {
				at, hint = g.of.Existing(at, p.field), p.hint
				break
			}
		}
		f := g.tell(w, emit, at, g.refusals(), g.steady())
		f.Hint = lines(hint, f.Hint)
	}
}
