// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// match is how surely something matches. Maybe is for what cannot be known.
type match int8

const (
	no match = iota
	maybe
	yes
)

// selector is a label selector that was read once, however often it is written.
type selector struct {
	// text is its canonical form, for people and as its identity: "app=web,tier in (a,b)".
	text         string
	requirements []requirement
	// broken says why the selector cannot be evaluated; empty if it can.
	broken string
}

// requirement is one condition on a label.
type requirement struct {
	key    string
	values []string
	// present is true for conditions that an absent key fails, negative for
	// those that a listed value fails.
	present, negative bool
}

// selectors are the selectors of an engine by their text.
type selectors map[string]*selector

func (x selectors) compile(s *metav1.LabelSelector) *selector {
	if s == nil {
		s = &metav1.LabelSelector{}
	}
	text := selectorText(s)
	if known := x[text]; known != nil {
		return known
	}
	out := &selector{text: text}
	x[text] = out
	if _, err := metav1.LabelSelectorAsSelector(s); err != nil {
		out.broken = "the selector is invalid: " + err.Error()
		return out
	}
	for k, v := range s.MatchLabels {
		out.requirements = append(out.requirements, requirement{key: k, values: []string{v}, present: true})
	}
	for _, e := range s.MatchExpressions {
		r := requirement{key: e.Key, values: e.Values}
		switch e.Operator {
		case metav1.LabelSelectorOpIn, metav1.LabelSelectorOpExists:
			r.present = true
		case metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpDoesNotExist:
			r.negative = true
		}
		out.requirements = append(out.requirements, r)
	}
	slices.SortFunc(out.requirements, func(a, b requirement) int {
		return cmp.Or(cmp.Compare(a.key, b.key), slices.Compare(a.values, b.values))
	})
	return out
}

// selectorText is the same for selectors that ask for the same in another order.
func selectorText(s *metav1.LabelSelector) string {
	parts := make([]string, 0, len(s.MatchLabels)+len(s.MatchExpressions))
	for k, v := range s.MatchLabels {
		parts = append(parts, k+"="+v)
	}
	for _, e := range s.MatchExpressions {
		switch e.Operator {
		case metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist:
			if len(e.Values) == 0 {
				mark := map[metav1.LabelSelectorOperator]string{metav1.LabelSelectorOpDoesNotExist: "!"}
				parts = append(parts, mark[e.Operator]+e.Key)
				continue
			}
		}
		values := slices.Sorted(slices.Values(e.Values))
		parts = append(parts, e.Key+" "+strings.ToLower(string(e.Operator))+" ("+strings.Join(values, ",")+")")
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

// words is the selector in a sentence.
func (s *selector) words() string {
	if s.text == "" {
		return "all"
	}
	return s.text
}

// holds reports whether a set of labels meets the condition. An absent key
// meets every negative one.
func (r requirement) holds(set labels.Set) bool {
	value, has := set[r.key]
	switch {
	case !has:
		return !r.present
	case len(r.values) == 0: // Exists, DoesNotExist
		return r.present
	}
	return slices.Contains(r.values, value) != r.negative
}

func (s *selector) matches(set labels.Set) match {
	if s.broken != "" {
		return maybe
	}
	for _, r := range s.requirements {
		if !r.holds(set) {
			return no
		}
	}
	return yes
}

// namespace is what is known of a namespace.
type namespace struct {
	labels labels.Set
	// partial says why there may be more labels than these; empty if there are not.
	partial string
}

// namespaceOf returns the labels of a namespace. Every namespace carries its name
// as a label, which files leave to the API server to add
// (https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name).
func namespaceOf(s *model.Snapshot, name string) namespace {
	own := labels.Set{corev1.LabelMetadataName: name}
	if ns, found := model.Namespaces.Get(s, "", name); found {
		return namespace{labels: labels.Merge(ns.Value.Labels, own)}
	}
	switch gap, found := s.Gap(model.Namespaces.GroupKind, ""); {
	case found:
		return namespace{own, "the labels of namespace " + name + " are not known: " + gap.Reason}
	case s.Partial:
		return namespace{own, "the labels of namespace " + name + " are not known: the files do not hold it"}
	}
	return namespace{labels: own}
}

// takes says whether a selector of namespaces takes one in.
func (s *selector) takes(ns namespace) match {
	if s.broken != "" {
		return maybe
	}
	out := yes
	for _, r := range s.requirements {
		switch {
		case r.holds(ns.labels) && (ns.partial == "" || r.key == corev1.LabelMetadataName):
		case ns.partial != "" && r.key != corev1.LabelMetadataName:
			out = maybe
		default:
			return no
		}
	}
	return out
}
