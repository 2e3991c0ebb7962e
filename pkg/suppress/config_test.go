// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package suppress_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/suppress"
)

const head = "apiVersion: kubectl-micro.dev/v1alpha1\nkind: Config\n"

// config reads the part below diagnose.
func config(t testing.TB, text string) *api.Config {
	t.Helper()
	c, err := suppress.ReadConfig("c.yaml", []byte(head+"diagnose:\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestReadConfig(t *testing.T) {
	got, err := suppress.ReadConfig("c.yaml", []byte("# what we live with\n---\n"+head+`
diagnose:
  severities: {KM3004: error}
  ignore:
  - rules: [KM3001, port-name]
    kind: svc
    namespace: "team-*"
    name: cart
    labels: app=cart,tier!=db
    reason: on purpose
    until: 2026-12-31
`))
	if err != nil {
		t.Fatal(err)
	}
	want := &api.Config{TypeMeta: api.Type("Config"), File: "c.yaml", Diagnose: api.DiagnoseConfig{
		Severities: map[string]string{"KM3004": "error"},
		Ignore: []api.Ignore{{
			Rules: []string{"KM3001", "port-name"}, Kind: "svc", Namespace: "team-*", Name: "cart", Labels: "app=cart,tier!=db",
			Reason: "on purpose", Until: "2026-12-31",
		}},
	}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(api.Config{}, "Places")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for pointer, place := range map[string]string{
		"/diagnose/severities/KM3004": "c.yaml:7:16", "/diagnose/ignore/0": "c.yaml:9:5", "/diagnose/ignore/0/until": "c.yaml:15:5",
	} {
		if got.Places[pointer] != place {
			t.Errorf("%s is at %s, expected %s", pointer, got.Places[pointer], place)
		}
	}
	for _, empty := range []string{"", "# nothing yet\n", "---\n"} {
		got, err := suppress.ReadConfig("c.yaml", []byte(empty))
		if diff := cmp.Diff(&api.Config{TypeMeta: api.Type("Config"), File: "c.yaml"}, got); diff != "" || err != nil {
			t.Errorf("%q: %v, (-want +got):\n%s", empty, err, diff)
		}
	}
}

func TestReadConfigRefuses(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"a misspelt key", head + "diagnose:\n  ignored: []\n", []string{"c.yaml:4:3: expected a known field in diagnose, found ignored | did you mean ignore?"}},
		{"a key that is nothing like it", head + "diagnose: {x: 1}\n", []string{"c.yaml:3:12: expected one of ignore, severities in diagnose, found x"}},
		{"a misspelt key at the top", head + "diagnosis: {}\n", []string{"c.yaml:3:1: expected a known field at the top, found diagnosis | did you mean diagnose?"}},
		{"all that is wrong", head + "diagnose:\n  severities: [a]\n  ignore:\n  - rule: KM3004\n    name: 1\n  - 5\n", []string{
			"c.yaml:7:5: expected text in diagnose.ignore.0.name, found 1 | write it in quotes: '1'",
			"c.yaml:6:5: expected a known field in diagnose.ignore.0, found rule | did you mean rules?",
			"c.yaml:8:5: expected a mapping in diagnose.ignore.1, found 5",
			"c.yaml:4:3: expected a mapping in diagnose.severities, found a list",
		}},
		{"rules that are no list", head + "diagnose: {ignore: [{rules: KM3004}]}\n", []string{`c.yaml:3:22: expected a list in diagnose.ignore.0.rules, found the text "KM3004"`}},
		{"a rule that is nothing", head + "diagnose: {ignore: [{rules: [~]}]}\n", []string{"c.yaml:3:30: expected text in diagnose.ignore.0.rules.0, found nothing | leave the field out"}},
		{"an ignore without rules", head + "diagnose: {ignore: [{name: a}]}\n", []string{"c.yaml:3:21: expected at least one rule in rules, found none | rules: [KM3004]"}},
		{"values", head + "diagnose: {severities: {KM3004: high}, ignore: [{rules: [KM3004], name: 'a[', labels: 'a in b'}]}\n", []string{
			`c.yaml:3:25: expected info, warning or error for KM3004, found "high"`,
			`c.yaml:3:67: expected a name or a glob in name, found "a["`,
			`c.yaml:3:79: expected a selector such as app=cart,tier!=db in labels, found "a in b"`,
		}},
		{"another kind", "apiVersion: v1\nkind: Config\n", []string{`c.yaml:1:1: expected apiVersion kubectl-micro.dev/v1alpha1 and kind Config, found "v1" and "Config" | apiVersion: kubectl-micro.dev/v1alpha1
kind: Config`}},
		{"the settings", "apiVersion: kubectl-micro.dev/v1alpha1\nkind: Settings\ndefaults: {}\n", []string{
			"c.yaml:2:1: expected kind Config, found Settings: that is the file of settings for flags | KUBECTL_MICRO_CONFIG=c.yaml, and no --config"}},
		{"a list", "- a\n", []string{"c.yaml:1:1: expected a mapping at the top, found a list"}},
		{"a text", "a\n", []string{`c.yaml:1:1: expected a mapping at the top, found the text "a"`}},
		{"two documents", head + "---\n" + head, []string{"c.yaml:4: expected one document of kind Config, found 2"}},
		{"a key twice", head + "kind: Config\n", []string{`c.yaml:3:1: expected each key once, found the key "kind" a second time, first on line 2 | delete one of the two`}},
		{"no YAML", "a: [\n", []string{"c.yaml:1:1: expected a value, found punctuation | quote the text"}},
		{"no text", "a\x00b", []string{"c.yaml:1:2: expected YAML or JSON text, found a NUL byte at offset 1: the file is binary or not UTF-8"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := suppress.ReadConfig("c.yaml", []byte(c.text))
			var got []string
			for _, e := range fault.All(err) {
				f, typed := e.(*fault.Error)
				if !typed || f.Kind != fault.Usage {
					t.Fatalf("expected an error of kind Failed, found %#v", e)
				}
				got = append(got, strings.TrimSuffix(f.Error()+" | "+f.Hint, " | "))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// two are objects in two namespaces.
const two = `
apiVersion: v1
kind: Service
metadata: {name: cart, labels: {app: cart}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cart-2, namespace: team-a}
`

func TestIgnore(t *testing.T) {
	for _, c := range []struct {
		name, ignore string
		want         string // the kinds that are ignored
		remarks      []string
	}{
		{"all", "rules: [KM3004], reason: x", "ConfigMap Service", nil},
		{"another rule", "rules: [KM3001], reason: x", "", nil},
		{"by alias", "rules: [IST0118], reason: x", "ConfigMap Service", nil},
		{"by kind", "rules: [KM3004], kind: service, reason: x", "Service", nil},
		{"by short kind", "rules: [KM3004], kind: svc, reason: x", "Service", nil},
		{"by a glob of kinds", "rules: [KM3004], kind: 'Config*', reason: x", "ConfigMap", nil},
		{"by namespace", "rules: [KM3004], namespace: 'team-*', reason: x", "ConfigMap", nil},
		{"by name", "rules: [KM3004], name: cart, reason: x", "Service", nil},
		{"by a glob of names", "rules: [KM3004], name: 'cart-?', reason: x", "ConfigMap", nil},
		{"by labels", "rules: [KM3004], labels: app=cart, reason: x", "Service", nil},
		{"by all at once", "rules: [KM3004], kind: svc, name: cart-2, reason: x", "", nil},
		{"no reason", "rules: [KM3004], kind: svc", "Service", []string{"KM0005 c.yaml:5:5: the suppression of KM3004 has no reason"}},
		{"expired", "rules: [KM3004], until: 2025-12-31, reason: x", "", []string{"KM0006 c.yaml:5:5: the suppression of KM3004 held until 2025-12-31"}},
		{"no date", "rules: [KM3004], until: soon, reason: x", "", []string{`KM0007 c.yaml:5:5: expected a date such as 2026-12-31 after until, found "soon"`}},
		{"no rule", "rules: [KM3O04], reason: x", "", []string{"KM0007 c.yaml:5:5: no rule is called KM3O04"}},
		{"of no use", "rules: [KM5001], name: cart, reason: x", "", []string{"KM0008 c.yaml:5:5: the suppression of KM5001 suppresses nothing"}},
		{"of no use in files that need not be all", "rules: [KM5001], name: 'cart*', reason: x", "", nil},
		{"about what is not here", "rules: [KM5001], name: checkout, reason: x", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			waived, remarks := outcome(t, offline(t, two), config(t, "  ignore:\n  - {"+c.ignore+"}\n"), "KM3004")
			var got []string
			for _, at := range slices.Sorted(maps.Keys(waived)) {
				if !strings.Contains(at, "/") {
					got = append(got, at)
				}
				if by := "c.yaml:5"; !strings.HasPrefix(waived[at], by) {
					t.Errorf("by %s, expected %s", waived[at], by)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%q are ignored, expected %q", got, c.want)
			}
			if diff := cmp.Diff(c.remarks, remarks); diff != "" {
				t.Errorf("remarks (-want +got):\n%s", diff)
			}
		})
	}
}

// Of a whole world, an ignore without a name can be called unused.
func TestIgnoreOfWholeWorld(t *testing.T) {
	w := offline(t, two)
	w.Partial = false
	_, remarks := outcome(t, w, config(t, "  ignore:\n  - rules: [KM5001]\n    name: 'cart*'\n    reason: x\n"), "KM3004")
	if diff := cmp.Diff([]string{"KM0008 c.yaml:5:5: the suppression of KM5001 suppresses nothing"}, remarks); diff != "" {
		t.Error(diff)
	}
}

func TestSeverities(t *testing.T) {
	for _, c := range []struct {
		name, severities, ignore string
		want                     string // of KM3001 and KM3004
		remarks                  []string
	}{
		{"by ID", "{KM3004: info}", "", "as-is info", nil},
		{"by name", "{port-name: error}", "", "as-is error", nil},
		{"the family after the ID", "{KM3: info, KM3004: error}", "", "info error", nil},
		{"the longer word first", "{KM3*: info, KM30*: warning}", "", "warning warning", nil},
		{"an ID before a longer word", "{KM3004: info, 'polaris:portName': error}", "", "as-is info", nil},
		{"unknown", "{KM3O04: info}", "", "as-is as-is", []string{"KM0007 c.yaml:4:16: no rule is called KM3O04"}},
		{"of a rule that is ignored", "{KM3004: info}", "{rules: [KM3], reason: x}", "as-is info",
			[]string{"KM0007 c.yaml:4:16: KM3004 has the severity info here and is ignored in another place"}},
		{"of a rule that is ignored here and there", "{KM3004: info}", "{rules: [KM3], name: cart, reason: x}", "as-is info", nil},
		{"of a rule that is ignored no more", "{KM3004: info}", "{rules: [KM3], until: 2025-01-01, reason: x}", "as-is info",
			[]string{"KM0006 c.yaml:5:12: the suppression of KM3 held until 2025-01-01"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config(t, "  severities: "+c.severities+"\n  ignore: ["+c.ignore+"]\n")
			w := offline(t, two)
			_, remarks := outcome(t, w, cfg, "KM3004")
			if diff := cmp.Diff(c.remarks, remarks); diff != "" {
				t.Errorf("remarks (-want +got):\n%s", diff)
			}
			set := suppress.New(w, cfg, all, catalog.Means)
			var got []string
			for _, rule := range all[:2] {
				word := "as-is"
				if s, other := set.Severity(rules.Result{Finding: &finding.Finding{ID: rule.ID}, Rule: rule}); other {
					word = s.String()
				}
				got = append(got, word)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("the severities are %q, expected %q", got, c.want)
			}
		})
	}
}
