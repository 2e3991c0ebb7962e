// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM6570", Slug: "image-past-manifests", Severity: finding.Info, Hygiene: true, Texts: true,
	Short: "Image is set in the cluster and not in the manifests",
	Why: `"kubectl set image" changes the object in the cluster, while the manifests in git go on to name the old image:
the next "kubectl apply" brings that back, nobody sees in git what runs, and Argo CD or Flux undo it at once.`,
	Fix:       "Change the image where the manifests are, by digest (`kustomize edit set image NAME=REGISTRY/NAME@sha256:...`), and apply them; or roll out with `kubectl micro canary`.",
	Reference: "https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/",
	Check: eachScript(func(_ *rules.World, s *script, report reporter) {
		for _, c := range s.commands {
			k, is := c.asKubectl()
			if !is || !k.does("set", "image") {
				continue
			}
			f := report(c.line, c.column, "kubectl set image changes %s past the manifests: the next apply brings the old image back", target(k))
			f.Hint = "kustomize edit set image NAME=REGISTRY/NAME@sha256:DIGEST, then kubectl diff and kubectl apply -k; or kubectl micro canary"
		}
	}),
})

// target is what a "set image" changes, as it is written.
func target(k kubectl) string {
	if len(k.words) < 3 {
		return "a workload"
	}
	if len(k.words) > 3 && !strings.Contains(k.words[2], "/") {
		return k.words[2] + "/" + k.words[3]
	}
	return k.words[2]
}
