// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = add(rules.Rule{
	ID: "KM2518", Slug: "label-values",
	Short: "Label has a value that no label can have",
	Why: `Values of labels have at most 63 letters, digits, dashes, underscores and dots, with a letter or digit at both ends.
The API server refuses an object with another one.`,
	Fix:       "Shorten it, or make it an annotation, which may have any value.",
	Reference: "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set",
	Aliases:   []string{"kube-score:label-values"},
	Check: func(w *rules.World, emit rules.Emit) {
		for _, o := range w.Objects() {
			if o.Live() {
				continue
			}
			checkLabels(o, "/metadata/labels", o.Meta().GetLabels(), emit)
			if of, makes := w.Workload(o.Ref); makes && of.Object == o && !of.Bare() {
				checkLabels(o, of.At+"/metadata/labels", of.Template.Labels, emit)
			}
		}
	},
})

func checkLabels(o *model.Object, at string, set map[string]string, emit rules.Emit) {
	for _, key := range slices.Sorted(maps.Keys(set)) {
		if problems := validation.IsValidLabelValue(set[key]); len(problems) > 0 {
			emit(o, patch.Join(at, key), "value %q of label %s is none that a label can have", rules.OneLine(set[key]), key)
		}
	}
}
