// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	k8slabels "k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// checkGateways names the callers that a VirtualService does not reach because
// of its gateways, and hosts that a Gateway does not serve (IST0132).
func checkGateways(c inspection) {
	for _, o := range c.objects() {
		vs, ok := model.VirtualServices.Of(o)
		if !ok || len(vs.Value.Spec.Gateways) == 0 {
			continue
		}
		bound := vs.Value.Spec.Gateways
		if !slices.Contains(bound, "mesh") {
			c.found(ruleCoverage, finding.Warning, o, "/spec/gateways",
				fmt.Sprintf("it is bound to %s and not to mesh: calls from inside the mesh are not split", strings.Join(bound, ", ")), "", "")
		}
		for _, name := range bound {
			if g, found := c.gateway(name, o.Ref.Namespace); found && !c.serves(g, vs) {
				c.found(ruleGatewayHost, finding.Warning, o, "/spec/hosts",
					fmt.Sprintf("%s serves none of its hosts: no request from there reaches its routes", g.Ref), "", "")
			}
		}
	}
}

type istioGateway = model.Item[istionetv1.Gateway]

// gateway finds what "name" or "namespace/name" in a VirtualService stands for.
func (c inspection) gateway(name, namespace string) (istioGateway, bool) {
	if ns, rest, qualified := strings.Cut(name, "/"); qualified {
		namespace, name = ns, rest
	}
	return model.IstioGateways.Get(c.Snapshot, namespace, name)
}

// serves reports whether a server of a Gateway takes requests for a host of a
// VirtualService.
func (c inspection) serves(g istioGateway, vs virtualService) bool {
	return slices.ContainsFunc(g.Value.Spec.Servers, func(s *networking.Server) bool {
		return slices.ContainsFunc(s.Hosts, func(pattern string) bool {
			from, pattern, scoped := strings.Cut(pattern, "/")
			if !scoped {
				from, pattern = "*", from
			}
			if from != "*" && from != vs.Ref.Namespace && (from != "." || g.Ref.Namespace != vs.Ref.Namespace) {
				return false
			}
			return slices.ContainsFunc(vs.Value.Spec.Hosts, func(h string) bool {
				host := c.FQDN(h, vs.Ref.Namespace)
				return model.Covers(pattern, host) || model.Covers(host, pattern)
			})
		})
	})
}

// checkCallers counts the pods that call past the split: without a proxy they
// reach whatever endpoint the Service gives them.
func checkCallers(c inspection) {
	svc, found := c.service(c.Pair.Canary)
	if !found || !c.meshed() || c.Pair.Canary.Host != c.Pair.Stable.Host {
		return
	}
	behind := c.Selected(svc)
	outside := 0
	for _, p := range model.Pods.In(c.Snapshot, c.Target.Namespace) {
		isBehind := slices.ContainsFunc(behind, func(b model.Item[corev1.Pod]) bool { return b.Object == p.Object })
		if !isBehind && !model.InMesh(p.Value) && p.Value.Status.Phase == corev1.PodRunning {
			outside++
		}
	}
	canary, _ := c.backing(c.Pair.Canary)
	all := c.Backing(svc, nil)
	if outside == 0 || canary.Unknown() || all.Unknown() {
		return
	}
	c.found(ruleCoverage, finding.Warning, c.first().Object, "",
		fmt.Sprintf("calls of pods without a proxy (%d in namespace %s) are not split: they reach the canary with %d of %d endpoints",
			outside, c.Target.Namespace, canary.Ready, all.Ready), "", "")
}

// meshed reports whether the split is Istio's and the pods are known.
func (c inspection) meshed() bool {
	_, gap := c.Gap(model.Pods.GroupKind, c.Target.Namespace)
	return !gap && !c.Partial && c.first().Object.Ref.Group == model.IstioNetworking
}

// waypointLabel names the waypoint of a Service or namespace; "none" is none.
const waypointLabel = "istio.io/use-waypoint"

// checkMesh looks at the canary's own pods: without a proxy they give no
// metrics and take no mutual TLS; behind ztunnel alone nothing reads weights,
// only a waypoint does.
func checkMesh(c inspection) {
	svc, found := c.service(c.Pair.Canary)
	if !found || !c.raising() || !c.meshed() {
		return
	}
	sub, _ := c.Destination(c.Pair.Canary.Host, c.Target.Namespace).Subset(c.Pair.Canary.Subset)
	want := k8slabels.SelectorFromSet(sub.Labels)
	pods, bare, ambient := 0, 0, 0
	for _, p := range c.Selected(svc) {
		switch {
		case !want.Matches(k8slabels.Set(p.Value.Labels)):
			continue
		case model.Ambient(p.Value):
			ambient++
		case !model.InMesh(p.Value):
			bare++
		}
		pods++
	}
	o, at := c.place(c.Pair.Canary)
	if bare > 0 {
		c.found(ruleMesh, finding.Warning, o, at,
			fmt.Sprintf("pods of %s without a proxy: %d of %d; they report no metrics and cannot take mutual TLS", Label(c.Pair.Canary), bare, pods),
			"enable injection for them and restart them", "")
	}
	if reason := c.waypointUnknown(svc); ambient > 0 && reason != "" {
		c.found(ruleMesh, finding.Info, o, at, fmt.Sprintf("whether a waypoint splits the calls to %s is unknown: %s", svc.Ref, reason), "", "")
	} else if ambient > 0 && !c.waypoint(svc) {
		c.found(ruleMesh, finding.Warning, o, at,
			fmt.Sprintf("%s is in the ambient mesh and has no waypoint: calls through ztunnel are not split", svc.Ref),
			fmt.Sprintf("kubectl label service -n %s %s %s=WAYPOINT", svc.Ref.Namespace, svc.Ref.Name, waypointLabel), "")
	}
}

// waypointUnknown says why nothing can be said: a Service without the label may
// have its waypoint from its namespace, which was not read.
func (c inspection) waypointUnknown(svc model.Item[corev1.Service]) string {
	_, labelled := svc.Value.Labels[waypointLabel]
	if _, read := model.Namespaces.Get(c.Snapshot, "", svc.Ref.Namespace); labelled || read {
		return ""
	}
	return "the labels of namespace " + svc.Ref.Namespace + " were not read"
}

func (c inspection) waypoint(svc model.Item[corev1.Service]) bool {
	name, found := svc.Value.Labels[waypointLabel]
	if ns, known := model.Namespaces.Get(c.Snapshot, "", svc.Ref.Namespace); !found && known {
		name = ns.Value.Labels[waypointLabel]
	}
	return name != "" && name != "none"
}

// checkSticky warns where a hash of the request chooses the endpoint: it chooses
// within a leg only, so that a user may change version between two requests.
func checkSticky(c inspection) {
	for _, b := range c.legs() {
		for _, r := range c.Destination(b.Host, c.Target.Namespace).Rules {
			if r.Value.Spec.GetTrafficPolicy().GetLoadBalancer().GetConsistentHash() != nil {
				c.found(ruleSticky, finding.Warning, r.Object, "/spec/trafficPolicy/loadBalancer/consistentHash",
					"a weighted split is drawn anew for each request: consistentHash does not keep a user on one version", "", "")
			}
		}
	}
}
