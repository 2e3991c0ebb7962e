// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package scheduling holds the rules about pods that get no node, that cannot
// be made at all, that a node throws out, and that do not go away.
//
// What keeps a pod from being scheduled is one finding for each workload: which
// rule reports it is decided in one place, verdict.dominant.
package scheduling

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }

// refTo names an object of a kind.
func refTo(k *model.Kind, namespace, name string) ref.Ref {
	if !k.Namespaced {
		namespace = ""
	}
	return ref.Ref{Group: k.Group, Version: k.Versions[0], Kind: k.Kind, Namespace: namespace, Name: name}
}

// eventOf is the evidence that an event gives.
func eventOf(of ref.Ref, e *event) finding.Evidence {
	return finding.Evidence{Kind: "event", Of: of.String(), Value: oneLine(e.Reason + ": " + e.Message), Time: model.EventTime(e)}
}

// oneLine folds white space and cuts what is too long to read.
func oneLine(s string) string {
	const limit = 300
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}

// few joins a list for people, and cuts a long one.
func few(list []string) string {
	const most = 4
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:most], ", ") + ", …"
}

// add appends the references that a list lacks.
func add(to []ref.Ref, more ...ref.Ref) []ref.Ref {
	for _, r := range more {
		if !slices.Contains(to, r) {
			to = append(to, r)
		}
	}
	return to
}

// existing is the first of the given fields (pointers below one) that an object
// has; the pointer itself if it has none.
func existing(o *model.Object, at string, below ...string) string {
	for _, b := range below {
		if _, err := patch.Get(o.Raw(), at+b); err == nil {
			return at + b
		}
	}
	return at
}

// editable reports whether a change of the template reaches the pods: not for a
// pod itself, nor for a Job that exists, both of which the API server refuses.
func editable(of *model.Workload) bool {
	return !of.Bare() && (of.Ref.Kind != model.Jobs.Kind.Kind || !of.Live())
}
