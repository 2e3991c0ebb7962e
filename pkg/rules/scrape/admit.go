// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// reportRefusal says that nobody takes an object, where that is certain.
func reportRefusal(w *rules.World, emit rules.Emit, o *model.Object, choices []Choice, known bool) {
	yes, perhaps := Taken(choices)
	if !known || len(yes)+len(perhaps) > 0 {
		return
	}
	near := nearest(choices)
	f := emit(o, rules.Nearest(o, "/metadata/labels"), "no Prometheus takes it: %s %s", near.Ref, near.Why)
	for _, c := range choices {
		f.Related = append(f.Related, c.Ref)
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: c.Where(rules.Nearest(c.Object, "/spec/"+c.Field)), Value: c.Ref.String() + " " + c.Why})
	}
	if w.Partial {
		f.Confidence = finding.Likely
	}
}

// admit returns the ways to have the nearest Scraper take an object.
func admit(w *rules.World, o *model.Object, choices []Choice) []rules.Fix {
	if len(choices) == 0 {
		return nil
	}
	c := nearest(choices)
	switch {
	case c.Match == Yes:
		return nil
	case c.selector == nil && c.namespace:
		return []rules.Fix{c.open("have " + c.Ref.String() + " look at all namespaces")}
	case c.selector == nil:
		return []rules.Fix{c.open("have " + c.Ref.String() + " select all")}
	}
	lacks, ok := lacking(c.selector)
	on := o
	if c.namespace {
		ns, found := model.Namespaces.Get(w.Snapshot, "", o.Ref.Namespace)
		if !found {
			return nil
		}
		on = ns.Object
	}
	if !ok {
		return nil
	}
	var ops []patch.Op
	have := on.Meta().GetLabels()
	switch {
	case len(have) == 0:
		ops = append(ops, rules.Set(on, "/metadata/labels", rules.Decoded(lacks)))
	default:
		for _, k := range slices.Sorted(maps.Keys(lacks)) {
			if have[k] != lacks[k] {
				ops = append(ops, rules.Set(on, patch.Pointer("metadata", "labels", k), lacks[k]))
			}
		}
	}
	if len(ops) == 0 {
		return nil
	}
	return []rules.Fix{rules.Change(rules.Review, "label "+on.Ref.String()+" "+Wanted(c.selector), on, ops...)}
}

// open is the fix that gives a Scraper the selector for all.
func (c Choice) open(title string) rules.Fix {
	return rules.Change(rules.Review, title, c.Object, rules.Set(c.Object, "/spec/"+c.Field, map[string]any{}))
}

// lacking are the labels that satisfy a selector; ok is false where no labels do,
// or there is more than one way.
func lacking(s *metav1.LabelSelector) (out map[string]string, ok bool) {
	out = maps.Clone(s.MatchLabels)
	if out == nil {
		out = map[string]string{}
	}
	for _, e := range s.MatchExpressions {
		if e.Operator != metav1.LabelSelectorOpIn || len(e.Values) != 1 {
			return nil, false
		}
		out[e.Key] = e.Values[0]
	}
	return out, true
}
