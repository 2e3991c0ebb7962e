// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/diagnose"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// wrong finds a value of the ConfigMap that is not want and sets it; spoil makes
// the repair do something else as well.
func wrong(want string, spoil ...patch.Op) *rules.Rule {
	return &rules.Rule{
		ID: "KM1", Severity: finding.Error,
		Check: func(w *rules.World, emit rules.Emit) {
			o, _ := w.Object(config)
			if v, _ := patch.Get(o.Raw(), "/data/a"); v != want {
				emit(o, "/data/a", "a is not %s", want)
			}
		},
		Repair: func(_ *rules.World, r rules.Result) []rules.Fix {
			ops := append([]patch.Op{{Op: patch.Replace, Path: "/data/a", Value: want}}, spoil...)
			return []rules.Fix{rules.Change(rules.Safe, "set a", r.On, ops...)}
		},
	}
}

func TestFixesAreTried(t *testing.T) {
	clean := &rules.Rule{ID: "KM2", Severity: finding.Error, Check: func(w *rules.World, emit rules.Emit) {
		o, _ := w.Object(config)
		if _, err := patch.Get(o.Raw(), "/data/poison"); err == nil {
			emit(o, "/data/poison", "poison")
		}
	}}
	stubborn := wrong("c")
	stubborn.Repair = func(_ *rules.World, r rules.Result) []rules.Fix {
		return []rules.Fix{rules.Change(rules.Safe, "set a to something else", r.On, patch.Op{Op: patch.Replace, Path: "/data/a", Value: "d"})}
	}
	for _, c := range []struct {
		name string
		rule *rules.Rule
		want int
	}{
		{"works", wrong("c"), 1},
		{"brings a new error", wrong("c", patch.Op{Op: patch.Add, Path: "/data/poison", Value: "x"}), 0},
		{"does not clear its finding", stubborn, 0},
		{"does not fit the object", wrong("c", patch.Op{Op: patch.Remove, Path: "/data/nothing"}), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			report := diagnose.Run(world(t), diagnose.Request{Rules: []*rules.Rule{c.rule, clean}, Fixes: -1})
			if n := len(report.Causes[0].Fixes); n != c.want {
				t.Errorf("expected %d fixes, found %d", c.want, n)
			}
		})
	}
}

// What judges a fix is every rule there is, but those of hygiene that nobody
// asked for; and a warning that becomes an error is a new error.
func TestFixesAreJudgedByAllRules(t *testing.T) {
	poisoned := func(severity func(poison any) finding.Severity) *rules.Rule {
		return &rules.Rule{ID: "KM2", Check: func(w *rules.World, emit rules.Emit) {
			o, _ := w.Object(config)
			poison, _ := patch.Get(o.Raw(), "/data/poison")
			if severity(poison) > finding.Info {
				emit(o, "", "poison").Severity = severity(poison)
			}
		}}
	}
	appears := func(poison any) finding.Severity {
		if poison == nil {
			return finding.Info
		}
		return finding.Error
	}
	worsens := func(poison any) finding.Severity {
		if poison == nil {
			return finding.Warning
		}
		return finding.Error
	}
	hygiene := poisoned(appears)
	hygiene.Hygiene = true
	poisons := wrong("c", patch.Op{Op: patch.Add, Path: "/data/poison", Value: "x"})
	for _, c := range []struct {
		name     string
		selected []*rules.Rule
		catalog  []*rules.Rule
		want     int
	}{
		{"one that does not run finds an error", []*rules.Rule{poisons}, []*rules.Rule{poisons, poisoned(appears)}, 0},
		{"one of hygiene is not asked", []*rules.Rule{poisons}, []*rules.Rule{poisons, hygiene}, 1},
		{"one of hygiene that runs is", []*rules.Rule{poisons, hygiene}, []*rules.Rule{poisons, hygiene}, 0},
		{"a warning becomes an error", []*rules.Rule{poisons, poisoned(worsens)}, nil, 0},
		{"a warning of a rule that does not run does", []*rules.Rule{poisons}, []*rules.Rule{poisons, poisoned(worsens)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			report := diagnose.Run(world(t), diagnose.Request{Rules: c.selected, Catalog: c.catalog, Fixes: -1})
			if n := len(report.Causes[0].Fixes); report.Causes[0].ID != "KM1" || n != c.want {
				t.Errorf("expected %d fixes, found %d of %s", c.want, n, report.Causes[0].ID)
			}
		})
	}
}

