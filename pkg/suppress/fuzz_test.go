// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package suppress_test

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/suppress"
)

// The text of an annotation suppresses a finding only if it names the rule, and
// has no reason only if that is said.
func FuzzAnnotation(f *testing.F) {
	for _, seed := range []string{"KM3004: x", "KM3004 until=2026-12-31: x; KM3001", "KM3*, port-name x", "KM3004:x", ":;\n", "KM3004 until=", "polaris:portName: y", "[: x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o := model.FromRaw(map[string]any{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{
			"name": "a", "annotations": map[string]any{"kubectl-micro.dev/ignore": text},
		}}, "shop")
		b := model.NewBuilder(model.Options{})
		b.Add(o)
		s, _ := b.Build()
		w := &rules.World{Snapshot: s, Now: now}
		set := suppress.New(w, nil, all, catalog.Means)
		found := rules.Run(w, all[1:2])
		waiver, kept := set.Keep(found[0])
		unexplained, expired := false, false
		for _, r := range set.Remarks(all) {
			unexplained = unexplained || r.ID == "KM0005"
			expired = expired || r.ID == "KM0006"
			if r.Message == "" || r.Where == "" {
				t.Errorf("%q: a remark without message or place: %+v", text, r)
			}
		}
		if kept {
			return
		}
		if waiver.Reason == "" && !unexplained {
			t.Errorf("%q suppresses without a reason, and nobody says so", text)
		}
		if !strings.Contains(text, waiver.Reason) {
			t.Errorf("%q: the reason %q is not in it", text, waiver.Reason)
		}
		if !strings.ContainsAny(text, "kK*?[p") && !strings.Contains(strings.ToLower(text), "ist0118") {
			t.Errorf("%q suppresses KM3004", text)
		}
	})
}

// What stands in a text is no comment, however the text is written.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "a\n", "\n\nx", "'", "\"", "it's", "\\", "  x\n y", "\t", "\u2028x", "- a: b", "|", "# x"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, text string, before bool) {
		marked := text + "\n# kubectl-micro:ignore KM3004 no comment\n"
		if before {
			marked = "# kubectl-micro:ignore KM3004 no comment\n" + text
		}
		data, err := yaml.Marshal(map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"},
			"data": map[string]any{"a": marked, marked: "b", "c": []any{marked, "d"}},
		})
		if err != nil {
			return
		}
		w, ok := parsed(string(data))
		if !ok {
			return
		}
		set := suppress.New(w, nil, all, catalog.Means)
		for _, r := range rules.Run(w, all) {
			if by, kept := set.Keep(r); !kept {
				t.Fatalf("%s suppresses %s in\n%s", by.By, r.Where, data)
			}
		}
		if remarks := set.Remarks(all); len(remarks) > 0 {
			t.Fatalf("%+v in\n%s", remarks, data)
		}
	})
}

// A comment suppresses no more than the document it stands in, and nothing
// above it, wherever somebody puts it.
func FuzzComment(f *testing.F) {
	for _, seed := range []string{
		"spec:\n  a: b\n", "spec: {a: b}\n", "spec:\n  - a\n  - b\n", "data: |\n  x\n", "data: \"x\n  y\"\n", "a: &a {b: c}\nd: *a\n", "? a\n: b\n", "\tx", "a:\n-\n- \n", "%",
	} {
		f.Add("# kubectl-micro:ignore KM3004 x\n", seed)
		f.Add("", seed+"# kubectl-micro:ignore KM3004 x\nlast: z\n")
		f.Add("first: x # kubectl-micro:ignore KM3004 x\n", seed)
	}
	f.Fuzz(func(t *testing.T, above, below string) {
		const other = "apiVersion: v1\nkind: Service\nmetadata: {name: other}\n"
		w, ok := parsed(other + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" + above + below)
		if !ok {
			return
		}
		set := suppress.New(w, nil, all, catalog.Means)
		for _, r := range rules.Run(w, all) {
			waiver, kept := set.Keep(r)
			if kept || !strings.HasPrefix(waiver.By, "a.yaml:") {
				continue
			}
			if r.Object.Kind == "Service" || r.Pointer == "/apiVersion" || r.Pointer == "/kind" {
				t.Errorf("%s suppresses the finding at %s", waiver.By, r.Where)
			}
		}
		set.Remarks(all)
	})
}

// parsed is a World of text as it may come, if there is an object in it.
func parsed(text string) (*rules.World, bool) {
	stream, err := manifest.Split("a.yaml", []byte(text))
	if err != nil {
		return nil, false
	}
	b := model.NewBuilder(model.Options{Namespace: "shop", Offline: true, Partial: true, Duplicates: true})
	n := 0
	for _, d := range stream.Docs {
		objects, _ := d.Tolerant()
		for _, o := range objects {
			b.Add(model.FromManifest(o, "shop"))
			n++
		}
	}
	s, _ := b.Build()
	return &rules.World{Snapshot: s, Now: now}, n > 0
}

// A config is refused with places, or can be used.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		"", head, head + "diagnose:\n  severities: {KM3004: info}\n  ignore:\n  - {rules: [KM3004], name: a, until: 2026-12-31}\n",
		head + "diagnose: []\n", head + "x: 1\n", "- a", "a: [", head + "diagnose: {ignore: [{rules: [~], labels: 'a in ('}]}", head + "? [a]\n: b\n", head + "diagnose: &a {ignore: *a}\n",
	} {
		f.Add(seed)
	}
	w, _ := parsed("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n")
	f.Fuzz(func(t *testing.T, text string) {
		config, err := suppress.ReadConfig("c.yaml", []byte(text))
		for _, e := range fault.All(err) {
			if !strings.HasPrefix(e.Error(), "c.yaml") {
				t.Errorf("%q: an error without a place: %v", text, e)
			}
		}
		if err != nil {
			return
		}
		set := suppress.New(w, config, all, catalog.Means)
		for _, r := range rules.Run(w, all) {
			set.Keep(r)
			set.Severity(r)
		}
		for _, r := range set.Remarks(all) {
			if !strings.HasPrefix(r.Where, "c.yaml:") {
				t.Errorf("%q: a remark without a place: %+v", text, r)
			}
		}
	})
}
