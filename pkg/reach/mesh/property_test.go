// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// naive is a request in plain texts, for an evaluator that is written from the
// text of the API alone: every value a regular expression, every list a loop.
type naive map[string]string

func (n naive) value(field, value string) bool {
	have := n[field]
	switch field {
	case "namespaces":
		return have != "" && regexp.MustCompile("^"+strings.ReplaceAll(regexp.QuoteMeta(value), `\*`, ".*")+"$").MatchString(have)
	case "serviceAccounts":
		if !strings.Contains(value, "/") {
			value = "prod/" + value
		}
		return have == value
	case "ports":
		return have == value
	}
	pattern := regexp.QuoteMeta(value)
	switch {
	case value == "*":
		pattern = ".+"
	case strings.HasPrefix(value, "*"):
		pattern = ".*" + regexp.QuoteMeta(value[1:])
	case strings.HasSuffix(value, "*"):
		pattern = regexp.QuoteMeta(value[:len(value)-1]) + ".*"
	}
	return regexp.MustCompile("^(" + pattern + ")$").MatchString(have)
}

// fields tells whether the fields of a source or operation all match.
func (n naive) fields(fields map[string]any) bool {
	for field, values := range fields {
		name, negative := field, false
		if rest, ok := strings.CutPrefix(field, "not"); ok {
			name, negative = strings.ToLower(rest[:1])+rest[1:], true
		}
		some := slices.ContainsFunc(values.([]any), func(v any) bool { return n.value(name, v.(string)) })
		if some == negative {
			return false
		}
	}
	return true
}

func (n naive) rule(rule map[string]any) bool {
	for part, inner := range map[string]string{"from": "source", "to": "operation"} {
		elements, _ := rule[part].([]any)
		some := len(elements) == 0
		for _, e := range elements {
			some = some || n.fields(e.(map[string]any)[inner].(map[string]any))
		}
		if !some {
			return false
		}
	}
	return true
}

func (n naive) allowed(policies []map[string]any) bool {
	allows, some := false, false
	for _, p := range policies {
		spec := p["spec"].(map[string]any)
		rules, _ := spec["rules"].([]any)
		matched := slices.ContainsFunc(rules, func(r any) bool { return n.rule(r.(map[string]any)) })
		if spec["action"] == "DENY" && matched {
			return false
		}
		if spec["action"] == "ALLOW" {
			allows, some = true, some || matched
		}
	}
	return !allows || some
}

var pools = map[string][]string{
	"principals": {"cluster.local/ns/prod/sa/web", "*", "*/sa/web", "cluster.local/ns/other/*"}, "namespaces": {"prod", "p*d", "*", "other", "*h*r"},
	"serviceAccounts": {"web", "other/web", "prod/web"}, "methods": {"GET", "PUT", "P*"}, "paths": {"/a", "/a/*", "*/b", "*", "/a*"}, "ports": {"8080", "9090"},
	"hosts": {"api", "api*", "*"},
}

func fieldsOf(rng *rand.Rand, names []string) map[string]any {
	out := map[string]any{}
	for _, name := range names {
		if rng.IntN(3) > 0 {
			continue
		}
		var values []any
		for range 1 + rng.IntN(2) {
			values = append(values, pools[name][rng.IntN(len(pools[name]))])
		}
		if rng.IntN(3) == 0 {
			name = "not" + strings.ToUpper(name[:1]) + name[1:]
		}
		out[name] = values
	}
	return out
}

func randomPolicy(rng *rand.Rand, i int) map[string]any {
	var rules []any
	for range rng.IntN(4) {
		rule := map[string]any{}
		for part, inner := range map[string]string{"from": "source", "to": "operation"} {
			var elements []any
			for range rng.IntN(3) {
				names := []string{"methods", "paths", "ports", "hosts"}
				if part == "from" {
					names = []string{"principals", "namespaces", "serviceAccounts"}
				}
				elements = append(elements, map[string]any{inner: fieldsOf(rng, names)})
			}
			if elements != nil {
				rule[part] = elements
			}
		}
		rules = append(rules, rule)
	}
	spec := map[string]any{"action": []string{"ALLOW", "ALLOW", "DENY"}[rng.IntN(3)]}
	if rules != nil {
		spec["rules"] = rules
	}
	return map[string]any{
		"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
		"metadata": map[string]any{"name": fmt.Sprintf("p%d", i), "namespace": "prod"}, "spec": spec,
	}
}

