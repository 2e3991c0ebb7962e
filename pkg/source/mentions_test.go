// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

const twoServices = `apiVersion: v1
kind: Service
metadata:
  name: users
---
apiVersion: v1
kind: Service
metadata:
  name: orders
  labels: [this is broken
`

// Documents that mention none of the texts are not parsed: their faults stay
// unnoticed, and they come out as they went in.
func TestMentions(t *testing.T) {
	tests := map[string]struct {
		mentions []string
		want     []string
		broken   bool
	}{
		"all":  {nil, []string{"users"}, true},
		"one":  {[]string{"users"}, []string{"users"}, false},
		"two":  {[]string{"users", "orders"}, []string{"users"}, true},
		"none": {[]string{"carts"}, nil, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			files := &source.Files{Paths: []string{"-"}, Stdin: strings.NewReader(twoServices)}
			s, err := files.Load(t.Context(), source.Want{Kinds: []*model.Kind{model.Services.Kind}, Mentions: tc.mentions})
			if (err != nil) != tc.broken {
				t.Fatalf("error %v, want one: %v", err, tc.broken)
			}
			var got []string
			for _, svc := range model.Services.In(s, "") {
				got = append(got, svc.Ref.Name)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			var out strings.Builder
			if err := files.Print(t.Context(), &out); err != nil || out.String() != twoServices {
				t.Errorf("printed %q, error %v", out.String(), err)
			}
		})
	}
}

// What cannot be told without parsing, or looks broken, is parsed whatever it
// mentions: its fault has to be told.
func TestMentionsDoNotHideBrokenDocuments(t *testing.T) {
	for name, c := range map[string]struct {
		document string
		broken   bool
	}{
		"sound":         {service("orders"), false},
		"no kind":       {"apiVersion: v1\nkind: [Service\nmetadata: {name: orders}\n", true},
		"tabs":          {"apiVersion: v1\nkind: Service\nmetadata:\n\tname: orders\n", true},
		"a template":    {"apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\n", true},
		"another kind":  {"apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: orders\n", false},
		"a list of it":  {"apiVersion: v1\nkind: ServiceList\nitems: [{metadata: {name: orders}]\n", false},
		"a sound value": {service("orders") + "  annotations: {a: \"{{x}}\"}\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			files := &source.Files{Paths: []string{"-"}, Stdin: strings.NewReader(service("users") + "---\n" + c.document)}
			_, err := files.Load(t.Context(), source.Want{Kinds: []*model.Kind{model.Services.Kind}, Mentions: []string{"users"}})
			if (err != nil) != c.broken {
				t.Errorf("got %v, want an error: %v", err, c.broken)
			}
		})
	}
}
