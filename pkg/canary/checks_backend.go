// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"fmt"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// first is the object that destination findings are about.
func (c inspection) first() traffic.Route { return c.Shifts[0].Route }

// checkHosts refuses legs whose host stands for nothing.
func checkHosts(c inspection) {
	r := c.first()
	for _, b := range c.legs() {
		h := c.Resolve(b.Host, r.Object.Ref.Namespace)
		if h.Known() || h.Problem == "" {
			continue
		}
		c.found("KM8001", finding.Error, r.Object, r.Pointer, fmt.Sprintf("host %s resolves to nothing: %s", b.Host, h.Problem), "", "")
	}
}

// service returns the Service behind a backend.
func (c inspection) service(b traffic.Backend) (model.Item[corev1.Service], bool) {
	ns, name, _ := c.ServiceName(b.Host)
	return model.Services.Get(c.Snapshot, ns, name)
}

// checkPorts refuses an Istio leg without a port where the Service has several:
// Istio rejects it (IST0112).
func checkPorts(c inspection) {
	svc, found := c.service(c.Pair.Canary)
	if !found || len(svc.Value.Spec.Ports) < 2 {
		return
	}
	for _, s := range c.Shifts {
		like, has := s.Leg(c.Pair.Canary)
		if !has {
			like, _ = s.Leg(c.Pair.Stable)
		}
		if s.Object.Ref.Group == model.IstioNetworking && like.Port == 0 {
			c.found("KM8008", finding.Error, s.Object, like.Pointer,
				fmt.Sprintf("the destination names no port, and %s has %d", svc.Ref, len(svc.Value.Spec.Ports)),
				"add destination.port.number to every destination of the route", "")
		}
	}
}

// checkClientRules finds callers that do not see the canary's subset because
// their namespace has a DestinationRule of its own for the host.
func checkClientRules(c inspection) {
	b := c.Pair.Canary
	if b.Subset == "" || !c.raising() {
		return
	}
	for _, ns := range c.ClientRuleNamespaces(b.Host) {
		d := c.Destination(b.Host, ns)
		if _, found := d.Subset(b.Subset); !found && len(d.Rules) > 0 {
			c.found("KM8005", finding.Error, d.Rules[0].Object, "/spec/subsets",
				fmt.Sprintf("callers in namespace %s use this rule for %s, and it does not define subset %s: they would get 503", ns, b.Host, b.Subset),
				"define the subset there too, or remove the rule", "")
		}
	}
}

// checkReady asks for ready endpoints behind the canary before it gets traffic,
// and for enough of them: as many per share of traffic as the stable leg has.
func checkReady(c inspection) {
	if !c.raising() || c.Partial {
		return
	}
	r := c.first()
	canary, known := c.backing(c.Pair.Canary)
	if !known {
		return
	}
	if canary.Unknown() {
		c.found("KM8022", finding.Warning, r.Object, "", "whether the canary has ready endpoints is unknown: "+canary.Reason, "", "")
		return
	}
	if canary.Ready == 0 {
		c.found("KM8022", finding.Error, r.Object, r.Pointer,
			fmt.Sprintf("no endpoint of %s is ready (%d exist): its requests would get 503", Label(c.Pair.Canary), canary.Total),
			fmt.Sprintf("kubectl get pods -n %s -l %s", c.Target.Namespace, c.selector(c.Pair.Canary)), OverrideUnready)
		return
	}
	stable, known := c.backing(c.Pair.Stable)
	if !known || stable.Unknown() {
		return
	}
	if need := capacity(c.in.Weight, stable.Ready, c.in.Headroom); canary.Ready < need {
		c.found("KM8027", finding.Error, r.Object, r.Pointer,
			fmt.Sprintf("%s has %d ready endpoints, %s%% of the load of %d needs %d", Label(c.Pair.Canary), canary.Ready, c.in.Weight, stable.Ready, need),
			"scale the canary up first", OverrideUnready)
	}
}

// capacity is the number of endpoints that carry a share of what the stable
// leg's carry now. Where the stable leg carries less than everything, this asks
// for no more than is needed: the canary's own part is counted as the stable's.
func capacity(weight Percent, stable int, headroom float64) int {
	return int(math.Ceil(float64(weight) / float64(hundred) * float64(stable) * headroom))
}

// backing counts the endpoints of a leg; known is false when its host is no
// Service of the Snapshot.
func (c inspection) backing(b traffic.Backend) (model.Ready, bool) {
	svc, found := c.service(b)
	if !found {
		return model.Ready{}, false
	}
	sub, _ := c.Destination(b.Host, c.Target.Namespace).Subset(b.Subset)
	return c.Backing(svc, sub.Labels), true
}

// selector is the label selector of a leg's pods, for commands.
func (c inspection) selector(b traffic.Backend) string {
	var pairs []string
	if svc, found := c.service(b); found {
		for k, v := range svc.Value.Spec.Selector {
			pairs = append(pairs, k+"="+v)
		}
	}
	sub, _ := c.Destination(b.Host, c.Target.Namespace).Subset(b.Subset)
	for k, v := range sub.Labels {
		pairs = append(pairs, k+"="+v)
	}
	slices.Sort(pairs)
	return strings.Join(slices.Compact(pairs), ",")
}

// checkCoverage names the callers that the split does not reach.
func checkCoverage(c inspection) {
	for _, o := range c.objects() {
		vs, ok := model.VirtualServices.Of(o)
		if ok && len(vs.Value.Spec.Gateways) > 0 && !slices.Contains(vs.Value.Spec.Gateways, "mesh") {
			c.found("KM8024", finding.Warning, o, "/spec/gateways",
				fmt.Sprintf("it is bound to %s and not to mesh: calls from inside the mesh are not split", strings.Join(vs.Value.Spec.Gateways, ", ")), "", "")
		}
	}
	svc, found := c.service(c.Pair.Canary)
	if !found || c.first().Object.Ref.Group != model.IstioNetworking || c.Partial {
		return
	}
	var outside int
	callers := model.Pods.In(c.Snapshot, c.Target.Namespace)
	behind := c.Selected(svc)
	for _, p := range callers {
		isBehind := slices.ContainsFunc(behind, func(b model.Item[corev1.Pod]) bool { return b.Object == p.Object })
		if !isBehind && !model.InMesh(p.Value) && p.Value.Status.Phase == corev1.PodRunning {
			outside++
		}
	}
	if outside == 0 || c.Pair.Canary.Host != c.Pair.Stable.Host {
		return
	}
	canary, _ := c.backing(c.Pair.Canary)
	all := c.Backing(svc, nil)
	if canary.Unknown() || all.Unknown() {
		return
	}
	c.found("KM8024", finding.Warning, c.first().Object, "",
		fmt.Sprintf("%d pods of namespace %s have no proxy: their calls are not split and reach the canary with %d of %d endpoints",
			outside, c.Target.Namespace, canary.Ready, all.Ready), "", "")
}

// checkSticky warns where a hash of the request chooses the endpoint: it chooses
// within a leg only, so that a user may change version between two requests.
func checkSticky(c inspection) {
	for _, b := range c.legs() {
		for _, r := range c.Destination(b.Host, c.Target.Namespace).Rules {
			if r.Value.Spec.GetTrafficPolicy().GetLoadBalancer().GetConsistentHash() != nil {
				c.found("KM8023", finding.Warning, r.Object, "/spec/trafficPolicy/loadBalancer/consistentHash",
					"a weighted split is drawn anew for each request: consistentHash does not keep a user on one version", "", "")
			}
		}
	}
}
