// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM8008", Slug: "port", Severity: finding.Error,
	Short: "Route goes to a port that the Service does not have",
	Why: `The port of a destination is a port of the Service, not of the container. A route to any other number
points at a cluster that does not exist: Envoy answers 503 with the flag NC.

Without a port, a Service that has only one gets the requests there. Of several, Istio takes the one
the request came in on: the caller's, or that of the gateway. A gateway's 443 is rarely a port of the
Service behind it.`,
	Fix:       `Name a port of the Service in the destination.`,
	Reference: "https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination",
	Aliases:   []string{"IST0112"},
	Needs: []*model.Kind{
		model.VirtualServices.Kind, model.Services.Kind, model.ServiceEntries.Kind, model.IstioGateways.Kind,
	},
	Check:  checkPorts,
	Repair: repairPort,
})

// ported is a destination with the ports of what its host stands for.
type ported struct {
	destination
	ports []corev1.ServicePort
	of    model.Host
}

// portsOf lists the destinations of a VirtualService whose ports are known.
func portsOf(w *rules.World, vs virtualService) []ported {
	var out []ported
	for _, d := range routed(&vs.Value.Spec) {
		p := ported{destination: d, of: w.Resolve(d.GetHost(), vs.Ref.Namespace)}
		switch {
		case p.of.Service != nil:
			if p.of.Service.Value.Spec.Type != corev1.ServiceTypeExternalName {
				p.ports = p.of.Service.Value.Spec.Ports
			}
		case p.of.Entry != nil:
			for _, s := range p.of.Entry.Value.Spec.GetPorts() {
				p.ports = append(p.ports, corev1.ServicePort{Name: s.GetName(), Port: int32(s.GetNumber())})
			}
		}
		if len(p.ports) > 0 {
			out = append(out, p)
		}
	}
	return out
}

// has reports whether a port number is one of them.
func (p ported) has(number uint32) bool {
	return slices.ContainsFunc(p.ports, func(s corev1.ServicePort) bool { return uint32(s.Port) == number })
}

