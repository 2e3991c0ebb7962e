// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/diagnose"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// shop is a Service, its Deployment, and an object next door.
const shop = `
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: prod, labels: {team: a}}
spec: {selector: {app: cart}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: prod}
spec:
  replicas: 3
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {containers: [{name: app, image: "cart:1"}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cart, namespace: prod}
data: {a: b}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cart, namespace: test}
data: {a: b}
`

var (
	service    = ref.Ref{Version: "v1", Kind: "Service", Namespace: "prod", Name: "cart"}
	deployment = ref.Ref{Group: "apps", Version: "v1", Kind: "Deployment", Namespace: "prod", Name: "cart"}
	config     = ref.Ref{Version: "v1", Kind: "ConfigMap", Namespace: "prod", Name: "cart"}
	elsewhere  = ref.Ref{Version: "v1", Kind: "ConfigMap", Namespace: "test", Name: "cart"}
)

func world(t testing.TB) *rules.World {
	t.Helper()
	return &rules.World{Snapshot: modeltest.Live(t, shop), Now: now}
}

// says makes a rule that finds one thing about an object.
func says(id string, severity finding.Severity, on ref.Ref, explains []string, related ...ref.Ref) *rules.Rule {
	return &rules.Rule{ID: id, Severity: severity, Explains: explains, Check: func(w *rules.World, emit rules.Emit) {
		if o, ok := w.Object(on); ok {
			emit(o, "", "%s of %s", id, on).Related = related
		}
	}}
}

// outline is a report in short: causes, with what they explain in brackets.
func outline(r *diagnose.Report) string {
	var out []string
	for _, c := range r.Causes {
		var below []string
		for _, e := range c.Explains {
			below = append(below, e.ID)
		}
		out = append(out, fmt.Sprintf("%s%v", c.ID, below))
	}
	return strings.Join(out, " ")
}

func TestCauses(t *testing.T) {
	e, w, i := finding.Error, finding.Warning, finding.Info
	for _, c := range []struct {
		name  string
		rules []*rules.Rule
		want  string
	}{
		{"a chain over related objects", []*rules.Rule{
			says("KM3", e, service, nil, deployment), says("KM2", e, deployment, []string{"KM3"}), says("KM1", e, config, []string{"KM2"}, deployment),
		}, "KM1[KM2 KM3]"},
		{"a link that is missing is passed over", []*rules.Rule{
			says("KM3", e, service, nil, deployment), {ID: "KM2", Explains: []string{"KM3"}, Check: func(*rules.World, rules.Emit) {}},
			says("KM1", e, deployment, []string{"KM2"}),
		}, "KM1[KM3]"},
		{"no relation, no cause", []*rules.Rule{
			says("KM3", e, service, nil), says("KM1", e, elsewhere, []string{"KM3"}),
		}, "KM3[] KM1[]"},
		{"the rule does not explain", []*rules.Rule{says("KM3", w, service, nil), says("KM1", e, service, nil)}, "KM1[] KM3[]"},
		{"a circle has one head", []*rules.Rule{
			says("KM1", e, service, []string{"KM2"}), says("KM2", e, service, []string{"KM1"}),
		}, "KM2[KM1]"},
		{"of two that explain each other the nearer is the cause", []*rules.Rule{
			says("KM1", e, service, []string{"KM2"}), says("KM2", e, service, []string{"KM3"}),
			{ID: "KM3", Explains: []string{"KM1"}, Check: func(*rules.World, rules.Emit) {}},
		}, "KM1[KM2]"},
		{"the more severe cause wins", []*rules.Rule{
			says("KM3", e, service, nil), says("KM1", w, service, []string{"KM3"}), says("KM2", e, service, []string{"KM3"}),
		}, "KM2[KM3] KM1[]"},
		{"severity orders", []*rules.Rule{says("KM1", i, service, nil), says("KM2", w, service, nil), says("KM3", e, service, nil)}, "KM3[] KM2[] KM1[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := outline(diagnose.Run(world(t), diagnose.Request{Rules: c.rules}))
			if got != c.want {
				t.Errorf("expected %s, found %s", c.want, got)
			}
		})
	}
}

func TestFindingsOfOneRuleOnOneObjectAreOneCause(t *testing.T) {
	r := &rules.Rule{ID: "KM1", Check: func(w *rules.World, emit rules.Emit) {
		o, _ := w.Object(service)
		emit(o, "/spec/ports/0", "first")
		emit(o, "/spec/ports/1", "second")
	}}
	if got := outline(diagnose.Run(world(t), diagnose.Request{Rules: []*rules.Rule{r}})); got != "KM1[KM1]" {
		t.Errorf("found %s", got)
	}
}

