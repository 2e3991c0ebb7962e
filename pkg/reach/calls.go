// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// call is a connection that some object says is made.
type call struct {
	// from is the caller; text names it.
	from model.Peer
	text string
	// service is called at a port of it, 0 for all; or pods of to are, directly.
	service model.Item[corev1.Service]
	to      *model.Workload
	port    int32
	by      verdict.Decider
}

// calls are the connections that objects declare: what workloads are told, what
// gateways route, and what Prometheus scrapes.
func (e *Engine) calls() []call {
	var out []call
	for _, w := range e.s.Workloads("") {
		out = append(out, e.toldOf(w)...)
	}
	return slices.Concat(out, e.routedCalls(), e.scrapes())
}

// mentioned is a host in a text: with a scheme, or with a port.
var mentioned = regexp.MustCompile(`(?:([a-z][a-z0-9+.-]*)://(?:[^@/\s"']*@)?)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]{2,5}))?`)

// hostWords end the names of variables whose value is a host alone.
var hostWords = []string{"HOST", "HOSTNAME", "ADDR", "ADDRESS", "ENDPOINT", "URL", "URI", "SERVER"}

// toldOf are the Services that the environment and the arguments of a workload,
// and the ConfigMaps it takes, name.
func (e *Engine) toldOf(w *model.Workload) []call {
	var out []call
	peer, caller := w.Peers()[0], text(w.Ref)
	add := func(words string, sure bool, d verdict.Decider) {
		for _, m := range mentioned.FindAllStringSubmatch(words, -1) {
			if !sure && m[1] == "" && m[3] == "" && !strings.Contains(m[2]+".", ".svc.") {
				continue
			}
			svc, found := e.s.ServiceNamed(m[2], w.Ref.Namespace)
			if !found {
				continue
			}
			port := portMentioned(svc, m[1], m[3])
			if slices.ContainsFunc(out, func(c call) bool { return c.service.Ref.Same(svc.Ref) && c.port == port }) {
				continue
			}
			d.Reason = "names " + svc.Ref.Name
			out = append(out, call{from: peer, text: caller, service: svc, port: port, by: d})
		}
	}
	for at, c := range w.Containers() {
		for i, v := range c.Env {
			host := slices.ContainsFunc(hostWords, func(s string) bool { return strings.HasSuffix(strings.ToUpper(v.Name), s) })
			add(strings.TrimSpace(v.Value), host, decider(w.Object, at+patch.Pointer("env", i), v.Name, ""))
		}
		for _, list := range []struct {
			field string
			words []string
		}{{"command", c.Command}, {"args", c.Args}} {
			for i, arg := range list.words {
				add(arg, false, decider(w.Object, at+patch.Pointer(list.field, i), "", ""))
			}
		}
	}
	for _, name := range model.TakenConfigMaps(w.Spec()) {
		cm, found := model.ConfigMaps.Get(e.s, w.Ref.Namespace, name)
		if !found {
			continue
		}
		for _, k := range sortedKeys(cm.Value.Data) {
			host := slices.ContainsFunc(hostWords, func(s string) bool { return strings.HasSuffix(strings.ToUpper(k), s) })
			add(cm.Value.Data[k], host && !strings.ContainsAny(cm.Value.Data[k], " \n"), decider(cm.Object, patch.Pointer("data", k), k, ""))
		}
	}
	return out
}

// portMentioned is the port of an address: the one it names, that of its scheme,
// else the one that callers of the Service most likely mean.
func portMentioned(svc model.Item[corev1.Service], scheme, port string) int32 {
	if n, err := strconv.ParseInt(port, 10, 32); err == nil {
		return int32(n)
	}
	usual := map[string]int32{"http": 80, "https": 443}[scheme]
	for _, sp := range svc.Value.Spec.Ports {
		if usual != 0 && sp.Port == usual {
			return usual
		}
	}
	t := target{service: &svc}
	t.choose()
	return t.number
}

