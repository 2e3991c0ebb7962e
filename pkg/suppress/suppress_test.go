// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package suppress_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/suppress"
)

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// fields finds something in each leaf and in the whole of every object.
func fields(w *rules.World, emit rules.Emit) {
	for _, o := range w.Objects() {
		walk(o.Raw(), "", func(pointer string) { emit(o, pointer, "found") })
	}
}

func walk(v any, at string, visit func(string)) {
	switch v := v.(type) {
	case map[string]any:
		if at == "" {
			visit(at)
		}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			walk(v[k], patch.Join(at, k), visit)
		}
	case []any:
		for i := range v {
			walk(v[i], fmt.Sprintf("%s/%d", at, i), visit)
		}
	default:
		visit(at)
	}
}

// all are rules that find the same, and one that finds nothing.
var all = []*rules.Rule{
	{ID: "KM3001", Slug: "selects-nothing", Aliases: []string{"IST0101", "kube-linter:dangling-service", "kube-score:service-targets-pod"}, Check: fields},
	{ID: "KM3004", Slug: "port-name", Severity: finding.Warning, Aliases: []string{"IST0118", "polaris:portName"}, Check: fields},
	{ID: "KM5001", Slug: "quiet", Needs: []*model.Kind{model.Services.Kind}, Check: func(*rules.World, rules.Emit) {}},
	{ID: "KM5002", Slug: "live", Live: true, Check: func(*rules.World, rules.Emit) {}},
}

func offline(t testing.TB, text string) *rules.World {
	t.Helper()
	s := modeltest.Files(t, "a.yaml", text)
	s.Offline = true
	return &rules.World{Snapshot: s, Now: now}
}

// outcome is what comes of the findings of a rule in a World, in short: the
// fields whose finding does not count, and why, then what is remarked.
func outcome(t testing.TB, w *rules.World, config *api.Config, id string) (waived map[string]string, remarks []string) {
	t.Helper()
	set := suppress.New(w, config, all, catalog.Means)
	waived = map[string]string{}
	for _, r := range rules.Run(w, all) {
		if by, kept := set.Keep(r); !kept && r.ID == id {
			waived[r.Object.Kind+r.Pointer] = strings.TrimSuffix(by.By+"; "+by.Reason, "; ")
		}
	}
	for _, r := range set.Remarks(all) {
		remarks = append(remarks, strings.TrimSpace(fmt.Sprintf("%s %s: %s", r.ID, r.Where, r.Message)))
	}
	if again := set.Remarks(all); len(again) != len(remarks) {
		t.Errorf("the second time %d remarks are made, expected %d", len(again), len(remarks))
	}
	return waived, remarks
}

// kinds are the objects all of whose findings do not count.
func kinds(waived map[string]string) []string {
	var out []string
	for at, by := range waived {
		if !strings.Contains(at, "/") {
			out = append(out, at+": "+by)
		}
	}
	slices.Sort(out)
	return out
}

// annotated is a Service with one annotation.
func annotated(key, value string) string {
	return fmt.Sprintf("apiVersion: v1\nkind: Service\nmetadata:\n  name: cart\n  annotations:\n    %s: %q\nspec: {}\n", key, value)
}

