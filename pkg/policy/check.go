// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// intents checks what a type cannot say.
func (r reader) intents(in *api.ServiceIntents) {
	ns := in.Metadata.Namespace
	if ns != "" && len(validation.IsDNS1123Label(ns)) > 0 {
		r.Fail("/metadata/namespace", "", "expected the name of a namespace, found %q", ns)
	}
	if in.Spec.Workload == "" {
		r.Fail("/spec", "spec:\n  workload: deploy/"+in.Metadata.Name, "expected the workload that the intents are about in spec.workload, found none")
	} else if w, err := parseWorkload(in.Spec.Workload, ns); err != nil {
		r.adopt("/spec/workload", err)
	} else if w.namespace != ns {
		r.Fail("/spec/workload", "metadata:\n  namespace: "+w.namespace, "expected a workload of namespace %s, found %q", ns, in.Spec.Workload)
	}
	callers := map[end]string{}
	for i, c := range in.Spec.Callers {
		at := patch.Pointer("spec", "callers", i)
		if from, ok := r.caller(at+"/from", c.From, ns); ok {
			callers[from] = at
			r.requests(at, c, from)
		}
	}
	for i, c := range in.Spec.Calls {
		if _, err := parseCall(c.To, ns); err != nil {
			r.adopt(patch.Pointer("spec", "calls", i)+r.deepest(i, "calls", "to"), err)
		}
	}
	for i, text := range in.Spec.Deny {
		at := patch.Pointer("spec", "deny", i)
		if from, ok := r.caller(at, text, ns); ok && callers[from] != "" {
			r.Fail(at, "leave it in one of the two lists", "%s is denied and is one of the callers, at %s", text, r.At.Where(callers[from]))
		}
	}
}

// deepest is the field of an item of a list, where the item has it.
func (r reader) deepest(i int, list, field string) string {
	if _, has := r.Places[patch.Pointer("spec", list, i, field)]; has {
		return "/" + field
	}
	return ""
}

func (r reader) caller(at, text, namespace string) (end, bool) {
	if _, has := r.Places[at]; !has {
		at = strings.TrimSuffix(at, "/from")
	}
	from, err := parseCaller(text, namespace)
	if err != nil {
		r.adopt(at, err)
	}
	return from, err == nil
}

// requests checks what a caller may ask for.
func (r reader) requests(at string, c api.Caller, from end) {
	if from.kind == kubeletEnd && c.User != nil {
		r.Fail(at+"/user", "", "the kubelet has no token to show")
	}
	for i, port := range c.Ports {
		if port < 1 || port > 65535 {
			r.Fail(at+patch.Pointer("ports", i), "", "expected a port from 1 to 65535 in ports, found %d", port)
		}
	}
	for i, h := range c.HTTP {
		here := at + patch.Pointer("http", i)
		if len(h.Methods) == 0 && len(h.Paths) == 0 {
			r.Fail(here, "leave http out to let all requests in", "expected methods or paths, found neither")
		}
		for j, m := range h.Methods {
			if err := checkMethod(m); err != nil {
				r.adopt(here+patch.Pointer("methods", j), err)
			}
		}
		for j, p := range h.Paths {
			if err := checkPath(p); err != nil {
				r.adopt(here+patch.Pointer("paths", j), err)
			}
		}
	}
	if c.User == nil {
		return
	}
	if c.User.Issuer == "" || strings.ContainsAny(c.User.Issuer, " *") {
		r.Fail(at+"/user", "user: {issuer: https://id.example}", "expected the issuer of the tokens, found %q", c.User.Issuer)
	}
	if strings.ContainsAny(c.User.Subject, " *") {
		r.Fail(at+"/user/subject", "leave subject out for all subjects", "expected a subject, found %q", c.User.Subject)
	}
	for _, claim := range slices.Sorted(maps.Keys(c.User.Claims)) {
		if here := patch.Join(at+"/user/claims", claim); !claimName.MatchString(claim) {
			r.Fail(here, "write groups, or [realm_access][roles] for a claim in a claim", "expected the name of a claim, found %q", claim)
		} else if values := c.User.Claims[claim]; len(values) == 0 || slices.Contains(values, "") {
			r.Fail(here, "", "expected the values that are let in, found %s", fmt.Sprintf("%q", values))
		}
	}
}

var claimName = regexp.MustCompile(`^([^\[\]\s]+|(\[[^\[\]\s]+\])+)$`)

// methods are those of RFC 9110 and RFC 5789.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"}

var methodToken = regexp.MustCompile(`^[A-Z][A-Z-]*$`)

// checkMethod refuses what matches no request: Istio compares methods exactly.
func checkMethod(m string) error {
	if methodToken.MatchString(m) {
		return nil
	}
	err := fault.Usagef("expected an HTTP method in upper case, found %q", m).Try("leave methods out for all")
	if near := ref.Closest(strings.ToUpper(m), methods); len(near) > 0 {
		err.Hint = "did you mean " + near[0] + "?"
	}
	return err
}

// checkPath refuses paths that Istio would refuse, and those that it would take
// for something else than they look like: a * in the middle is a literal one.
func checkPath(p string) error {
	const hint = `write /exact, /prefix*, *suffix, /a/{*}/b or /a/{**}`
	bad := func(format string, args ...any) error { return fault.Usagef(format, args...).Try(hint) }
	switch {
	case p == "" || !strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "*"):
		return bad("expected a path that begins with /, found %q", p)
	case strings.ContainsAny(p, "?# \t\n"):
		return bad("expected a path without query, fragment or blank, found %q: queries are not compared", p)
	case !strings.ContainsAny(p, "{}"):
		if strings.Contains(strings.TrimSuffix(strings.TrimPrefix(p, "*"), "*"), "*") || len(p) > 1 && p[0] == '*' && p[len(p)-1] == '*' {
			return bad("expected * at the beginning or at the end of a path, found %q", p)
		}
		return nil
	}
	last := false
	for _, segment := range strings.Split(p, "/") {
		if last && strings.ContainsAny(segment, "{}") {
			return bad("expected {**} to be the last template of a path, found %q", p)
		}
		switch {
		case segment == "{**}":
			last = true
		case segment != "{*}" && strings.ContainsAny(segment, "{}*"):
			return bad("expected the templates {*} and {**} to be whole segments, found %q in %q", segment, p)
		}
	}
	return nil
}