// listed writes the ports for people: "80 (http), 9090 (metrics)".
func (p ported) listed() string {
	var out []string
	for _, s := range p.ports {
		text := fmt.Sprint(s.Port)
		if s.Name != "" {
			text += " (" + s.Name + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// who names what has the ports.
func (p ported) who() *model.Object {
	if p.of.Service != nil {
		return p.of.Service.Object
	}
	return p.of.Entry.Object
}

func checkPorts(w *rules.World, emit rules.Emit) {
	for _, vs := range model.VirtualServices.In(w.Snapshot, "") {
		for _, p := range portsOf(w, vs) {
			var f *finding.Finding
			switch number := p.GetPort().GetNumber(); {
			case p.GetPort() == nil && len(p.ports) > 1:
				f = unnamed(w, emit, vs, p)
			case p.GetPort() != nil && !p.has(number):
				f = emit(vs.Object, p.at+"/port/number", "port %d is none of %s, which has %s", number, p.who().Ref, p.listed())
				if s, ok := p.meant(); ok && s.TargetPort.IntVal == int32(number) {
					f.Hint = fmt.Sprintf("%d is the port of the container: the Service's is %d", number, s.Port)
				}
			}
			if f != nil {
				f.Related = append(f.Related, p.who().Ref)
				f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: p.who().Where("/spec/ports"), Value: p.listed()})
			}
		}
	}
}

// unnamed reports a destination that leaves the port to where the request came
// in, where that is not a port of the Service.
func unnamed(w *rules.World, emit rules.Emit, vs virtualService, p ported) *finding.Finding {
	in, known := incoming(w, vs, p)
	var bad []string
	for _, n := range in {
		if !p.has(n) {
			bad = append(bad, fmt.Sprint(n))
		}
	}
	switch {
	case len(bad) > 0:
		f := emit(vs.Object, p.at, "the destination names no port of %s, and requests come in on port %s, which it does not have: it has %s",
			p.who().Ref, strings.Join(bad, ", "), p.listed())
		if len(bad) < len(in) || !known {
			f.Severity, f.Confidence = finding.Warning, finding.Likely
		}
		return f
	case !known:
		f := emit(vs.Object, p.at, "the destination names no port of %s, which has several: %s", p.who().Ref, p.listed())
		f.Severity, f.Confidence = finding.Warning, finding.Likely
		return f
	}
	return nil
}

// incoming are the ports that a destination's requests may come in on: those of
// the Services the VirtualService is for, and those of its gateways. It is not
// known what they are where one of these is not in the world.
func incoming(w *rules.World, vs virtualService, p ported) (ports []uint32, known bool) {
	b := bound(vs)
	known = b.mesh || len(b.gateways) > 0
	protocol, _, _ := strings.Cut(strings.TrimPrefix(p.at, "/spec/"), "/")
	add := func(n uint32) {
		if n != 0 && !slices.Contains(ports, n) {
			ports = append(ports, n)
		}
	}
	if b.mesh {
		for _, h := range vs.Value.Spec.GetHosts() {
			host := w.Resolve(h, vs.Ref.Namespace)
			switch {
			case host.Service != nil:
				for _, s := range host.Service.Value.Spec.Ports {
					if speaks(s, protocol) {
						add(uint32(s.Port))
					}
				}
			case host.Entry != nil:
				for _, s := range host.Entry.Value.Spec.GetPorts() {
					if speaks(corev1.ServicePort{Name: s.GetProtocol()}, protocol) {
						add(s.GetNumber())
					}
				}
			default:
				known = false
			}
		}
	}
	for _, g := range b.gateways {
		gateway, found := model.IstioGateways.Get(w.Snapshot, g.Namespace, g.Name)
		known = known && found
		if !found {
			continue
		}
		for _, s := range gateway.Value.Spec.GetServers() {
			// A server that redirects to HTTPS sends no request on.
			if !s.GetTls().GetHttpsRedirect() {
				add(s.GetPort().GetNumber())
			}
		}
	}
	return only(vs, p, ports), known
}

// speaks reports whether the routes of a protocol apply to a port, as its name
// or appProtocol declares it; ports that declare nothing may speak anything.
func speaks(s corev1.ServicePort, protocol string) bool {
	declared, _, _ := strings.Cut(s.Name, "-")
	if s.AppProtocol != nil {
		declared = *s.AppProtocol
	}
	switch declared = strings.ToLower(declared); {
	case s.Protocol == corev1.ProtocolUDP, declared == "udp":
		return false
	case declared == "https", declared == "tls":
		return protocol == "tls"
	case slices.Contains([]string{"http", "http2", "grpc", "kubernetes.io/h2c", "kubernetes.io/ws"}, declared), strings.HasPrefix(declared, "grpc"):
		return protocol == "http"
	case slices.Contains([]string{"tcp", "mongo", "mysql", "redis"}, declared):
		return protocol != "http"
	}
	return true
}

// only keeps the ports that the matches of a destination's route ask for.
func only(vs virtualService, p ported, ports []uint32) []uint32 {
	for _, routes := range ways(&vs.Value.Spec) {
		for _, x := range routes {
			if !strings.HasPrefix(p.at, patch.Pointer("spec", x.protocol, x.index)+"/") {
				continue
			}
			return slices.DeleteFunc(ports, func(n uint32) bool {
				return !slices.ContainsFunc(x.matches, func(m match) bool { return m.caller().GetPort() == 0 || m.caller().GetPort() == n })
			})
		}
	}
	return ports
}

// meant is the port that a destination must mean: the one that leads to the
// container port it names, or the only one.
func (p ported) meant() (corev1.ServicePort, bool) {
	var out []corev1.ServicePort
	for _, s := range p.ports {
		if p.GetPort() != nil && s.TargetPort.IntVal != 0 && uint32(s.TargetPort.IntVal) == p.GetPort().GetNumber() {
			out = append(out, s)
		}
	}
	switch {
	case len(out) == 1:
		return out[0], true
	case len(p.ports) == 1:
		return p.ports[0], true
	}
	return corev1.ServicePort{}, false
}

// repairPort names a port of the Service: the one that must be meant, else the
// one that serves HTTP by its name or number.
func repairPort(w *rules.World, r rules.Result) []rules.Fix {
	vs, ok := model.VirtualServices.Of(r.On)
	if !ok {
		return nil
	}
	for _, p := range portsOf(w, vs) {
		s, ok := p.meant()
		switch r.Pointer {
		case p.at + "/port/number":
			if !ok {
				return nil
			}
			op := patch.Op{Op: patch.Replace, Path: r.Pointer, Value: int64(s.Port)}
			if p.GetPort().GetNumber() == 0 {
				op = patch.Op{Op: patch.Add, Path: p.at + "/port", Value: map[string]any{"number": int64(s.Port)}}
			}
			return []rules.Fix{rules.Change(rules.Safe, fmt.Sprintf("use port %d of %s", s.Port, p.who().Ref), r.On, op)}
		case p.at:
			i := slices.IndexFunc(p.ports, func(s corev1.ServicePort) bool {
				return s.Name == "http" || strings.HasPrefix(s.Name, "http-web") || s.Port == 80
			})
			if i < 0 {
				return nil
			}
			op := patch.Op{Op: patch.Add, Path: p.at + "/port", Value: map[string]any{"number": int64(p.ports[i].Port)}}
			return []rules.Fix{rules.Change(rules.Review, fmt.Sprintf("name port %d of %s", p.ports[i].Port, p.who().Ref), r.On, op)}
		}
	}
	return nil
}
