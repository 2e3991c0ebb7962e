// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	securityv1 "istio.io/api/security/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9011", Slug: "http-rule-on-tcp", Severity: finding.Warning,
	Short: "AuthorizationPolicy asks for HTTP attributes on a TCP port",
	Why: `Methods, paths, hosts, headers and tokens exist in HTTP only. On a port that Istio takes for TCP, by the
name or the appProtocol of the Service's port, an ALLOW rule that asks for one never matches, so that
the port is shut; a DENY rule loses what it asks for and denies every connection that is left.`,
	Fix: `If the port speaks HTTP, say so: name it http-..., or set appProtocol: http. If it does not, limit the rule
to the HTTP ports, and give the TCP port a rule of its own.`,
	Reference: "https://istio.io/latest/docs/tasks/security/authorization/authz-tcp/",
	Needs: slices.Concat(model.WorkloadKinds, rules.MeshKinds, []*model.Kind{
		model.AuthorizationPolicies.Kind, model.Services.Kind,
	}),
	Explains: []string{"KM9013"},
	Check:    checkHTTPRules,
})

// tcpPort is a port of a workload that Istio takes for TCP.
type tcpPort struct {
	number  int32
	service service
	at      string
	// says is how the Service declares it.
	says string
}

// tcpPorts are the ports of workloads that every Service which leads to them
// declares as TCP.
func tcpPorts(w *rules.World) map[*model.Workload][]tcpPort {
	out := map[*model.Workload][]tcpPort{}
	other := map[*model.Workload][]int32{}
	for _, svc := range model.Services.In(w.Snapshot, "") {
		for _, b := range behind(w, door{Service: svc}) {
			for i, p := range svc.Value.Spec.Ports {
				n := podPort(b.Workload, &p)
				if protocolOf(p) != tcpProtocol || n == 0 {
					other[b.Workload] = append(other[b.Workload], n)
					continue
				}
				out[b.Workload] = append(out[b.Workload], tcpPort{n, svc, patch.Pointer("spec", "ports", i), declaration(p)})
			}
		}
	}
	for of, ports := range out {
		out[of] = slices.DeleteFunc(ports, func(p tcpPort) bool { return slices.Contains(other[of], p.number) })
	}
	return out
}

func checkHTTPRules(w *rules.World, emit rules.Emit) {
	view := newAuthz(w)
	if len(view.all) == 0 {
		return
	}
	ports := tcpPorts(w)
	for _, p := range view.all {
		if !p.allows() && !p.denies() || !view.readable(p.Ref.Namespace) {
			continue
		}
		for i, rule := range p.spec().GetRules() {
			if at := httpAttribute(rule, i); at != "" {
				checkHTTPRule(w, view, p, i, at, ports, emit)
			}
		}
	}
}

// checkHTTPRule emits one finding for a rule and all TCP ports it is for.
func checkHTTPRule(w *rules.World, view *authz, p policy, i int, at string, ports map[*model.Workload][]tcpPort, emit rules.Emit) {
	rule := p.spec().GetRules()[i]
	var texts []string
	var related []ref.Ref
	var evidence []finding.Evidence
	for _, of := range view.workloads(p) {
		if w.Mesh(of) == rules.MeshOut {
			continue
		}
		for _, port := range ports[of] {
			if !namesPort(rule, port.number) || p.allows() && otherwise(view.of(of), port.number) {
				continue
			}
			texts = append(texts, fmt.Sprintf("port %d of %s", port.number, of.Ref))
			related = append(related, of.Ref, port.service.Ref)
			evidence = append(evidence, finding.Evidence{Kind: "field", Of: port.service.Where(port.at), Value: port.says})
		}
	}
	if len(texts) == 0 {
		return
	}
	slices.Sort(texts)
	what := "never matches, and no other rule opens it"
	if p.denies() {
		what = "denies every connection"
		if narrowed(rule) {
			what = "denies every connection of its sources"
		}
	}
	f := emit(p.Object, at, "%s asks for HTTP attributes; on %s, which is TCP, it %s", number(i), rules.Few(slices.Compact(texts), 3), what)
	f.Related, f.Evidence = unique(related), evidence
	f.Hint = "limit the rule to the HTTP ports (to.operation.ports), or name the Service's port http-... if it speaks HTTP"
	if p.denies() && !narrowed(rule) {
		f.Severity = finding.Error
	}
	if w.Partial {
		f.Confidence = finding.Likely
	}
}

