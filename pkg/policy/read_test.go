// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
)

const head = "apiVersion: kubectl-micro.dev/v1alpha1\nkind: ServiceIntents\n"

func TestRead(t *testing.T) {
	got, err := policy.Read("i.yaml", []byte(load(t, "testdata/generate/shop", "intents.yaml")+"---\n"+head+`
metadata: {name: web}
spec:
  workload: sts/web
  callers: []
  deny: [shop/deploy/old]
`), "prod")
	if err != nil {
		t.Fatal(err)
	}
	want := []api.ServiceIntents{{
		TypeMeta: api.Type("ServiceIntents"), File: "i.yaml", Metadata: api.IntentsMeta{Name: "backend", Namespace: "shop"},
		Spec: api.ServiceIntentsSpec{
			Workload: "deploy/backend",
			Callers: []api.Caller{
				{From: "deploy/frontend", HTTP: []api.HTTPRequests{{Methods: []string{"GET"}, Paths: []string{"/items/{*}"}}, {Methods: []string{"POST"}, Paths: []string{"/orders"}}}},
				{From: "gateway/istio-system/ingress", HTTP: []api.HTTPRequests{{Paths: []string{"/public", "/public/*"}}}, User: &api.User{Issuer: "https://id.example", Claims: map[string][]string{"groups": {"admin"}}}},
				{From: "prometheus"},
			},
			Calls: []api.Call{{To: "svc/orders"}, {To: "external/api.stripe.com:443"}},
		},
	}, {
		TypeMeta: api.Type("ServiceIntents"), File: "i.yaml", Metadata: api.IntentsMeta{Name: "web", Namespace: "prod"},
		Spec: api.ServiceIntentsSpec{Workload: "sts/web", Callers: []api.Caller{}, Deny: []string{"shop/deploy/old"}},
	}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(api.ServiceIntents{}, "Places")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if where := got[0].Places["/spec/callers/1"]; where != "i.yaml:9:5" {
		t.Errorf("the second caller is at %s", where)
	}
}

// TestReadErrors gives each thing that can be wrong its place and a hint.
func TestReadErrors(t *testing.T) {
	with := func(spec string) string {
		return head + "metadata: {name: x, namespace: shop}\nspec:\n  workload: deploy/x\n" + spec
	}
	caller := func(c string) string { return with("  callers:\n  - " + c + "\n") }
	for _, c := range []struct{ name, text, want, hint string }{
		{"kind", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n", "2:1: expected apiVersion kubectl-micro.dev/v1alpha1 and kind ServiceIntents, found v1 and Pod", "apiVersion: kubectl-micro.dev/v1alpha1\nkind: ServiceIntents"},
		{"unknown field", caller("{form: deploy/y}"), "7:6: expected a known field in spec.callers.0, found form", "did you mean from?"},
		{"unknown top", head + "metadata: {name: x, labels: {}}\nspec: {workload: deploy/x}\n", "3:21: expected one of name, namespace in metadata, found labels", ""},
		{"type", with("  callers: deploy/y\n"), `6:3: expected a list in spec.callers, found the text "deploy/y"`, ""},
		{"null list", with("  callers:\n"), "6:3: expected a list in spec.callers, found nothing", "leave the field out, or write [] for an empty list"},
		{"port", caller("{from: deploy/y, ports: [70000]}"), "7:30: expected a port from 1 to 65535 in ports, found 70000", ""},
		{"no workload", head + "metadata: {name: x}\nspec: {callers: []}\n", "4:1: expected the workload that the intents are about in spec.workload, found none", "spec:\n  workload: deploy/x"},
		{"kind of workload", strings.Replace(with(""), "deploy/x", "depoy/x", 1), `5:3: expected a kind of workload, found "depoy" in "depoy/x"`, "did you mean deploy/x?"},
		{"other namespace", strings.Replace(with(""), "deploy/x", "other/deploy/x", 1), `5:3: expected a workload of namespace shop, found "other/deploy/x"`, "metadata:\n  namespace: other"},
		{"caller", caller("{from: promtheus}"), `7:6: expected a caller, found "promtheus"`, "did you mean prometheus?"},
		{"called", caller("{from: svc/x}"), `7:6: expected a caller, found "svc/x", which is only ever called`, "write deploy/NAME"},
		{"name", caller("{from: deploy/A_b}"), `7:6: expected a name of an object in "deploy/A_b", found "A_b"`, "names are"},
		{"no from", caller("{ports: [80]}"), `7:5: expected a caller, found ""`, "write deploy/NAME"},
		{"method", caller("{from: deploy/y, http: [{methods: [get]}]}"), `7:40: expected an HTTP method in upper case, found "get"`, "did you mean GET?"},
		{"path", caller("{from: deploy/y, http: [{paths: [a]}]}"), `7:38: expected a path that begins with /, found "a"`, "write /exact"},
		{"query", caller("{from: deploy/y, http: [{paths: ['/a?b=c']}]}"), `7:38: expected a path without query, fragment or blank, found "/a?b=c"`, "write /exact"},
		{"star inside", caller("{from: deploy/y, http: [{paths: ['/a*b']}]}"), `7:38: expected * at the beginning or at the end of a path, found "/a*b"`, "write /exact"},
		{"template in a segment", caller("{from: deploy/y, http: [{paths: ['/a{*}']}]}"), `7:38: expected the templates {*} and {**} to be whole segments, found "a{*}" in "/a{*}"`, "write /exact"},
		{"template after {**}", caller("{from: deploy/y, http: [{paths: ['/{**}/{*}']}]}"), `7:38: expected {**} to be the last template of a path, found "/{**}/{*}"`, "write /exact"},
		{"empty http", caller("{from: deploy/y, http: [{}]}"), "7:29: expected methods or paths, found neither", "leave http out"},
		{"issuer", caller("{from: deploy/y, user: {subject: a}}"), `7:22: expected the issuer of the tokens, found ""`, "user: {issuer"},
		{"claim", caller("{from: deploy/y, user: {issuer: a, claims: {'a b': [x]}}}"), `7:49: expected the name of a claim, found "a b"`, "write groups"},
		{"claim values", caller("{from: deploy/y, user: {issuer: a, claims: {b: []}}}"), "7:49: expected the values that are let in, found []", ""},
		{"kubelet", caller("{from: kubelet, user: {issuer: a}}"), "7:21: the kubelet has no token to show", ""},
		{"call", with("  calls: [{to: deploy/y}]\n"), `6:12: expected a Service or a host, found "deploy/y"`, "write svc/NAME:PORT"},
		{"call port", with("  calls: [{to: 'svc/y:0'}]\n"), `6:12: expected the number or name of a port in "svc/y:0", found "0"`, "write svc/NAME:PORT"},
		{"host port", with("  calls: [{to: external/y}]\n"), `6:12: expected a host and a port, found "external/y"`, "write external/HOST:443"},
		{"host", with("  calls: [{to: 'external/a b:1'}]\n"), `6:12: expected the name or the address of a host in "external/a b:1", found "a b"`, "write external/HOST:443"},
		{"denied caller", with("  callers: [{from: deploy/y}]\n  deny: [shop/deploy/y]\n"), "7:10: shop/deploy/y is denied and is one of the callers, at i.yaml:6:13", "leave it in one of the two lists"},
		{"twice", with("") + "---\n" + with(""), "11:3: expected one ServiceIntents for each workload, found another for deploy/x; the first is at i.yaml:5:3", "put the callers"},
		{"repeated key", with("  callers: []\n  callers: []\n"), "7:3", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := policy.Read("i.yaml", []byte(c.text), "shop")
			if err == nil || len(got) > 0 {
				t.Fatalf("expected an error and no intents, got %v and %+v", err, got)
			}
			var typed *fault.Error
			if !errors.As(err, &typed) || !strings.HasPrefix(typed.Error(), "i.yaml:"+c.want) {
				t.Errorf("got  %v\nwant i.yaml:%s", err, c.want)
			}
			if !strings.HasPrefix(typed.Hint, c.hint) || c.hint == "" && c.name != "repeated key" && typed.Hint != "" {
				t.Errorf("got the hint %q, want %q", typed.Hint, c.hint)
			}
		})
	}
}

// TestPaths takes what Istio takes.
func TestPaths(t *testing.T) {
	for _, p := range []string{"/", "/a", "/a*", "*/a", "*", "/a/{*}", "/{*}/b/{**}", "/a/{**}", "/a/{**}/b", "/a.b-c_d~/%2F"} {
		text := head + fmt.Sprintf("metadata: {name: x}\nspec: {workload: deploy/x, callers: [{from: internet, http: [{paths: [%q]}]}]}\n", p)
		if _, err := policy.Read("i.yaml", []byte(text), "shop"); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
}

// FuzzRead reads anything without a panic, and what it takes in comes back the
// same when it is written and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(head + "metadata: {name: x}\nspec: {workload: deploy/x, callers: [{from: deploy/y, ports: [80], http: [{paths: [/a]}]}], calls: []}\n"))
	f.Add([]byte(head + "metadata: {name: x, namespace: a}\nspec: {workload: sts/x, deny: [sa/a/b], calls: [{to: 'external/[::1]:53'}, {to: 'svc/b:http'}]}\n"))
	f.Add([]byte("{}\n---\n- a\n"))
	f.Add([]byte(head + "metadata: {name: x}\nspec: &a {workload: *a}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := policy.Read("i.yaml", data, "shop")
		for _, e := range fault.All(err) {
			if e.Error() == "" {
				t.Error("an error says nothing")
			}
		}
		for _, in := range got {
			written, err := yaml.Marshal(in)
			if err != nil {
				t.Fatal(err)
			}
			again, err := policy.Read("i.yaml", written, "shop")
			if err != nil || len(again) != 1 {
				t.Fatalf("%s\ncannot be read again: %v", written, err)
			}
			if diff := cmp.Diff(in, again[0], cmpopts.IgnoreFields(api.ServiceIntents{}, "Places")); diff != "" {
				t.Errorf("not the same (-first +again):\n%s", diff)
			}
		}
	})
}
