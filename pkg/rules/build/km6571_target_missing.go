// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"regexp"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM6571", Slug: "target-missing", Severity: finding.Warning, Hygiene: true, Texts: true,
	Short: "Command is about a workload that no manifest defines",
	Why: `The command fails with NotFound, or changes what somebody once made by hand: nobody can make that again from
what is in git.`,
	Fix:       "Correct the name, or add the manifest of the workload.",
	Reference: "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_set/kubectl_set_image/",
	Needs:     []*model.Kind{model.Deployments.Kind, model.StatefulSets.Kind, model.DaemonSets.Kind},
	Check:     eachScript(targetMissing),
})

// elsewhere is what makes workloads that no manifest at hand need define.
var elsewhere = regexp.MustCompile(`\bhelm\b|\bkubectl\b.*\s(?:apply|create|replace)\s|\bkustomize build\b|\bskaffold\b|\bistioctl\b|\boc\b`)

// changes are the commands that need their target to be there.
var changes = [][]string{
	{"set", "image"}, {"set", "env"}, {"set", "resources"}, {"rollout", "status"}, {"rollout", "undo"}, {"rollout", "restart"}, {"scale"}, {"autoscale"}, {"expose"},
}

func targetMissing(w *rules.World, s *script, report reporter) {
	if s.says(elsewhere) {
		return
	}
	told := map[workload]bool{}
	for _, c := range s.commands {
		k, is := c.asKubectl()
		if !is {
			continue
		}
		for _, words := range changes {
			for _, t := range k.targets(words...) {
				absence, missing := absent(w, t)
				if !missing || told[t] {
					continue
				}
				told[t] = true
				r := t.kind.Ref(t.namespace, t.name)
				f := rules.Weigh(report(c.line, c.column, "%s %s %s: the command finds nothing to change", r.Kind, r.Name, absence), absence)
				f.Hint = "correct the name, or add its manifest"
			}
		}
	}
}

// absent tells whether a workload is nowhere, where others of its kind are: in no
// namespace, since neither scripts nor manifests always say in which they work.
func absent(w *rules.World, t workload) (model.Absence, bool) {
	for _, o := range w.OfKind(t.kind.GroupKind) {
		if o.Ref.Name == t.name {
			return model.Proven, false
		}
	}
	absence := w.Absence(t.kind, "")
	return absence, absence == model.Proven || absence == model.NotInSet
}
