// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM6515", Slug: "sorted-keys",
	Short: "Keys are not in the order of the alphabet",
	Why: `Sorted keys make two manifests comparable line by line, and merges of two branches meet in the same place. For most
objects it is the order that they are written in anyhow: apiVersion, kind, metadata, spec.`,
	Fix:       "Sort the keys of every mapping, as scaffold and many editors do.",
	Reference: "https://docs.kubelinter.io/#/generated/checks?id=sorted-keys",
	Aliases:   []string{"kube-linter:sorted-keys"},
	Check: func(w *rules.World, emit rules.Emit) {
		for _, o := range w.Objects() {
			if o.Source == nil || o.Source.Value["apiVersion"] == api.Version { // no manifest, but what makes some
				continue
			}
			if pointer, above, found := o.Source.Unsorted(); found {
				_, key := patch.Split(pointer)
				emit(o, pointer, "key %s comes after %s", key, above)
			}
		}
	},
})
