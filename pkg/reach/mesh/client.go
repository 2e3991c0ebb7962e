// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"cmp"
	"fmt"
	"slices"

	networkingv1 "istio.io/api/networking/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// ClientMode is the TLS that a client starts.
type ClientMode string

// The modes: those of a DestinationRule, the choice of auto-mTLS, ztunnel, or
// none for want of a proxy.
const (
	ClientUnknown ClientMode = "unknown"
	ClientAuto    ClientMode = "auto"
	ClientIstio   ClientMode = "ISTIO_MUTUAL"
	ClientMutual  ClientMode = "MUTUAL"
	ClientSimple  ClientMode = "SIMPLE"
	ClientDisable ClientMode = "DISABLE"
	ClientNoProxy ClientMode = "no proxy"
	ClientAmbient ClientMode = "ambient"
)

// clientChoice is what a client starts, and why.
type clientChoice struct {
	mode ClientMode
	// bare is true where auto-mTLS comes to plaintext whatever the server takes.
	bare bool
	by   verdict.Decider
}

// clientKey tells apart the calls that DestinationRules may treat differently.
type clientKey struct {
	namespace, host, subset string
	port                    int32
}

// choices are what the client may start: one, or two if nobody can tell.
func (e *Engine) choices(r Request) []clientChoice {
	client := r.From
	if r.Via != nil {
		client = *r.Via
	}
	none := func(why string) clientChoice {
		return clientChoice{mode: ClientNoProxy, by: verdict.Decider{Reason: why}}
	}
	if r.Plaintext && r.Via == nil {
		return []clientChoice{none("the call is made in plaintext")}
	}
	d, why := e.Dataplane(client)
	switch {
	case d == model.NoProxy:
		return []clientChoice{none(why)}
	case d == model.AmbientProxy:
		return []clientChoice{{mode: ClientAmbient, by: verdict.Decider{Reason: "ztunnel"}}}
	case d == model.SidecarProxy && left(client, e.dialled(r)):
		return []clientChoice{none("annotation " + excludeOutbound + " takes the port out of the proxy")}
	}
	proxied := e.destined(r, client)
	switch ranges := outboundRanges(client); {
	case d == model.DataplaneUnknown:
		return []clientChoice{proxied, none(why)}
	case d == model.SidecarProxy && ranges != "":
		return []clientChoice{proxied, none("annotation " + ranges + " may take the address out of the proxy")}
	}
	return []clientChoice{proxied}
}

// dialled is the port that the client's network rules see: that of the Service,
// unless callers get the addresses of the pods.
func (e *Engine) dialled(r Request) int32 {
	host := e.hostOf(r)
	ns, name, ok := e.s.ServiceName(host)
	svc, found := model.Services.Get(e.s, ns, name)
	if !ok || !found || svc.Value.Spec.ClusterIP == corev1.ClusterIPNone {
		return r.Port
	}
	if port := cmp.Or(r.ServicePort, e.servicePort(host, r.To, r.Port)); port != 0 {
		return port
	}
	return r.Port
}

// destined is what a client with a proxy starts.
func (e *Engine) destined(r Request, client model.Peer) clientChoice {
	key := clientKey{client.Namespace, e.hostOf(r), r.Subset, r.ServicePort}
	if key.host != "" && key.port == 0 {
		key.port = e.servicePort(key.host, r.To, r.Port)
	}
	out := e.clients.get(key, func() clientChoice { return e.rule(key) })
	if out.mode == ClientAuto && !out.bare {
		if mode, set := r.To.Labels["security.istio.io/tlsMode"]; set && mode != "istio" {
			return clientChoice{ClientAuto, true, verdict.Decider{Reason: "label security.istio.io/tlsMode=" + mode + " of the server"}}
		}
	}
	return out
}

// hostOf is the host that is called: where the request names none, the only
// Service in front of the server.
func (e *Engine) hostOf(r Request) string {
	if r.Host != "" || r.To.Workload == nil {
		return r.Host
	}
	hosts := e.hosts.get(r.To.Workload, func() []string {
		var out []string
		for _, svc := range e.s.InFront(r.To.Workload) {
			out = append(out, e.s.ServiceFQDN(svc.Ref.Namespace, svc.Ref.Name))
		}
		return out
	})
	if len(hosts) == 1 {
		return hosts[0]
	}
	return ""
}

