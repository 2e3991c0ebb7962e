// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package manifests holds the rules about how objects are written: whether their
// API has such fields, values and versions, whether what it requires is there, and
// whether they say the same thing twice. They need no other object to judge one.
//
// Most of them look at files only. What is in a cluster has passed an API server,
// which knows its own fields better than any table does.
package manifests

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }

// authored lists the objects that somebody wrote, those included that a later
// definition of the same name replaces: all of them have to be right.
func authored(w *rules.World) []*model.Object {
	var out []*model.Object
	for _, o := range w.Objects() {
		if o.Source != nil || w.Offline {
			out = append(out, o)
		}
	}
	return append(out, w.Shadowed()...)
}

// problemsKey is what the problems of all objects are kept under.
type problemsKey struct{}

// problemsOf are what the schema finds in an object that somebody wrote. All are
// checked once: several rules ask.
func problemsOf(w *rules.World, o *model.Object) []schema.Problem {
	return model.Once(w.Snapshot, problemsKey{}, func() map[*model.Object][]schema.Problem {
		out := map[*model.Object][]schema.Problem{}
		for _, o := range authored(w) {
			if problems, _ := schema.Check(o.Raw()); len(problems) > 0 {
				out[o] = problems
			}
		}
		return out
	})[o]
}

// ofKind lists the objects of a kind, those included that others replace.
func ofKind(w *rules.World, k *model.Kind) []*model.Object {
	out := slices.Clone(w.OfKind(k.GroupKind))
	for _, o := range w.Shadowed() {
		if o.Ref.GroupKind() == k.GroupKind {
			out = append(out, o)
		}
	}
	return out
}

// templates says where the kinds that make pods have their pod template. The old
// group extensions has had some of them.
var templates = map[ref.GroupKind]string{
	{Kind: "Pod"}:                             "",
	{Kind: "PodTemplate"}:                     "/template",
	{Kind: "ReplicationController"}:           "/spec/template",
	{Group: "apps", Kind: "Deployment"}:       "/spec/template",
	{Group: "apps", Kind: "ReplicaSet"}:       "/spec/template",
	{Group: "apps", Kind: "StatefulSet"}:      "/spec/template",
	{Group: "apps", Kind: "DaemonSet"}:        "/spec/template",
	{Group: "extensions", Kind: "Deployment"}: "/spec/template",
	{Group: "extensions", Kind: "ReplicaSet"}: "/spec/template",
	{Group: "extensions", Kind: "DaemonSet"}:  "/spec/template",
	{Group: "batch", Kind: "Job"}:             "/spec/template",
	{Group: "batch", Kind: "CronJob"}:         "/spec/jobTemplate/spec/template",
}

// selects reports whether a kind finds its pods by a selector that its author
// writes.
func selects(gk ref.GroupKind) bool {
	return gk.Group == "apps" || gk.Group == "extensions" || gk.Kind == "ReplicationController"
}

// mapping returns the mapping at a pointer of an object; nil if there is none.
func mapping(raw map[string]any, pointer string) map[string]any {
	v, err := patch.Get(raw, pointer)
	if err != nil {
		return nil
	}
	m, _ := v.(map[string]any)
	return m
}

// items calls visit with every mapping of a list.
func items(list any, at string, visit func(item map[string]any, at string)) {
	all, _ := list.([]any)
	for i, v := range all {
		if m, ok := v.(map[string]any); ok {
			visit(m, patch.Join(at, strconv.Itoa(i)))
		}
	}
}

// texts returns a mapping of texts; ok is false where a value is something else.
func texts(v any) (out map[string]string, ok bool) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, v == nil
	}
	out = make(map[string]string, len(m))
	for key, v := range m {
		text, isText := v.(string)
		if !isText {
			return nil, false
		}
		out[key] = text
	}
	return out, true
}

// dotted writes a pointer as people do: spec.containers[0].name.
func dotted(pointer string) string {
	tokens, err := patch.Tokens(pointer)
	if err != nil {
		return pointer
	}
	var b strings.Builder
	for _, t := range tokens {
		if _, err := strconv.Atoi(t); err == nil {
			b.WriteString("[" + t + "]")
			continue
		}
		if strings.ContainsAny(t, "./") {
			b.WriteString("[" + t + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(t)
	}
	return b.String()
}

// field is the dotted path of a field in the mapping at a pointer.
func field(parent, name string) string { return dotted(patch.Join(parent, name)) }

// rename returns the operations that move a value to another name in the same
// mapping.
func rename(pointer, name string, value any) []patch.Op {
	parent, _ := patch.Split(pointer)
	return []patch.Op{
		{Op: patch.Add, Path: patch.Join(parent, name), Value: value},
		{Op: patch.Remove, Path: pointer},
	}
}