func TestRepairsJoinTheFixesOfAnObject(t *testing.T) {
	two := &rules.Rule{
		ID: "KM1", Severity: finding.Error,
		Check: func(w *rules.World, emit rules.Emit) {
			o, _ := w.Object(service)
			for _, field := range []string{"x", "y"} {
				if _, err := patch.Get(o.Raw(), "/metadata/labels/"+field); err != nil {
					emit(o, "/metadata/labels/"+field, "no label %s", field)
				}
			}
		},
		Repair: func(_ *rules.World, r rules.Result) []rules.Fix {
			return []rules.Fix{
				rules.Change(rules.Safe, "add "+r.Pointer, r.On, patch.Op{Op: patch.Add, Path: r.Pointer, Value: "1"}),
				rules.Change(rules.Safe, "add it otherwise", r.On, patch.Op{Op: patch.Add, Path: r.Pointer, Value: "2"}),
			}
		},
	}
	report := diagnose.Run(world(t), diagnose.Request{Rules: []*rules.Rule{two}, Fixes: -1})
	repairs := report.Repairs(rules.Safe)
	if len(repairs) != 1 {
		t.Fatalf("expected one object to repair, found %d", len(repairs))
	}
	got, _ := patch.Get(repairs[0].Change.After, "/metadata/labels")
	if diff := cmp.Diff(map[string]any{"team": "a", "x": "1", "y": "1"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	back, err := patch.Apply(repairs[0].Change.After, repairs[0].Change.Inverse)
	if err != nil || !patch.Equal(back, repairs[0].Change.Before) {
		t.Errorf("the inverse does not lead back: %v", err)
	}
}

func TestRepairsKeepToTheRisk(t *testing.T) {
	r := wrong("c")
	repair := r.Repair
	r.Repair = func(w *rules.World, x rules.Result) []rules.Fix {
		fixes := repair(w, x)
		fixes[0].Risk = rules.Review
		return fixes
	}
	report := diagnose.Run(world(t), diagnose.Request{Rules: []*rules.Rule{r}, Fixes: -1})
	if n := len(report.Repairs(rules.Safe)); n != 0 {
		t.Errorf("%d repairs are called safe", n)
	}
	if n := len(report.Repairs(rules.Review)); n != 1 {
		t.Errorf("expected one repair to review, found %d", n)
	}
}

// The Snapshot that fixes are tried on is another one.
func TestTryingChangesNothing(t *testing.T) {
	w := world(t)
	diagnose.Run(w, diagnose.Request{Rules: []*rules.Rule{wrong("c")}, Fixes: -1})
	o, _ := model.ConfigMaps.Get(w.Snapshot, "prod", "cart")
	if o.Value.Data["a"] != "b" {
		t.Errorf("a is %q", o.Value.Data["a"])
	}
}

// relabel is a rule that finds a label missing from the Service and sets it,
// together with a value of the ConfigMap.
func relabel(severity finding.Severity) *rules.Rule {
	return &rules.Rule{
		ID: "KM2", Severity: severity,
		Check: func(w *rules.World, emit rules.Emit) {
			o, _ := w.Object(service)
			if _, err := patch.Get(o.Raw(), "/metadata/labels/x"); err != nil {
				emit(o, "", "no label x")
			}
		},
		Repair: func(w *rules.World, r rules.Result) []rules.Fix {
			other, _ := w.Object(config)
			fix := rules.Change(rules.Safe, "set the label, and a", r.On, patch.Op{Op: patch.Add, Path: "/metadata/labels/x", Value: "1"})
			fix.Edits = append(fix.Edits, rules.Edit{On: other, Ops: []patch.Op{{Op: patch.Replace, Path: "/data/a", Value: "d"}}})
			fix.Creates = []map[string]any{{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "new", "namespace": "prod"}}}
			return []rules.Fix{fix}
		},
	}
}

// A fix of several objects is taken whole, or not at all.
func TestRepairsAreWhole(t *testing.T) {
	for name, c := range map[string]struct {
		severity finding.Severity // of the rule whose fix needs two objects
		want     []string
	}{
		"it comes first":                      {finding.Error, []string{"Service prod/cart KM2", "ConfigMap prod/cart KM2", "ConfigMap prod/new KM2"}},
		"another has changed what it goes by": {finding.Warning, []string{"ConfigMap prod/cart KM1"}},
	} {
		t.Run(name, func(t *testing.T) {
			first := wrong("c")
			first.Severity = finding.Error + finding.Warning - c.severity
			report := diagnose.Run(world(t), diagnose.Request{Rules: []*rules.Rule{first, relabel(c.severity)}, Fixes: -1})
			var got []string
			for _, r := range report.Repairs(rules.Safe) {
				for _, m := range r.Of {
					got = append(got, r.Change.Object.String()+" "+m.ID)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
