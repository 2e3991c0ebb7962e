// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lift

import (
	"fmt"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// routes let requests in from outside of the cluster, by the API that is used. An
// app file has one: of others only what is exposed is taken.
func (l *lifter) routes() {
	l.httpRoutes()
	l.ingresses()
	l.virtualServices()
}

// via says which API is used, the first that is found.
func (l *lifter) via(name, object string) *api.Ingress {
	in := &l.System.Platform.Ingress
	if in.API != "" && in.API != name {
		l.note("", object, "", "requests come in by way of the API %s, as an app file has one", in.API)
	}
	if in.API == "" {
		in.API = name
	}
	return in
}

// expose adds a path of a host to the service behind a Service; false if that is
// none of the system's.
func (l *lifter) expose(svc, namespace, host, path, object string) *service {
	item, known := l.ServiceNamed(svc, namespace)
	for _, name := range l.names() {
		s := l.services[name]
		if !known || s.front == nil || s.front.Ref != item.Ref || mainPort(s.Ports) == "" {
			continue
		}
		if s.Expose == nil {
			s.Expose = &api.Expose{Host: host}
		}
		if s.Expose.Host != host {
			l.note(name, object, "host "+host, "a service has one host, %s", s.Expose.Host)
			return s
		}
		if path = strings.TrimSuffix(path, "/"); path == "" {
			path = "/"
		}
		if !slices.Contains(s.Expose.Paths, path) {
			s.Expose.Paths = append(s.Expose.Paths, path)
		}
		return s
	}
	l.note("", object, "", "%s is no service that is taken", svc)
	return nil
}

func (l *lifter) httpRoutes() {
	for _, r := range model.HTTPRoutes.In(l.Snapshot, l.Namespace) {
		spec, object := r.Value.Spec, short(r.Ref)
		if slices.ContainsFunc(spec.ParentRefs, func(p gatewayv1.ParentReference) bool { return p.Kind != nil && *p.Kind == "Service" }) {
			l.note("", object, "", "it shapes calls within the mesh: say it under traffic of the service")
			continue
		}
		in := l.via("gateway", object)
		for _, p := range spec.ParentRefs {
			in.Gateway = model.NamespaceOf(p.Namespace, r.Ref.Namespace) + "/" + string(p.Name)
		}
		for i, host := range spec.Hostnames {
			if i > 0 {
				l.note("", object, "hostname "+string(host), "a service has one host")
				continue
			}
			for j, rule := range spec.Rules {
				l.httpRule(r, string(host), fmt.Sprintf("rules[%d]", j), rule)
			}
		}
		if len(spec.Hostnames) == 0 {
			l.note("", object, "hostnames", "a service is exposed under a host: say it under expose")
		}
	}
}

func (l *lifter) httpRule(r model.Item[gatewayv1.HTTPRoute], host, at string, rule gatewayv1.HTTPRouteRule) {
	if len(rule.Filters) > 0 {
		l.note("", short(r.Ref), at+".filters", "an app file has none: say it under patches")
	}
	paths := []string{"/"}
	for i, m := range rule.Matches {
		if i == 0 {
			paths = nil
		}
		if m.Path != nil && m.Path.Value != nil && (m.Path.Type == nil || *m.Path.Type != gatewayv1.PathMatchRegularExpression) {
			paths = append(paths, *m.Path.Value)
		}
		if m.Path == nil || m.Path.Type != nil && *m.Path.Type != gatewayv1.PathMatchPathPrefix || len(m.Headers) > 0 || m.Method != nil || len(m.QueryParams) > 0 {
			l.note("", short(r.Ref), at+fmt.Sprintf(".matches[%d]", i), "requests are matched by prefixes of paths only")
		}
	}
	for _, b := range rule.BackendRefs {
		for _, p := range paths {
			l.expose(string(b.Name), model.NamespaceOf(b.Namespace, r.Ref.Namespace), host, p, short(r.Ref))
		}
	}
}

func (l *lifter) ingresses() {
	for _, i := range model.Ingresses.In(l.Snapshot, l.Namespace) {
		spec, object := i.Value.Spec, short(i.Ref)
		in := l.via("ingress", object)
		if spec.IngressClassName != nil {
			in.Class = *spec.IngressClassName
		}
		for _, rule := range spec.Rules {
			if rule.HTTP == nil || rule.Host == "" {
				l.note("", object, "rules", "a service is exposed under a host: say it under expose")
				continue
			}
			for _, p := range rule.HTTP.Paths {
				if p.Backend.Service == nil {
					continue
				}
				s := l.expose(p.Backend.Service.Name, i.Ref.Namespace, rule.Host, p.Path, object)
				if s != nil && !encrypted(spec, rule.Host) {
					l.Changes = append(l.Changes, Note{s.name, object, "tls", "nothing -> Secret " + s.name + "-tls, with the certificate of " + rule.Host + ", which has to be made"})
				}
				for _, tls := range spec.TLS {
					if s != nil && tls.SecretName != "" && tls.SecretName != s.name+"-tls" && slices.Contains(tls.Hosts, rule.Host) {
						s.Expose.TLSSecret = tls.SecretName
					}
				}
			}
		}
	}
}

// encrypted reports whether an Ingress has a certificate for a host.
func encrypted(spec networkingv1.IngressSpec, host string) bool {
	return slices.ContainsFunc(spec.TLS, func(t networkingv1.IngressTLS) bool { return slices.Contains(t.Hosts, host) })
}

func (l *lifter) virtualServices() {
	for _, v := range model.VirtualServices.In(l.Snapshot, l.Namespace) {
		spec, object := &v.Value.Spec, short(v.Ref)
		gateways := slices.DeleteFunc(slices.Clone(spec.Gateways), func(g string) bool { return g == "mesh" })
		if len(gateways) == 0 || len(spec.Hosts) == 0 {
			l.note("", object, "", "only weights of versions are taken: say the rest under traffic of the service")
			continue
		}
		in := l.via("istio", object)
		secret := ""
		name := gateways[0][strings.LastIndexByte(gateways[0], '/')+1:]
		if g, ok := model.IstioGateways.Get(l.Snapshot, v.Ref.Namespace, name); ok {
			if of := g.Value.Spec.Selector["istio"]; of != "" && of != "ingressgateway" {
				in.Gateway = "istio-system/" + of
			}
			for _, server := range g.Value.Spec.Servers {
				if c := server.GetTls().GetCredentialName(); c != "" {
					secret = c
				}
			}
		}
		for _, route := range spec.Http {
			paths := []string{}
			for _, m := range route.Match {
				if u := m.GetUri(); u.GetPrefix() != "" {
					paths = append(paths, u.GetPrefix())
				} else if u.GetRegex() != "" {
					l.note("", object, "http", "requests are matched by prefixes of paths only")
				}
			}
			if len(route.Match) == 0 {
				paths = append(paths, "/")
			}
			for _, to := range route.Route {
				for _, p := range paths {
					s := l.expose(to.GetDestination().GetHost(), v.Ref.Namespace, spec.Hosts[0], p, object)
					if s != nil && secret != "" && secret != s.name+"-tls" {
						s.Expose.TLSSecret = secret
					}
				}
			}
		}
	}
}

// hints are the calls that NetworkPolicies let through and no variable tells of.
func (l *lifter) hints() {
	for _, p := range model.NetworkPolicies.In(l.Snapshot, l.Namespace) {
		callee, err := l.Selector(&p.Value.Spec.PodSelector)
		if err != nil || p.Value.Spec.PodSelector.Size() == 0 {
			continue
		}
		for _, rule := range p.Value.Spec.Ingress {
			for _, from := range rule.From {
				if from.PodSelector == nil || from.PodSelector.Size() == 0 || from.NamespaceSelector != nil {
					continue
				}
				if caller, err := l.Selector(from.PodSelector); err == nil {
					l.hint(short(p.Ref), caller, callee)
				}
			}
		}
	}
}

func (l *lifter) hint(policy string, caller, callee labels.Selector) {
	carries := func(s *service, by labels.Selector) bool { return by.Matches(labels.Set(s.first().Template.Labels)) }
	for _, a := range l.names() {
		for _, b := range l.names() {
			from, to := l.services[a], l.services[b]
			if a == b || !carries(from, caller) || !carries(to, callee) || mainPort(to.Ports) == "" {
				continue
			}
			if !slices.ContainsFunc(from.DependsOn, func(d api.Dependency) bool { return d.Service == b }) {
				l.note(a, policy, "", "it lets %s call %s, and no variable says so: add dependsOn: [%s] if it does", a, b, b)
			}
		}
	}
}
