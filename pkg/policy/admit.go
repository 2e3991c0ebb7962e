// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// uncaptured are ports of the sidecar itself, which meet no policy.
var uncaptured = []int32{mergedMetrics, 15021, envoyMetrics}

// admit writes the rules of AuthorizationPolicies for a caller.
func (g *generator) admit(d *draft, at string, c api.Caller, from source, ports []port) error {
	requests := len(c.HTTP) > 0 || c.User != nil
	if d.plane == NoMesh {
		if requests {
			g.warn(d, at, "take it into the mesh: label its namespace istio-injection=enabled", "%s is not in the mesh: methods, paths and users of %s cannot be told apart, all requests pass", d.of.Ref.Short(), c.From)
		}
		return nil
	}
	if from.kind == kubeletEnd && d.plane == Sidecar && rewritten(d.of) {
		return nil // the sidecar answers on its own port
	}
	ports = slices.DeleteFunc(slices.Clone(ports), func(p port) bool {
		return slices.Contains(uncaptured, p.number) || p.protocol != corev1.ProtocolTCP
	})
	if len(ports) == 0 {
		return nil
	}
	if from.open {
		d.plaintext = append(d.plaintext, numbers(ports)...)
	}
	if g.o.Layers.has(Authorization) {
		g.identify(d, at, from, requests)
		g.mixed(d, at, from)
	}
	rule := accessRule{principals: principalsOf(from), ports: numbers(ports), http: c.HTTP, user: c.User}
	if c.User != nil {
		g.token(d, at, c.User)
	}
	way, has := g.waypoint(d.of)
	if !has || !g.passesWaypoint(from, d.of) {
		if requests && d.plane == Ambient {
			return fault.Usagef("expected a waypoint for the methods, paths and users of %s, found none that its requests pass: ztunnel reads no HTTP", c.From).
				Try("istioctl waypoint apply -n %s --enroll-namespace", d.of.Ref.Namespace)
		}
		d.access = append(d.access, rule)
		return nil
	}
	// ztunnel sees the waypoint in the place of the caller. The waypoint sees the
	// port of the Service, so that its rules leave ports to ztunnel.
	d.access = append(d.access, accessRule{principals: []string{g.principal(way.namespace, way.name)}, ports: numbers(g.ports(d.of))})
	rule.ports = nil
	d.atWaypoint = append(d.atWaypoint, rule)
	return nil
}

// portsFor are the pod ports that a caller gets: of a caller that is limited to
// requests, those of HTTP.
func (g *generator) portsFor(d *draft, at string, c api.Caller, from source) ([]port, error) {
	ports, err := g.portsOf(d, c, from)
	if err != nil || d.plane == NoMesh || len(c.HTTP) == 0 && c.User == nil {
		return ports, err
	}
	return g.httpPorts(d, at, ports)
}

// portsOf are the ports that an intent names, or those it stands for without.
func (g *generator) portsOf(d *draft, c api.Caller, from source) ([]port, error) {
	all := g.ports(d.of)
	if len(c.Ports) == 0 {
		switch from.kind {
		case prometheusEnd:
			return g.metricsPorts(d.of), nil
		case kubeletEnd:
			return tcp(sortedProbes(d.of)...), nil
		}
		if len(all) == 0 {
			return nil, fault.Usagef("expected the ports of %s, found neither a Service nor a containerPort", d.of.Ref).Try("ports: [8080]")
		}
		return all, nil
	}
	out := tcp(c.Ports...)
	for i := range out {
		for _, known := range slices.Concat(all, declared(d.of)) {
			if known.number == out[i].number {
				out[i] = known
				break
			}
		}
	}
	return tidy(out), nil
}

// httpPorts keeps the ports on which rules about requests mean anything.
func (g *generator) httpPorts(d *draft, at string, ports []port) ([]port, error) {
	var out []port
	for _, p := range ports {
		switch p.app {
		case httpPort:
			out = append(out, p)
		case sniffed:
			out = append(out, p)
			g.warn(d, at, "name the port of the Service http or http-..., or set its appProtocol", "port %d of %s says no protocol: requests that Istio does not recognise as HTTP are denied", p.number, d.of.Ref.Short())
		}
	}
	if len(out) == 0 {
		return nil, fault.Usagef("expected a port that Istio takes for HTTP, found %v of %s, where rules about methods and paths are void", numbers(ports), d.of.Ref).
			Try("name the port of the Service http, or leave http and user out")
	}
	return out, nil
}

