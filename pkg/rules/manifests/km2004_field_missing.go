// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2004", Slug: "field-missing", Severity: finding.Error,
	Short: "Required field is missing",
	Why: `The API server rejects an object without its required fields: nothing of it is created or
changed. With other objects in the same ` + "`kubectl apply`" + ` those go through all the same, so that
what is there afterwards is half of what was meant.

Required is what the schema of the API says is required, and what the server asks for beyond it: the
image of a container, labels of a template that a selector has to match, the source of a volume, the
handler of a probe, the ports of a Service.`,
	Fix:       `Add the field.`,
	Reference: "https://kubernetes.io/docs/reference/kubernetes-api/",
	Check:     checkRequired,
	Repair:    repairRequired,
})

func checkRequired(w *rules.World, emit rules.Emit) {
	for _, o := range authored(w) {
		for _, l := range lacksOf(w, o) {
			emit(o, l.at, "%s", l)
		}
	}
}

// repairRequired mends the two cases in which the object says itself what belongs
// there: the selector goes by the labels of the template, and they by the selector.
func repairRequired(w *rules.World, r rules.Result) []rules.Fix {
	o := r.On
	at, makesPods := templates[o.Ref.GroupKind()]
	if !makesPods || !selects(o.Ref.GroupKind()) || o.Ref.Kind == "ReplicationController" {
		return nil
	}
	set, _ := texts(mapping(o.Raw(), at+"/metadata")["labels"])
	selector := mapping(o.Raw(), "/spec/selector")
	wanted, _ := texts(selector["matchLabels"])
	for _, l := range lacksOf(w, o) {
		switch {
		case l.String() != r.Message:
		case l.name == "selector" && l.at == "/spec" && len(set) > 0:
			return []rules.Fix{addSelector(o, set)}
		case l.name == "labels" && len(wanted) > 0:
			return []rules.Fix{addLabels(o, patch.Join(l.at, l.name), rules.Decoded(wanted), wanted)}
		case l.name == "metadata" && l.at == at && len(wanted) > 0:
			return []rules.Fix{addLabels(o, patch.Join(l.at, l.name), map[string]any{"labels": rules.Decoded(wanted)}, wanted)}
		}
	}
	return nil
}

func addSelector(o *model.Object, set map[string]string) rules.Fix {
	op := patch.Op{Op: patch.Add, Path: "/spec/selector", Value: map[string]any{"matchLabels": rules.Decoded(set)}}
	return rules.Change(rules.Review, "select the pods by the labels of the template, "+labels.Set(set).String(), o, op)
}

func addLabels(o *model.Object, path string, value map[string]any, wanted labels.Set) rules.Fix {
	return rules.Change(rules.Safe, "label the template "+wanted.String()+", as the selector asks", o,
		patch.Op{Op: patch.Add, Path: path, Value: value})
}
