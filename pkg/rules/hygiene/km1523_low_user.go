// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"cmp"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1523", Slug: "low-user",
	Short: "Container does not run as a user and a group of 10000 or above",
	Why: `Numbers of users are the same inside and outside of a container. Those below 10000 are likely to be somebody on
the node, or root, and who gets out of the container is that. A group of 0 reads and writes what belongs to
the group root; it is what a pod gets that names none.`,
	Fix:       "Set runAsUser and runAsGroup to a number of 10000 or above, such as 65532, and see to it that the image lets that user read what it needs.",
	Reference: "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
	Aliases:   []string{"kube-score:container-security-context-user-group-id", "kubescape:C-0013"},
	Needs:     model.WorkloadKinds,
	Check:     eachContainer(lowUser),
})

// firstUser is the first number that is likely to be nobody on a node.
const firstUser = 10000

func lowUser(of *model.Workload, c *corev1.Container) (field, text string) {
	if os := of.Spec().OS; os != nil && os.Name == corev1.Windows {
		return "", ""
	}
	var user, group *int64
	if s := of.Spec().SecurityContext; s != nil {
		user, group = s.RunAsUser, s.RunAsGroup
	}
	if s := c.SecurityContext; s != nil {
		user, group = cmp.Or(s.RunAsUser, user), cmp.Or(s.RunAsGroup, group)
	}
	for _, x := range []struct {
		field string
		is    *int64
	}{{"runAsUser", user}, {"runAsGroup", group}} {
		switch {
		case x.is == nil:
			return "/securityContext/" + x.field, "has no " + x.field
		case *x.is < firstUser:
			return "/securityContext/" + x.field, fmt.Sprintf("has %s %d, which may be somebody on the node", x.field, *x.is)
		}
	}
	return "", ""
}
