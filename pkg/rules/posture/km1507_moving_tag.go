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
	ID: "KM1507", Slug: "moving-tag", Severity: finding.Info, Hygiene: true,
	Short: "Image is named by the tag latest, or by none",
	Why: `latest is whatever was pushed last. Two pods of one Deployment may run different programs, a rollback brings
nothing back, and nobody can say afterwards what was running. No tag means latest.`,
	Fix:       "Name a version, or better a digest.",
	Reference: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
	Aliases:   []string{"kube-linter:latest-tag", "kube-score:container-image-tag", "polaris:tagNotSpecified"},
	Needs:     model.WorkloadKinds,
	Check:     eachContainer(movingTag),
})

func movingTag(_ *rules.World, _ *model.Workload, c *corev1.Container) (field, text string) {
	i := parse(c.Image)
	switch {
	case c.Image == "" || i.digest != "":
		return "", ""
	case i.tag == "":
		return "/image", "has image " + c.Image + " without a tag, which means latest"
	case i.tag == "latest":
		return "/image", "has image " + c.Image + ", which is whatever was pushed last"
	}
	return "", ""
}
