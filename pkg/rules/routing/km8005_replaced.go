// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

// replaced reports what a definition in files says and a later one of the same
// name does not.
func replaced(w *rules.World, emit rules.Emit, o *model.Object) {
	later, missing := lacking(w, o)
	if len(missing) == 0 {
		return
	}
	var names []string
	for _, op := range missing {
		names = append(names, op.name)
	}
	f := emit(o, "/spec", "a later definition of %s (%s) replaces this one and lacks its %s", o.Ref, later.Where(""), strings.Join(names, ", "))
	f.Reason = "lost " + strings.Join(names, ", ")
	f.Related = append(f.Related, later.Ref)
	if r, ok := model.DestinationRules.Of(o); ok {
		if service, ok := serviceRef(w, w.FQDN(r.Value.Spec.GetHost(), o.Ref.Namespace)); ok {
			f.Related = append(f.Related, service)
		}
	}
	f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: later.Where("/spec"), Value: "replaces " + o.Where("/spec")})
	f.Hint = "kubectl apply keeps the last definition of a name: merge the two into one"
}

// field is one of a replaced definition, with what adds it to the later one.
type field struct {
	name string
	patch.Op
}

// lacking returns the fields that a replaced DestinationRule has and the later
// one has not, with the operations that add them.
func lacking(w *rules.World, o *model.Object) (*model.Object, []field) {
	if o.Ref.GroupKind() != model.DestinationRules.GroupKind {
		return nil, nil
	}
	later, found := w.Object(o.Ref)
	if !found || later == o {
		return nil, nil
	}
	old, _ := patch.Get(modern(o.Raw()), "/spec")
	now, _ := patch.Get(modern(later.Raw()), "/spec")
	was, _ := old.(map[string]any)
	is, _ := now.(map[string]any)
	if was == nil || is == nil || was["host"] == nil {
		return nil, nil
	}
	if !patch.Equal(was["host"], is["host"]) {
		return later, []field{{name: "host " + nameOfHost(was)}}
	}
	return later, fields(was, is, "/spec", nil)
}

// modern is an object with what takes the place of its deprecated fields and
// values, which nobody should copy. Those that istiod does not read any more are
// left out: nothing is lost with them, and they make up for nothing.
func modern(raw map[string]any) map[string]any {
	for _, d := range schema.Deprecated(raw) {
		parent, _ := patch.Split(d.Pointer)
		ops := []patch.Op{{Op: patch.Remove, Path: d.Pointer}}
		switch {
		case d.Value != "" && d.Becomes == nil:
			continue // what else to write is not known
		case d.Value != "":
			ops = []patch.Op{{Op: patch.Replace, Path: d.Pointer, Value: d.Becomes}}
		case d.Becomes != nil && !d.Ignored:
			ops = append(ops, patch.Op{Op: patch.Add, Path: patch.Join(parent, d.Replacement), Value: d.Becomes})
		}
		if after, err := patch.Apply(raw, ops); err == nil {
			raw, _ = after.(map[string]any)
		}
	}
	return raw
}

func nameOfHost(spec map[string]any) string {
	host, _ := spec["host"].(string)
	return host
}

// fields walks what two specs have in common for what the later one lacks.
// Subsets are told apart by their names; other lists count as one value.
func fields(was, is map[string]any, at string, path []string) []field {
	var out []field
	for _, k := range slices.Sorted(maps.Keys(was)) {
		to, here := patch.Join(at, k), append(slices.Clone(path), k)
		now, there := is[k]
		if !there {
			out = append(out, field{strings.Join(here, "."), patch.Op{Op: patch.Add, Path: to, Value: was[k]}})
			continue
		}
		switch old := was[k].(type) {
		case map[string]any:
			if now, ok := now.(map[string]any); ok {
				out = append(out, fields(old, now, to, here)...)
			}
		case []any:
			if list, ok := now.([]any); ok && k == "subsets" && len(path) == 0 {
				out = append(out, items(old, list, to)...)
			}
		}
	}
	return out
}

// items are the named items of a list that the later one lacks.
func items(was, is []any, at string) []field {
	name := func(v any) any {
		m, _ := v.(map[string]any)
		return m["name"]
	}
	var out []field
	for _, old := range was {
		text, ok := name(old).(string)
		if ok && !slices.ContainsFunc(is, func(v any) bool { return name(v) == text }) {
			out = append(out, field{"subset " + text, patch.Op{Op: patch.Add, Path: at + "/-", Value: old}})
		}
	}
	return out
}

// repairReplaced adds what the later definition lacks to it.
func repairReplaced(w *rules.World, r rules.Result) []rules.Fix {
	if r.Pointer != "/spec" {
		return nil
	}
	later, missing := lacking(w, r.On)
	var ops []patch.Op
	for _, m := range missing {
		if m.Path == "" {
			return nil // it is of another host
		}
		ops = append(ops, m.Op)
	}
	if len(ops) == 0 {
		return nil
	}
	if _, err := patch.Apply(later.Raw(), ops); err != nil {
		return nil // it goes below what the later one says in deprecated fields
	}
	return []rules.Fix{rules.Change(rules.Review, "take what the first definition says over into the later one", later, ops...)}
}