// One field that hits the same objects in two ways is one mistake.
func TestFindingsOfOneFieldOnTheSameObjectsAreOneCause(t *testing.T) {
	at := func(id, pointer string, severity finding.Severity, related ...ref.Ref) *rules.Rule {
		return &rules.Rule{ID: id, Severity: severity, Check: func(w *rules.World, emit rules.Emit) {
			o, _ := w.Object(config)
			emit(o, pointer, "%s", id).Related = related
		}}
	}
	e, w := finding.Error, finding.Warning
	for _, c := range []struct {
		name  string
		rules []*rules.Rule
		want  string
	}{
		{"the same", []*rules.Rule{at("KM1", "/a", e, service), at("KM2", "/a", e, service)}, "KM1[KM2]"},
		{"the weightier is the headline", []*rules.Rule{at("KM1", "/a", w, service), at("KM2", "/a", e, service)}, "KM2[KM1]"},
		{"one hits some of what the other hits", []*rules.Rule{at("KM1", "/a", e, service), at("KM2", "/a", e, deployment, service)}, "KM1[KM2]"},
		{"each hits another", []*rules.Rule{at("KM1", "/a", e, service), at("KM2", "/a", e, deployment)}, "KM1[] KM2[]"},
		{"another field", []*rules.Rule{at("KM1", "/a", e, service), at("KM2", "/b", e, service)}, "KM1[] KM2[]"},
		{"nothing is hit", []*rules.Rule{at("KM1", "/a", e), at("KM2", "/a", e)}, "KM1[] KM2[]"},
		{"the whole object", []*rules.Rule{at("KM1", "", e, service), at("KM2", "", e, service)}, "KM1[] KM2[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := outline(diagnose.Run(world(t), diagnose.Request{Rules: c.rules})); got != c.want {
				t.Errorf("expected %s, found %s", c.want, got)
			}
		})
	}
}

func TestAGuessExplainsNoCertainty(t *testing.T) {
	for confidence, want := range map[finding.Confidence]string{
		finding.Possible: "KM3[] KM1[]",
		finding.Likely:   "KM1[KM3]",
	} {
		guess := &rules.Rule{ID: "KM1", Severity: finding.Warning, Explains: []string{"KM3"}, Check: func(w *rules.World, emit rules.Emit) {
			o, _ := w.Object(service)
			emit(o, "", "perhaps").Confidence = confidence
		}}
		got := outline(diagnose.Run(world(t), diagnose.Request{Rules: []*rules.Rule{guess, says("KM3", finding.Error, service, nil)}}))
		if got != want {
			t.Errorf("%s: expected %s, found %s", confidence, want, got)
		}
	}
}

func TestScope(t *testing.T) {
	selector, err := labels.Parse("team=a")
	if err != nil {
		t.Fatal(err)
	}
	all := []*rules.Rule{
		says("KM1", finding.Error, service, nil), says("KM2", finding.Error, deployment, nil),
		says("KM3", finding.Error, elsewhere, nil), says("KM4", finding.Error, config, nil),
		says("KM5", finding.Error, elsewhere, []string{"KM2"}, deployment),
	}
	for _, c := range []struct {
		name  string
		scope diagnose.Scope
		want  string
	}{
		{"everything", diagnose.Scope{}, "KM1 KM3 KM4 KM5"},
		{"a namespace, with causes outside it", diagnose.Scope{Namespace: "prod"}, "KM1 KM4 KM5"},
		{"a service and its workload", diagnose.Scope{Target: &service}, "KM1 KM5"},
		{"a workload and its services", diagnose.Scope{Target: &deployment}, "KM1 KM5"},
		{"one object", diagnose.Scope{Target: &config}, "KM4"},
		{"labels", diagnose.Scope{Selector: selector}, "KM1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, x := range diagnose.Run(world(t), diagnose.Request{Rules: all, Scope: c.scope}).Causes {
				got = append(got, x.ID)
			}
			want := map[string]bool{}
			for _, id := range strings.Fields(c.want) {
				want[id] = true
			}
			have := map[string]bool{}
			for _, id := range got {
				have[id] = true
			}
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestWaiversAndSeverity(t *testing.T) {
	all := []*rules.Rule{says("KM1", finding.Error, service, nil), says("KM2", finding.Warning, service, nil), says("KM3", finding.Info, service, nil)}
	report := diagnose.Run(world(t), diagnose.Request{
		Rules: all, MinSeverity: finding.Warning,
		Keep: func(r rules.Result) (*diagnose.Waiver, bool) {
			return &diagnose.Waiver{By: "a test", Reason: "known"}, r.ID != "KM1"
		},
	})
	if got := outline(report); got != "KM2[]" {
		t.Errorf("found %s", got)
	}
	if len(report.Waived) != 1 || report.Waived[0].ID != "KM1" || report.Waived[0].By != "a test" {
		t.Errorf("waived %+v", report.Waived)
	}
	if worst, any := report.Worst(); !any || worst != finding.Warning {
		t.Errorf("the worst is %s, %t", worst, any)
	}
}

func TestImpactOfLostEndpoints(t *testing.T) {
	report := diagnose.Run(world(t), diagnose.Request{Rules: []*rules.Rule{says("KM1", finding.Error, deployment, nil, service)}})
	want := []string{"0 of 3 endpoints of Service prod/cart are ready"}
	if diff := cmp.Diff(want, report.Causes[0].Impact); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestRecentFaultsComeFirst(t *testing.T) {
	at := func(id string, since time.Time) *rules.Rule {
		return &rules.Rule{ID: id, Severity: finding.Error, Check: func(w *rules.World, emit rules.Emit) {
			o, _ := w.Object(config)
			emit(o, "", "since %s", since).Since = since
		}}
	}
	got := outline(diagnose.Run(world(t), diagnose.Request{Rules: []*rules.Rule{at("KM1", now.Add(-24*time.Hour)), at("KM2", now.Add(-time.Minute))}}))
	if got != "KM2[] KM1[]" {
		t.Errorf("found %s", got)
	}
}
