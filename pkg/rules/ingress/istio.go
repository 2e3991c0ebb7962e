// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	"slices"
	"strings"

	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// proxies finds the workloads that Istio Gateways select. A selector counts in
// all namespaces.
type proxies struct {
	w     *rules.World
	found map[string][]*model.Workload
}

func newProxies(w *rules.World) *proxies {
	return &proxies{w: w, found: map[string][]*model.Workload{}}
}

// of returns the workloads that a Gateway selects; none for one without a
// selector, which all proxies of gateways take.
func (p *proxies) of(gw *istionetv1.Gateway) []*model.Workload {
	set := labels.Set(gw.Spec.Selector)
	if len(set) == 0 {
		return nil
	}
	key := set.String()
	if known, done := p.found[key]; done {
		return known
	}
	out := p.w.SelectAnywhere(labels.SelectorFromSet(set))
	p.found[key] = out
	return out
}

// absence says what it proves that no workload has the labels of a Gateway.
// Proxies are mostly installed apart from applications: that files hold others
// counts only when some of these look like one.
func (p *proxies) absence(gw *istionetv1.Gateway) model.Absence {
	out := model.Proven
	for _, k := range model.WorkloadKinds {
		out = min(out, p.w.Absence(k, ""))
	}
	if out == model.Unknown || !p.w.Partial {
		return out
	}
	if len(p.similar(gw)) > 0 {
		return model.NotInSet
	}
	return model.Outside
}

// similar are the labels, "key=value", of workloads that have a label of the
// selector with another value.
func (p *proxies) similar(gw *istionetv1.Gateway) []string {
	var out []string
	for _, workload := range p.w.Workloads("") {
		for key := range gw.Spec.Selector {
			if v, has := workload.Template.Labels[key]; has && (key == "istio" || isGateway(workload)) {
				out = append(out, key+"="+v)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// isGateway recognises the pods of a gateway: the injector fills in the proxy
// as the only container (https://istio.io/latest/docs/setup/additional-setup/gateway/).
func isGateway(w *model.Workload) bool {
	return w.Template.Annotations["inject.istio.io/templates"] == "gateway" ||
		(len(w.Spec().Containers) == 1 && w.Spec().Containers[0].Name == "istio-proxy")
}

// splitHost splits a host of a Gateway's server, "namespace/name" or "name".
func splitHost(host string) (namespace, name string) {
	if ns, dns, scoped := strings.Cut(host, "/"); scoped {
		return ns, dns
	}
	return "*", host
}

// admits reports whether the namespace part of a server's host lets in the
// VirtualServices of a namespace.
func admits(scope, gateway, virtualService string) bool {
	return scope == "*" || scope == virtualService || (scope == "." && gateway == virtualService)
}

// overlap reports whether one of two host patterns covers the other.
func overlap(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return model.Covers(a, b) || model.Covers(b, a)
}