// servicePort is the port of a Service that leads to a port of a pod; 0 if none does.
func (e *Engine) servicePort(host string, to model.Peer, port int32) int32 {
	ns, name, ok := e.s.ServiceName(host)
	svc, found := model.Services.Get(e.s, ns, name)
	if !ok || !found || port == 0 {
		return 0
	}
	for _, p := range svc.Value.Spec.Ports {
		target := p.TargetPort.IntVal
		if name := p.TargetPort.StrVal; name != "" {
			target = namedPort(to, name)
		}
		if target == port || target == 0 && p.TargetPort.StrVal == "" && p.Port == port {
			return p.Port
		}
	}
	return 0
}

func namedPort(p model.Peer, name string) int32 {
	if p.Spec == nil {
		return 0
	}
	for _, containers := range [][]corev1.Container{p.Spec.InitContainers, p.Spec.Containers} {
		for _, c := range containers {
			for _, port := range c.Ports {
				if port.Name == name {
					return port.ContainerPort
				}
			}
		}
	}
	return 0
}

// rule is what the effective DestinationRule makes clients of a namespace start.
func (e *Engine) rule(key clientKey) clientChoice {
	for _, ns := range []string{key.namespace, e.config.RootNamespace} {
		if gap, hidden := e.s.Gap(model.DestinationRules.GroupKind, ns); hidden {
			return clientChoice{mode: ClientUnknown, by: verdict.Decider{Reason: gap.Reason}}
		}
	}
	auto := clientChoice{mode: ClientAuto, by: verdict.Decider{Reason: "auto"}}
	if !e.config.AutoMTLS {
		auto = clientChoice{ClientAuto, true, verdict.Decider{Reason: "enableAutoMtls is false in the mesh configuration"}}
	}
	if key.host == "" {
		return auto
	}
	found := e.s.Destination(key.host, key.namespace)
	by, tls, passthrough := settingsFor(found, key)
	if tls != nil {
		return clientChoice{mode: ClientMode(tls.GetMode().String()), by: by}
	}
	if why := e.nakedEndpoint(key.host, passthrough); why != "" && !auto.bare {
		return clientChoice{ClientAuto, true, verdict.Decider{Reason: why}}
	}
	return auto
}

// settingsFor finds the settings of TLS that count: the entry of a port stands
// for the whole traffic policy it is in, the subset's policy goes before the
// host's (pilot/pkg/networking/util/util.go MergeSubsetTrafficPolicy).
func settingsFor(d model.Destination, key clientKey) (by verdict.Decider, tls *networkingv1.ClientTLSSettings, passthrough bool) {
	look := func(o *model.Object, p *networkingv1.TrafficPolicy, at string) {
		passthrough = passthrough || p.GetLoadBalancer().GetSimple() == networkingv1.LoadBalancerSettings_PASSTHROUGH
		set := func(to *networkingv1.ClientTLSSettings, at string) {
			tls = to
			by = verdict.Decider{Object: o.Ref, Pointer: at, Where: o.Where(at), Reason: "tls mode " + to.GetMode().String()}
		}
		if p.GetTls() != nil {
			set(p.GetTls(), at+"/tls/mode")
		}
		for i, one := range p.GetPortLevelSettings() {
			if key.port != 0 && int64(one.GetPort().GetNumber()) == int64(key.port) {
				set(one.GetTls(), at+patch.Pointer("portLevelSettings", i, "tls", "mode"))
			}
		}
	}
	for _, r := range d.Rules {
		if r.Value.Spec.GetTrafficPolicy() != nil {
			look(r.Object, r.Value.Spec.GetTrafficPolicy(), "/spec/trafficPolicy")
			break
		}
	}
	if sub, ok := d.Subset(key.subset); ok && key.subset != "" {
		for i, s := range sub.Rule.Value.Spec.GetSubsets() {
			if s.GetName() == key.subset && s.GetTrafficPolicy() != nil {
				look(sub.Rule.Object, s.GetTrafficPolicy(), patch.Pointer("spec", "subsets", i, "trafficPolicy"))
				break
			}
		}
	}
	return by, tls, passthrough
}

// nakedEndpoint says which endpoint of a headless Service has no proxy: clients
// reach those by their addresses, with one setting for all.
func (e *Engine) nakedEndpoint(host string, passthrough bool) string {
	ns, name, ok := e.s.ServiceName(host)
	svc, found := model.Services.Get(e.s, ns, name)
	if !ok || !found || !passthrough && svc.Value.Spec.ClusterIP != corev1.ClusterIPNone {
		return ""
	}
	for _, of := range e.s.Behind(svc).Workloads {
		i := slices.IndexFunc(of.Peers(), func(p model.Peer) bool {
			d, _ := e.Dataplane(p)
			return d == model.NoProxy
		})
		if i >= 0 {
			return fmt.Sprintf("headless, and %s has an endpoint without a proxy: plaintext to all", kubectlName(of.Ref.Kind, of.Ref.Name))
		}
	}
	return ""
}
