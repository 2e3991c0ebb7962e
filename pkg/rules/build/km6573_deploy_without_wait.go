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
	ID: "KM6573", Slug: "deploy-without-wait", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "Pipeline deploys, and does not look whether it worked",
	Why: `kubectl comes back as soon as the API server has taken the object. The pods may never start: the pipeline is
green, and nobody rolls back.`,
	Fix:       "Wait for the rollout, and undo it when it fails: `kubectl rollout status deployment/NAME --timeout=5m`, else `kubectl rollout undo`; or let `kubectl micro canary` do both.",
	Reference: "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_status/",
	Check:     eachScript(noWait),
})

// waits is any sign that somebody looks at what became of a deployment.
var waits = regexp.MustCompile(`\brollout\s+status\b|\bkubectl\b.*\bwait\b|--wait\b|--atomic\b|\bargocd app\b|\bflux reconcile\b|\bkapp deploy\b|\bkubectl[ -]micro\b|\bskaffold\b`)

func noWait(_ *rules.World, s *script, report reporter) {
	if s.Kind != model.Pipeline || s.says(waits) {
		return
	}
	for _, c := range s.commands {
		k, is := c.asKubectl()
		if !is || k.flags["--dry-run"] != "" || !k.does("set", "image") && !k.does("apply") && !k.does("rollout", "restart") {
			continue
		}
		f := report(c.line, c.column, "kubectl %s is not waited for: the pipeline is green when no pod starts", said(k))
		f.Hint = "kubectl rollout status deployment/NAME --timeout=5m || kubectl rollout undo deployment/NAME"
		return
	}
}

// said is a command without its arguments.
func said(k kubectl) string {
	if k.does("apply") {
		return "apply"
	}
	return k.words[0] + " " + k.words[1]
}