func TestAnnotation(t *testing.T) {
	const by = "Service: annotation of Service prod/cart"
	for _, c := range []struct {
		name, value string
		want        []string
		remarks     []string
	}{
		{"an ID and a reason", "KM3004: opaque on purpose", []string{by + "; opaque on purpose"}, nil},
		{"no blank behind the colon", "KM3004:opaque", []string{by + "; opaque"}, nil},
		{"no colon", "KM3004 opaque on purpose", []string{by + "; opaque on purpose"}, nil},
		{"a slug", "port-name: x", []string{by + "; x"}, nil},
		{"a family", "KM3: x", []string{by + "; x"}, nil},
		{"a glob", "KM30*: x", []string{by + "; x"}, nil},
		{"another tool's code", "IST0118: x", []string{by + "; x"}, nil},
		{"an alias with a colon", "polaris:portName: x", []string{by + "; x"}, nil},
		{"several rules", "KM3001,KM3004: x", []string{by + "; x"}, nil},
		{"several rules with a blank", "KM3001, KM3004: x", []string{by + "; x"}, nil},
		{"several, by semicolon", "KM3001: a; KM3004: b", []string{by + "; b"}, nil},
		{"several, by line", "KM3001: a\nKM3004: b\n", []string{by + "; b"}, nil},
		{"another rule", "KM3001: x", nil, nil},
		{"a reason with a colon", "KM3004: see http://example.com/x: soon", []string{by + "; see http://example.com/x: soon"}, nil},
		{"no reason", "KM3004", []string{by}, []string{"KM0005 a.yaml:6:5: the suppression of KM3004 has no reason"}},
		{"until", "KM3004 until=2026-12-31: x", []string{by + "; x"}, nil},
		{"until today", "KM3004 until=2026-01-01: x", []string{by + "; x"}, nil},
		{"until yesterday", "KM3004 until=2025-12-31: x", nil, []string{"KM0006 a.yaml:6:5: the suppression of KM3004 held until 2025-12-31"}},
		{"until without a reason", "KM3004 until=2026-12-31", []string{by}, []string{"KM0005 a.yaml:6:5: the suppression of KM3004 has no reason"}},
		{"no date", "KM3004 until=: x", nil, []string{"KM0007 a.yaml:6:5: expected a date after until=, found none"}},
		{"a day that is none", "KM3004 until=2026-02-30: x", nil, []string{`KM0007 a.yaml:6:5: expected a date such as 2026-12-31 after until, found "2026-02-30"`}},
		{"until in the reason", "KM3004: x until=2026-12-31", nil, []string{"KM0007 a.yaml:6:5: expected until=DATE between the rule and the reason, found it in the reason"}},
		{"no rule", ": x", nil, []string{`KM0007 a.yaml:6:5: expected a rule such as KM3004 first, found ": x"`}},
		{"nothing", "", nil, []string{"KM0007 a.yaml:6:5: expected a rule such as KM3004, found nothing"}},
		{"a word that means nothing", "KM3O04: x", nil, []string{"KM0007 a.yaml:6:5: no rule is called KM3O04"}},
		{"one of two words means nothing", "KM3O04,KM3004: x", []string{by + "; x"}, []string{"KM0007 a.yaml:6:5: no rule is called KM3O04"}},
		{"of no use", "KM5001: x", nil, []string{"KM0008 a.yaml:6:5: the suppression of KM5001 suppresses nothing"}},
		{"of a rule that does not run here", "KM5002: x", nil, nil},
		{"of rules of which one does not run here", "KM5: x", nil, nil},
		{"two days", "KM3004 until=2026-02-01: a; KM3004 until=2026-03-01: b", []string{by + "; b"},
			[]string{"KM0007 a.yaml:6:5: the suppression of KM3004 ends on 2026-02-01 here and on 2026-03-01 in another place; the later day counts"}},
		{"two days, the later one first", "KM3004 until=2026-03-01: a; KM3004 until=2026-02-01: b", []string{by + "; a"},
			[]string{"KM0007 a.yaml:6:5: the suppression of KM3004 ends on 2026-02-01 here and on 2026-03-01 in another place; the later day counts"}},
		{"for ever goes before a day", "KM3004 until=2026-03-01: a; KM3: b", []string{by + "; b"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			waived, remarks := outcome(t, offline(t, annotated("kubectl-micro.dev/ignore", c.value)), nil, "KM3004")
			if diff := cmp.Diff(c.want, kinds(waived)); diff != "" {
				t.Errorf("waived (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.remarks, remarks); diff != "" {
				t.Errorf("remarks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPeers(t *testing.T) {
	for _, c := range []struct {
		key, value string
		want       string // the rules that are suppressed
	}{
		{"galley.istio.io/analyze-suppress", "IST0118", "KM3004"},
		{"galley.istio.io/analyze-suppress", "IST0118, IST0101", "KM3001 KM3004"},
		{"galley.istio.io/analyze-suppress", "*", "KM3001 KM3004"},
		{"galley.istio.io/analyze-suppress", "KM3004,polaris:portName,IST9999", ""},
		{"ignore-check.kube-linter.io/dangling-service", "no pods yet", "KM3001"},
		{"ignore-check.kube-linter.io/other", "", ""},
		{"kube-linter.io/ignore-all", "", "KM3001"},
		{"kube-score/ignore", "service-type, service-targets-pod", "KM3001"},
		{"polaris.fairwinds.com/portName-exempt", "true", "KM3004"},
		{"polaris.fairwinds.com/portName-exempt", "false", ""},
		{"polaris.fairwinds.com/exempt", "true", "KM3004"},
		{"polaris.fairwinds.com/exempt", "no", ""},
		{"example.com/ignore", "KM3004", ""},
	} {
		t.Run(c.key+" "+c.value, func(t *testing.T) {
			var got []string
			for _, r := range all {
				waived, remarks := outcome(t, offline(t, annotated(c.key, c.value)), nil, r.ID)
				if _, is := waived["Service"]; is {
					got = append(got, r.ID)
				}
				if len(remarks) > 0 {
					t.Errorf("what is written for another tool is remarked on: %q", remarks)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%q are suppressed, expected %q", got, c.want)
			}
		})
	}
	set := suppress.New(offline(t, annotated("ignore-check.kube-linter.io/dangling-service", " no pods yet ")), nil, all, catalog.Means)
	w := offline(t, annotated("ignore-check.kube-linter.io/dangling-service", " no pods yet "))
	got, _ := set.Keep(rules.Run(w, all[:1])[0])
	want := &suppress.Waiver{By: "ignore-check.kube-linter.io/dangling-service annotation of Service prod/cart", Reason: "no pods yet"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Live objects are read when there is something to suppress.
func TestLiveAnnotations(t *testing.T) {
	w := &rules.World{Snapshot: modeltest.Live(t, annotated("kubectl-micro.dev/ignore", "KM3004; KM5001: x; KM30O1: y")), Now: now}
	set := suppress.New(w, nil, all, catalog.Means)
	if remarks := set.Remarks(all); len(remarks) > 0 {
		t.Errorf("remarks without a finding: %v", remarks)
	}
	_, got := outcome(t, w, nil, "KM3004")
	want := []string{
		"KM0005 Service prod/cart: /metadata/annotations/kubectl-micro.dev~1ignore: the suppression of KM3004 has no reason",
		"KM0007 Service prod/cart: /metadata/annotations/kubectl-micro.dev~1ignore: no rule is called KM30O1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A rule that could not look at all it needs says nothing about its suppression.
func TestUnusedNeedsAnAnswer(t *testing.T) {
	w := offline(t, annotated("kubectl-micro.dev/ignore", "KM5001: x"))
	w.Snapshot = w.Without(model.Gap{Kind: model.Services.GroupKind, Reason: "forbidden"})
	if _, remarks := outcome(t, w, nil, "KM5001"); len(remarks) > 0 {
		t.Errorf("remarks: %q", remarks)
	}
	w = offline(t, annotated("kubectl-micro.dev/ignore", "KM5001: x"))
	if remarks := suppress.New(w, nil, all, catalog.Means).Remarks(all[:2]); len(remarks) > 0 {
		t.Errorf("the rule did not run, but: %v", remarks)
	}
}

// The last day ends at midnight, to the second.
func TestMidnight(t *testing.T) {
	for _, c := range []struct {
		now  time.Time
		kept bool
	}{
		{time.Date(2026, 6, 30, 23, 59, 59, 0, time.UTC), false},
		{time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), true},
		{time.Date(2026, 7, 1, 1, 0, 0, 0, time.FixedZone("east", 2*60*60)), false},
	} {
		w := offline(t, annotated("kubectl-micro.dev/ignore", "KM3004 until=2026-06-30: x"))
		w.Now = c.now
		if _, kept := suppress.New(w, nil, all, catalog.Means).Keep(rules.Run(w, all[1:2])[0]); kept != c.kept {
			t.Errorf("at %s the finding counts: %t, expected %t", c.now, kept, c.kept)
		}
	}
}

// A suppression of a rule about suppressions comes before it has run.
func TestRemarksAreNotUnused(t *testing.T) {
	late := &rules.Rule{ID: "KM0005", Slug: "suppression-without-reason", Check: func(*rules.World, rules.Emit) {}}
	w := offline(t, annotated("kubectl-micro.dev/ignore", "KM0005: x"))
	set := suppress.New(w, nil, []*rules.Rule{late}, catalog.Means)
	if remarks := set.Remarks([]*rules.Rule{late}); len(remarks) > 0 {
		t.Errorf("remarks: %+v", remarks)
	}
}
