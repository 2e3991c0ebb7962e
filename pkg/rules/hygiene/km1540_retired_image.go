// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM1540", Slug: "retired-image",
	Short: "Image comes from a place that is closed, or of a project that has ended",
	Why: `k8s.gcr.io was frozen in April 2023: nothing new comes there, and what there is may go. ingress-nginx was retired in
March 2026: holes that are found in it stay open, and it reads the certificates of the whole cluster.`,
	Fix:       "Take images of Kubernetes from registry.k8s.io. Move from ingress-nginx to a controller that is maintained, best by way of the Gateway API.",
	Reference: "https://kubernetes.io/blog/2023/03/10/image-registry-redirect/",
	Aliases:   []string{"kubescape:C-0253", "kubescape:C-0292"},
	Needs:     model.WorkloadKinds,
	Check: eachContainer(func(_ *model.Workload, c *corev1.Container) (field, text string) {
		switch {
		case strings.HasPrefix(c.Image, "k8s.gcr.io/"):
			return "/image", "has an image from k8s.gcr.io, where nothing new comes: it is registry.k8s.io now"
		case strings.Contains(c.Image, "ingress-nginx/controller"):
			return "/image", "runs ingress-nginx, which was retired in March 2026"
		}
		return "", ""
	}),
	Repair: newRegistry,
})

// newRegistry names the same image at its new place.
func newRegistry(w *rules.World, r rules.Result) []rules.Fix {
	image, _ := r.Text()
	name, old := strings.CutPrefix(image, "k8s.gcr.io/")
	if !old || !editable(w, r) {
		return nil
	}
	return []rules.Fix{r.Replace(rules.Review, "take the image from registry.k8s.io", "registry.k8s.io/"+name)}
}
