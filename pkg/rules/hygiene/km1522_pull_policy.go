// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1522", Slug: "pull-policy",
	Short: "Image is not pulled at each start",
	Why: `With IfNotPresent a pod runs what its node has under the name of the image, whoever had it pulled there, and
without the credentials of the pod being looked at. With Always the kubelet asks the registry each
time; layers that are there are not loaded again, and with a digest it is one small request.`,
	Fix:       "Set imagePullPolicy: Always.",
	Reference: "https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy",
	Aliases:   []string{"kube-score:container-image-pull-policy", "polaris:pullPolicyNotAlways", "kubescape:C-0075"},
	Needs:     model.WorkloadKinds,
	Check: eachContainer(func(_ *model.Workload, c *corev1.Container) (field, text string) {
		switch c.ImagePullPolicy {
		case corev1.PullAlways:
			return "", ""
		case "":
			return "/imagePullPolicy", "does not say when its image is pulled: imagePullPolicy is not Always"
		}
		return "/imagePullPolicy", "has imagePullPolicy " + string(c.ImagePullPolicy) + ": it runs what the node has under that name"
	}),
	Repair: inContainer(rules.Review, "have the image pulled at each start", "/imagePullPolicy", string(corev1.PullAlways)),
})
