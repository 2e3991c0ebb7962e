// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"fmt"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

var _ = family.Add(rules.Rule{
	ID: "KM6011", Slug: "istio-deprecated", Severity: finding.Warning,
	Short: "Istio field or value is deprecated",
	Why: `Istio keeps deprecated fields in its API for a long time. Some are translated, some have not
been read for many releases: the setting is there, valid, and without effect. What is deprecated is
taken from the definitions in Istio's own API, every field and every value.`,
	Fix:       `Use what takes its place.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/destination-rule/",
	Aliases:   []string{"IST0002", "IST0133"},
	Needs:     []*model.Kind{model.DestinationRules.Kind, model.IstioGateways.Kind, model.Sidecars.Kind, model.VirtualServices.Kind},
	Check:     checkDeprecated,
	Repair:    repairDeprecated,
})

func checkDeprecated(w *rules.World, emit rules.Emit) {
	for _, kind := range []*model.Kind{
		model.DestinationRules.Kind, model.IstioGateways.Kind, model.Sidecars.Kind, model.VirtualServices.Kind,
	} {
		for _, o := range ofKind(w, kind) {
			for _, d := range schema.Deprecated(o.Raw()) {
				f := emit(o, d.Pointer, "%s", deprecation(d))
				if d.Replacement != "" {
					f.Hint = "use " + d.Replacement
				}
				if !d.Ignored {
					f.State = finding.Latent
				}
			}
		}
	}
}

func deprecation(d schema.Deprecation) string {
	switch {
	case d.Value != "":
		return fmt.Sprintf("the value %s of %s is deprecated", d.Value, d.Field)
	case d.Ignored:
		return fmt.Sprintf("the field %s is deprecated and has no effect any more", d.Field)
	}
	return fmt.Sprintf("the field %s is deprecated", d.Field)
}

// repairDeprecated keeps the meaning. Where the old field has had no effect, the
// new one changes something, which is for a person to want.
func repairDeprecated(_ *rules.World, r rules.Result) []rules.Fix {
	for _, d := range schema.Deprecated(r.On.Raw()) {
		if d.Pointer != r.Pointer {
			continue
		}
		risk := rules.Safe
		if d.Ignored && d.Becomes != nil {
			risk = rules.Review
		}
		switch {
		case d.Value != "" && d.Becomes != nil:
			return []rules.Fix{rules.Change(risk, fmt.Sprintf("replace %s by %s", d.Value, d.Replacement), r.On,
				patch.Op{Op: patch.Replace, Path: d.Pointer, Value: d.Becomes})}
		case d.Value != "":
			return nil
		case d.Becomes != nil:
			return []rules.Fix{rules.Change(risk, fmt.Sprintf("replace %s by %s", d.Field, d.Replacement), r.On,
				rename(d.Pointer, d.Replacement, d.Becomes)...)}
		case d.Replacement != "" && !beside(r.On, d):
			return nil // the old value is of a type that nobody can translate
		}
		return []rules.Fix{rules.Change(risk, "remove "+d.Field, r.On, patch.Op{Op: patch.Remove, Path: d.Pointer})}
	}
	return nil
}

// beside reports whether the field that replaces another one is there already.
func beside(o *model.Object, d schema.Deprecation) bool {
	parent, _ := patch.Split(d.Pointer)
	return mapping(o.Raw(), parent)[d.Replacement] != nil
}
