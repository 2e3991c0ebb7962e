// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strings"

	networkingv1 "istio.io/api/networking/v1"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9027", Slug: "rewritten-path", Severity: finding.Warning,
	Short: "AuthorizationPolicy names a path that a VirtualService rewrites before",
	Why: `A VirtualService is carried out by the client, sidecar or gateway, and an AuthorizationPolicy by the
server. So the server's policy sees the path after the rewrite: a rule for the path that users see
matches nothing that came by this route.`,
	Fix:       "Write the path as it is after the rewrite, or check the path at the gateway.",
	Reference: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRewrite",
	Needs: slices.Concat(model.WorkloadKinds, []*model.Kind{
		model.AuthorizationPolicies.Kind, model.VirtualServices.Kind, model.Services.Kind, model.ServiceEntries.Kind,
	}),
	Explains: []string{"KM9010", "KM9013"},
	Check:    checkRewrites,
})

// rewrite is one route of a VirtualService that changes paths.
type rewrite struct {
	by model.Item[istionetv1.VirtualService]
	at string
	// from is a path that comes in, as users may send it; to what it becomes.
	from, to string
	// uri is what the VirtualService says.
	uri string
}

func checkRewrites(w *rules.World, emit rules.Emit) {
	view := newAuthz(w)
	if len(view.all) == 0 {
		return
	}
	told := map[string]bool{}
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		for i, route := range vs.Value.Spec.GetHttp() {
			changes := rewritesOf(vs, i, route)
			if len(changes) == 0 {
				continue
			}
			for _, leg := range route.GetRoute() {
				host := w.Resolve(leg.GetDestination().GetHost(), vs.Ref.Namespace)
				if host.Service == nil {
					continue
				}
				for _, of := range w.Behind(*host.Service).Workloads {
					for _, p := range view.of(of) {
						for _, c := range changes {
							missed(p, c, of, host.Service.Ref, told, emit)
						}
					}
				}
			}
		}
	}
}

// rewritesOf are what a route makes of the paths that it matches.
func rewritesOf(vs model.Item[istionetv1.VirtualService], i int, route *networkingv1.HTTPRoute) []rewrite {
	uri := route.GetRewrite().GetUri()
	if uri == "" {
		return nil
	}
	var out []rewrite
	at := patch.Pointer("spec", "http", i, "rewrite", "uri")
	for _, m := range route.GetMatch() {
		switch prefix, exact := m.GetUri().GetPrefix(), m.GetUri().GetExact(); {
		case exact != "":
			out = append(out, rewrite{vs, at, exact, uri, uri})
		case prefix != "": // the prefix is replaced, what follows is kept
			out = append(out, rewrite{vs, at, prefix, uri, uri}, rewrite{vs, at, join(prefix, "x"), join(uri, "x"), uri})
		}
	}
	return slices.DeleteFunc(out, func(r rewrite) bool { return r.from == r.to })
}

// join puts one more segment behind a path.
func join(path, segment string) string { return strings.TrimSuffix(path, "/") + "/" + segment }

// missed reports the paths of a policy that match what a route rewrites, where
// nothing in their rule matches what it becomes.
func missed(p policy, c rewrite, of *model.Workload, svc ref.Ref, told map[string]bool, emit rules.Emit) {
	for _, l := range lists(p.spec()) {
		if !l.is("paths") || anyOf(l.Texts, func(s string) truth { return matchesPath(c.to, s) }) != no {
			continue
		}
		for i, text := range l.Texts {
			at := l.At + patch.Pointer(i)
			key := p.Ref.String() + at + c.by.Ref.String()
			if matchesPath(c.from, text) != yes || told[key] {
				continue
			}
			told[key] = true
			f := emit(p.Object, at, "%s rewrites %s to %s before the policy of %s sees it: %s does not match that", c.by.Ref, c.from, c.to, of.Ref, text)
			f.Reason = c.by.Ref.String() + " rewrites the path before the policy sees it"
			f.Confidence = finding.Likely // others may call the path as it is
			f.Related = []ref.Ref{c.by.Ref, svc, of.Ref}
			f.Evidence = []finding.Evidence{{Kind: "field", Of: c.by.Where(c.at), Value: "uri: " + c.uri}}
			f.Hint = "write the path as it is after the rewrite, beginning with " + c.uri
		}
	}
}

// matchesPath leaves templates open.
func matchesPath(path, pattern string) truth {
	if strings.Contains(pattern, "{") {
		return maybe
	}
	return known(path, pattern)
}