// declaration is how a Service's port says that it is TCP.
func declaration(p corev1.ServicePort) string {
	if p.AppProtocol != nil {
		return "appProtocol: " + *p.AppProtocol
	}
	return "name: " + p.Name
}

// httpAttribute is the place of the first attribute of a rule that only HTTP
// has, empty if it has none.
func httpAttribute(rule *securityv1.Rule, i int) string {
	for j, f := range rule.GetFrom() {
		s, at := f.GetSource(), patch.Pointer("spec", "rules", i, "from", j, "source")
		switch {
		case len(s.GetRequestPrincipals()) > 0:
			return at + "/requestPrincipals"
		case len(s.GetNotRequestPrincipals()) > 0:
			return at + "/notRequestPrincipals"
		}
	}
	for j, t := range rule.GetTo() {
		o, at := t.GetOperation(), patch.Pointer("spec", "rules", i, "to", j, "operation")
		for _, list := range []struct {
			field  string
			values []string
		}{
			{"hosts", o.GetHosts()}, {"notHosts", o.GetNotHosts()}, {"methods", o.GetMethods()},
			{"notMethods", o.GetNotMethods()}, {"paths", o.GetPaths()}, {"notPaths", o.GetNotPaths()},
		} {
			if len(list.values) > 0 {
				return at + "/" + list.field
			}
		}
	}
	for j, c := range rule.GetWhen() {
		if strings.HasPrefix(c.GetKey(), "request.") {
			return patch.Pointer("spec", "rules", i, "when", j, "key")
		}
	}
	return ""
}

// narrowed reports whether a rule is for some callers only, even where its HTTP
// attributes are dropped.
func narrowed(rule *securityv1.Rule) bool {
	return len(rule.GetFrom()) > 0 && !slices.ContainsFunc(rule.GetFrom(), func(f *securityv1.Rule_From) bool {
		s := f.GetSource()
		return len(s.GetPrincipals())+len(s.GetNotPrincipals())+len(s.GetNamespaces())+len(s.GetNotNamespaces())+
			len(s.GetServiceAccounts())+len(s.GetNotServiceAccounts())+len(s.GetIpBlocks())+len(s.GetNotIpBlocks())+
			len(s.GetRemoteIpBlocks())+len(s.GetNotRemoteIpBlocks())+len(s.GetTrustDomains())+len(s.GetNotTrustDomains()) == 0
	})
}

// namesPort reports whether a rule is for a port: it lists it, or lists none.
func namesPort(rule *securityv1.Rule, port int32) bool {
	text := strconv.Itoa(int(port))
	return len(rule.GetTo()) == 0 || slices.ContainsFunc(rule.GetTo(), func(t *securityv1.Rule_To) bool {
		o := t.GetOperation()
		return (len(o.GetPorts()) == 0 || slices.Contains(o.GetPorts(), text)) && !slices.Contains(o.GetNotPorts(), text)
	})
}

// otherwise reports whether a rule without HTTP attributes may open a port.
func otherwise(policies []policy, port int32) bool {
	return slices.ContainsFunc(policies, func(p policy) bool {
		if !p.allows() {
			return false
		}
		rules := p.spec().GetRules()
		for i, rule := range rules {
			if httpAttribute(rule, i) == "" && namesPort(rule, port) {
				return true
			}
		}
		return false
	})
}