func pick(rng *rand.Rand, of ...string) string { return of[rng.IntN(len(of))] }

// TestAgainstNaive compares the engine with the naive evaluator on random
// policies and requests, and holds that leaving a field open never contradicts
// the answer with the field given.
func TestAgainstNaive(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	seen := map[verdict.Verdict]int{}
	for range 1500 {
		var raws, policies []map[string]any
		for _, o := range modeltest.Objects(t, "world.yaml", base) {
			raws = append(raws, o.Raw())
		}
		for i := range 1 + rng.IntN(3) {
			policies = append(policies, randomPolicy(rng, i))
		}
		s := modeltest.Raw(t, append(raws, policies...)...)
		w := world{mesh.New(s, mesh.Options{}), s, t}
		for range 6 {
			caller := pick(rng, "prod/web", "other/web", "plain/naked")
			r := mesh.Request{
				From: w.peer(caller), To: w.peer("prod/api"), Protocol: mesh.HTTP, Port: []int32{8080, 9090}[rng.IntN(2)],
				Method: pick(rng, "GET", "PUT", "POST"), Path: pick(rng, "/a", "/a/b", "/c", "/ab"), Authority: pick(rng, "api", "api.prod", "x"),
			}
			n := naive{"methods": r.Method, "paths": r.Path, "ports": fmt.Sprint(r.Port), "hosts": r.Authority}
			if ns, name, _ := strings.Cut(caller, "/"); name == "web" {
				n["principals"], n["namespaces"], n["serviceAccounts"] = "cluster.local/ns/"+ns+"/sa/web", ns, caller
			}
			want, got := n.allowed(policies), w.authorize(r)
			if want != (got.Verdict == allow) || got.Verdict == unknown {
				t.Fatalf("request %v\npolicies %v\nexpected allowed %v, found %s: %s", n, policies, want, got.Verdict, text(got))
			}
			openUp(rng, &r)
			loose := w.authorize(r).Verdict
			seen[loose]++
			if loose != unknown && loose != got.Verdict {
				t.Fatalf("request %+v\npolicies %v\nopen: expected %s or unknown, found %s", r, policies, got.Verdict, loose)
			}
		}
	}
	if seen[allow] < 100 || seen[deny] < 100 || seen[unknown] < 100 {
		t.Errorf("expected all answers of open requests in numbers, found %v", seen)
	}
}

// openUp leaves some fields of a request open.
func openUp(rng *rand.Rand, r *mesh.Request) {
	for i, field := range []*string{&r.Method, &r.Path, &r.Authority} {
		if i == rng.IntN(3) || rng.IntN(2) == 0 {
			*field = ""
		}
	}
	if rng.IntN(2) == 0 {
		r.Port = 0
	}
}

// FuzzPolicy holds that no odd policy stops the engine.
func FuzzPolicy(f *testing.F) {
	for _, seed := range []string{
		"spec: {}", "spec: {rules: [null]}", "spec: {rules: [{from: [null], to: [{operation: null}], when: [null]}]}", "spec: null",
		`spec: {action: DENY, rules: [{from: [{source: {ipBlocks: ["x", "::/200"]}}], to: [{operation: {ports: ["-1"], paths: ["/{**}{*}", "%%2"]}}]}]}`,
		`spec: {rules: [{when: [{key: "request.headers[]"}, {key: "request.auth.claims[a", values: [""]}, {key: ""}]}]}`,
		`spec: {selector: {matchLabels: null}, targetRefs: [null, {kind: Service}], action: 7}`, "spec: {rules: 3}", "spec: {action: ALLOW, rules: [{to: [{operation: {paths: ['']}}]}]}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		defer func() {
			if p := recover(); p != nil {
				panic(fmt.Sprintf("%v\n%s", p, spec))
			}
		}()
		for _, yaml := range []string{base, ambient, waypoint} {
			s := loose(yaml + "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: prod}\n" + spec)
			if s == nil {
				return
			}
			w := world{mesh.New(s, mesh.Options{}), s, t}
			r := w.request()
			w.Authorize(r)
			r.Protocol, r.Method, r.Path = mesh.TCP, "", ""
			w.Authorize(r)
			w.TLS(r)
			w.JWT(r)
			w.Admits(r.From, r.To, 0)
		}
	})
}