func sortedKeys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// routedCalls are what gateways and ingress controllers pass on.
func (e *Engine) routedCalls() []call {
	var out []call
	for _, vs := range model.VirtualServices.In(e.s, "") {
		for _, g := range vs.Value.Spec.GetGateways() {
			if g == "mesh" {
				continue
			}
			r := model.GatewayRef(g, vs.Ref.Namespace)
			end, err := e.gateway(spelling{kind: "gateway.networking.istio.io", namespace: r.Namespace, name: r.Name})
			if err != nil || len(end.Peers) == 0 {
				continue
			}
			for i, route := range vs.Value.Spec.GetHttp() {
				for _, d := range route.GetRoute() {
					ns, name, isService := e.s.ServiceName(e.s.FQDN(d.GetDestination().GetHost(), vs.Ref.Namespace))
					if svc, found := model.Services.Get(e.s, ns, name); isService && found {
						by := decider(vs.Object, patch.Pointer("spec", "http", i), fmt.Sprintf("http[%d]", i), "routes to %s", name)
						out = append(out, call{from: end.Peers[0], text: end.Text, service: svc, port: int32(d.GetDestination().GetPort().GetNumber()), by: by})
					}
				}
			}
		}
	}
	out = append(out, e.gatewayAPICalls()...)
	for _, ing := range model.Ingresses.In(e.s, "") {
		for i, r := range ing.Value.Spec.Rules {
			if r.HTTP == nil {
				continue
			}
			for j, p := range r.HTTP.Paths {
				if p.Backend.Service == nil {
					continue
				}
				if svc, found := model.Services.Get(e.s, ing.Ref.Namespace, p.Backend.Service.Name); found {
					by := decider(ing.Object, patch.Pointer("spec", "rules", i, "http", "paths", j), "", "routes to %s", svc.Ref.Name)
					out = append(out, call{from: outside, text: "ingress controller", service: svc, port: p.Backend.Service.Port.Number, by: by})
				}
			}
		}
	}
	return out
}

// gatewayAPICalls are what the Gateways of the Gateway API pass on.
func (e *Engine) gatewayAPICalls() []call {
	var out []call
	for _, route := range model.HTTPRoutes.In(e.s, "") {
		for _, parent := range route.Value.Spec.ParentRefs {
			ns := model.NamespaceOf(parent.Namespace, route.Ref.Namespace)
			gw, found := model.Gateways.Get(e.s, ns, string(parent.Name))
			if !found || parent.Kind != nil && *parent.Kind != "Gateway" {
				continue
			}
			end := e.apiGateway(gw.Object, string(gw.Value.Spec.GatewayClassName))
			for i, rule := range route.Value.Spec.Rules {
				for _, b := range rule.BackendRefs {
					svc, found := model.Services.Get(e.s, model.NamespaceOf(b.Namespace, route.Ref.Namespace), string(b.Name))
					if !found || b.Port == nil {
						continue
					}
					by := decider(route.Object, patch.Pointer("spec", "rules", i), "", "routes to %s", svc.Ref.Name)
					out = append(out, call{from: end.Peers[0], text: end.Text, service: svc, port: int32(*b.Port), by: by})
				}
			}
		}
	}
	return out
}

// scrapes are what Prometheus asks for, by ServiceMonitors and annotations.
func (e *Engine) scrapes() []call {
	end, err := e.prometheus()
	if err != nil {
		return nil
	}
	var out []call
	for _, sm := range model.ServiceMonitors.In(e.s, "") {
		set := sm.Value.Spec.Selector.MatchLabels
		for _, svc := range model.Services.In(e.s, "") {
			own := svc.Ref.Namespace == sm.Ref.Namespace && len(sm.Value.Spec.NamespaceSelector.MatchNames) == 0
			if !own && !sm.Value.Spec.NamespaceSelector.Any && !slices.Contains(sm.Value.Spec.NamespaceSelector.MatchNames, svc.Ref.Namespace) ||
				!labels.SelectorFromSet(set).Matches(labels.Set(svc.Value.Labels)) {
				continue
			}
			for i, ep := range sm.Value.Spec.Endpoints {
				for _, p := range svc.Value.Spec.Ports {
					if p.Name == ep.Port {
						by := decider(sm.Object, patch.Pointer("spec", "endpoints", i), "", "scrapes %s", svc.Ref.Name)
						out = append(out, call{from: end.Peers[0], text: "prometheus", service: svc, port: p.Port, by: by})
					}
				}
			}
		}
	}
	for _, w := range e.s.Workloads("") {
		notes := w.Template.Annotations
		// The sidecar serves merged metrics on a port of its own unless told not to.
		plane, _ := e.mesh.Dataplane(w.Peers()[0])
		if notes["prometheus.io/scrape"] != "true" || plane == model.SidecarProxy && notes["prometheus.istio.io/merge-metrics"] != "false" {
			continue
		}
		if port, err := strconv.ParseInt(notes["prometheus.io/port"], 10, 32); err == nil {
			by := decider(w.Object, w.At+"/metadata/annotations", "", "asks to be scraped")
			out = append(out, call{from: end.Peers[0], text: "prometheus", to: w, port: int32(port), by: by})
		}
	}
	return out
}
