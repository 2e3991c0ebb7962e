// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM4504", Slug: "snippet",
	Short: "Ingress carries configuration of nginx",
	Why: `A snippet is written into the configuration of the controller as it is. Who may write an Ingress can have it read the
token of the controller, and with that all Secrets of the cluster (CVE-2021-25742). Newer controllers refuse snippets.`,
	Fix:       "Say it with an annotation that is made for it, or with a route of the Gateway API.",
	Reference: "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations-risk/",
	Aliases:   []string{"kubescape:C-0059"},
	Needs:     []*model.Kind{model.Ingresses.Kind},
	Check: func(w *rules.World, emit rules.Emit) {
		for _, ing := range model.Ingresses.In(w.Snapshot, "") {
			for _, key := range slices.Sorted(maps.Keys(ing.Value.Annotations)) {
				if strings.HasPrefix(key, "nginx.ingress.kubernetes.io/") && strings.HasSuffix(key, "-snippet") {
					emit(ing.Object, patch.Pointer("metadata", "annotations", key), "it writes into the configuration of nginx: %s", key)
				}
			}
		}
	},
})
