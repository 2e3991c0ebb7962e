// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

var _ = family.Add(rules.Rule{
	ID: "KM6006", Slug: "schema", Severity: finding.Error,
	Short: "Field or value that the API does not have",
	Why: `A field that the API does not have is rejected by kubectl, which asks the API server to be
strict, and dropped without a word by most other clients: the setting that it was meant to be does not
exist. A value of the wrong type, or none of those that are allowed, is rejected by the server.

The schemas are those of Kubernetes, Istio, the Gateway API and the Prometheus Operator that the
program was built with. A field of a newer release of a CRD than these would be called unknown.`,
	Fix:       `Correct the name, move the field to where it belongs, or remove it; quote what has to be text.`,
	Reference: "https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation",
	Aliases:   []string{"kube-linter:schema-validation"},
	Check:     checkSchema,
	Repair:    repairSchema,
})

func checkSchema(w *rules.World, emit rules.Emit) {
	for _, o := range authored(w) {
		for _, p := range problemsOf(w, o) {
			if p.Fault == schema.Missing {
				continue
			}
			f := emit(o, p.Pointer, "%s", sentence(p))
			f.Hint = advice(p)
			if p.Fault == schema.Unknown && schema.Served(o.Ref.APIVersion(), o.Ref.Kind).Custom {
				f.Confidence = finding.Likely // the CRD that is installed may be a newer one
			}
		}
	}
}

func sentence(p schema.Problem) string {
	if p.Fault != schema.Unknown {
		return fmt.Sprintf("%s: expected %s, found %s", dotted(p.Pointer), p.Expected, p.Found)
	}
	parent, _ := patch.Split(p.Pointer)
	if parent == "" {
		return fmt.Sprintf("there is no field %s at the top", p.Field)
	}
	return fmt.Sprintf("there is no field %s in %s", p.Field, dotted(parent))
}

// advice is the hint: what was probably meant, or where it belongs.
func advice(p schema.Problem) string {
	switch {
	case p.Suggest != "":
		return "did you mean " + p.Suggest + "?"
	case len(p.At) > 0 && endsIn(p.At, p.Field):
		return p.Field + " belongs in " + strings.Join(parents(p.At), " or ")
	case len(p.At) > 0:
		return "what is in it may belong to " + strings.Join(p.At, " or ")
	case p.Becomes != nil:
		return fmt.Sprintf("write %s", quoted(p.Becomes))
	}
	return ""
}

func quoted(v any) string {
	if s, isText := v.(string); isText {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprint(v)
}

func endsIn(paths []string, name string) bool {
	return strings.HasSuffix(paths[0], "."+name) || paths[0] == name
}

// parents cuts the last field off paths.
func parents(paths []string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = "the object itself"
		if cut := strings.LastIndexByte(p, '.'); cut >= 0 {
			out[i] = p[:cut]
		}
	}
	return out
}

// repairSchema offers what was probably meant first. To remove an unknown field
// changes nothing for the server, but its author meant something by it.
func repairSchema(_ *rules.World, r rules.Result) []rules.Fix {
	problems, _ := schema.Check(r.On.Raw())
	for _, p := range problems {
		if p.Pointer == r.Pointer && p.Fault != schema.Missing && sentence(p) == r.Message {
			return fixesOf(r.On, p)
		}
	}
	return nil
}

func fixesOf(o *model.Object, p schema.Problem) []rules.Fix {
	value, err := patch.Get(o.Raw(), p.Pointer)
	if err != nil {
		return nil
	}
	switch {
	case p.Fault == schema.Unknown:
		remove := rules.Change(rules.Review, "remove "+dotted(p.Pointer), o, patch.Op{Op: patch.Remove, Path: p.Pointer})
		if p.Suggest == "" {
			return append(lift(o, p, value), remove)
		}
		risk := rules.Safe
		if strings.Contains(p.Pointer, "/metadata/") {
			risk = rules.Review // labels or an owner that come into effect change what others see in the object
		}
		return []rules.Fix{rules.Change(risk, fmt.Sprintf("rename %s to %s", dotted(p.Pointer), p.Suggest), o,
			rename(p.Pointer, p.Suggest, value)...), remove}
	case p.Fault == schema.Enum && p.Suggest != "":
		return []rules.Fix{write(rules.Safe, o, p, p.Suggest)}
	case p.Fault == schema.Type && p.Becomes != nil:
		risk := rules.Safe
		if _, isText := p.Becomes.(string); isText {
			risk = rules.Review // yes and 010 have become true and 8 before anybody could look
		}
		return []rules.Fix{write(risk, o, p, p.Becomes)}
	}
	return nil
}

// lift moves what is in an unknown mapping and belongs beside it one level up.
func lift(o *model.Object, p schema.Problem, value any) []rules.Fix {
	inside, _ := value.(map[string]any)
	parent, _ := patch.Split(p.Pointer)
	beside := mapping(o.Raw(), parent)
	var ops []patch.Op
	var names []string
	for _, name := range slices.Sorted(maps.Keys(inside)) {
		op := patch.Op{Op: patch.Add, Path: patch.Join(parent, name), Value: inside[name]}
		if _, taken := beside[name]; !taken && name != p.Field && fits(o, op) {
			ops, names = append(ops, op), append(names, name)
		}
	}
	if len(ops) == 0 {
		return nil
	}
	title := fmt.Sprintf("move %s up to %s, and remove %s", strings.Join(names, ", "), dotted(parent), p.Field)
	if left := len(inside) - len(names); left > 0 {
		title += " with what else is in it"
	}
	return []rules.Fix{rules.Change(rules.Review, title, o, append(ops, patch.Op{Op: patch.Remove, Path: p.Pointer})...)}
}

// fits reports whether the schema has nothing against what an operation writes.
func fits(o *model.Object, op patch.Op) bool {
	after, err := patch.Apply(o.Raw(), []patch.Op{op})
	if err != nil {
		return false
	}
	problems, _ := schema.Check(after.(map[string]any))
	return !slices.ContainsFunc(problems, func(p schema.Problem) bool {
		return p.Pointer == op.Path || strings.HasPrefix(p.Pointer, op.Path+"/")
	})
}

func write(risk rules.Risk, o *model.Object, p schema.Problem, value any) rules.Fix {
	return rules.Change(risk, fmt.Sprintf("write %s: %s", dotted(p.Pointer), quoted(value)), o,
		patch.Op{Op: patch.Replace, Path: p.Pointer, Value: value})
}