// identify warns where an AuthorizationPolicy cannot tell who calls. That others
// of the same account are let in too does not matter, unless a caller is limited
// to some requests.
func (g *generator) identify(d *draft, at string, from source, limited bool) {
	if from.open {
		g.warnEach(d, at, "", "%s has no identity in the mesh: the AuthorizationPolicy lets anybody in on its ports, the NetworkPolicy alone limits who", from.text(d.of.Ref.Namespace))
		return
	}
	for _, caller := range from.workloads {
		if caller == d.of || from.kind == accountEnd {
			continue
		}
		listed := func(of *model.Workload) bool {
			return slices.ContainsFunc(d.sources, func(s source) bool { return slices.Contains(s.workloads, of) })
		}
		var others []*model.Workload
		for _, other := range g.Workloads(caller.Ref.Namespace) {
			if other != caller && other != d.of && other.Account() == caller.Account() && !slices.Contains(from.workloads, other) && (limited || !listed(other)) && !g.sameVersions(caller, other) {
				others = append(others, other)
			}
		}
		if len(others) > 0 {
			g.warnEach(d, at, "give "+caller.Ref.Short()+" a ServiceAccount of its own", "%s runs as ServiceAccount %s like %s: the AuthorizationPolicy cannot tell the callers apart",
				caller.Ref.Short(), caller.Account(), mention(others))
		} else if caller.Account() == "default" {
			g.warnEach(d, at, "give "+caller.Ref.Short()+" a ServiceAccount of its own", "%s runs as ServiceAccount default: the AuthorizationPolicy cannot tell it from what is added to the namespace later", caller.Ref.Short())
		}
	}
}

// mixed notes callers that are in the mesh in another way: whether a sidecar and
// a ztunnel meet with an identity is a matter of Istio's settings.
func (g *generator) mixed(d *draft, at string, from source) {
	for _, of := range from.workloads {
		if from.kind == gatewayEnd || of.Template.Labels[gatewayLabel] != "" {
			continue // proxies that open tunnels themselves
		}
		if plane, _ := g.dataplane(of); plane != NoMesh && plane != d.plane {
			g.risk(d, at, "set PILOT_ENABLE_AMBIENT and ENABLE_HBONE for sidecars, or move both into one data plane", "%s is in the mesh by %s and %s by %s: whether its identity arrives depends on Istio's settings, and without one it is denied",
				of.Ref.Short(), plane, d.of.Ref.Short(), d.plane)
		}
	}
}

// sameVersions reports whether policies select two workloads by the same labels.
func (g *generator) sameVersions(a, b *model.Workload) bool {
	x, errA := g.selector(a)
	y, errB := g.selector(b)
	return errA == nil && errB == nil && labels.Equals(x, y)
}

// token notes a user whose tokens nothing validates: no request could match.
func (g *generator) token(d *draft, at string, u *api.User) {
	for _, ra := range model.RequestAuthentications.In(g.Snapshot, "") {
		if ra.Ref.Namespace != d.of.Ref.Namespace && ra.Ref.Namespace != g.RootNamespace {
			continue
		}
		if !labels.SelectorFromSet(ra.Value.Spec.GetSelector().GetMatchLabels()).Matches(labels.Set(d.of.Template.Labels)) {
			continue
		}
		for _, rule := range ra.Value.Spec.GetJwtRules() {
			if rule.GetIssuer() == u.Issuer {
				return
			}
		}
	}
	g.risk(d, at+"/user", "add a RequestAuthentication with issuer "+u.Issuer, "no RequestAuthentication for %s validates tokens of %s: all requests that need one are denied", d.of.Ref.Short(), strings.TrimSpace(u.Issuer))
}
