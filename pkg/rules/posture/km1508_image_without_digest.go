// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1508", Slug: "image-without-digest", Severity: finding.Info, Hygiene: true,
	Short: "Image is named by a tag and not by its digest",
	Why: `A tag can be pushed again. Who may write to the registry can change what the next pod runs, without a change
to any manifest. A digest names the contents themselves: what was reviewed, scanned and signed is what runs.`,
	Fix: `Have the pipeline write image: name:tag@sha256:..., as "docker buildx imagetools inspect" or "crane digest"
print it. Where a registry forbids overwriting tags this rule can be suppressed for it.`,
	Reference: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
	Aliases:   []string{"kubescape:C-0306"},
	Needs:     model.WorkloadKinds,
	Check:     eachContainer(withoutDigest),
})

func withoutDigest(_ *rules.World, _ *model.Workload, c *corev1.Container) (field, text string) {
	i := parse(c.Image)
	if c.Image == "" || i.digest != "" || i.tag == "" || i.tag == "latest" { // the last two are KM1507's
		return "", ""
	}
	return "/image", "has image " + c.Image + " without a digest: the tag may be pushed again"
}
