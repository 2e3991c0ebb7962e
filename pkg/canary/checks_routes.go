// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

type virtualService = model.Item[istionetv1.VirtualService]

// checkRouters refuses to change a VirtualService and an HTTPRoute together:
// only one of them counts for a request, and which one depends on the mesh.
func checkRouters(c inspection) {
	first := c.Shifts[0]
	for _, s := range c.Shifts[1:] {
		if s.Router != first.Router {
			c.found(ruleRivals, finding.Error, s.Object, "",
				fmt.Sprintf("%s and %s both route %s; which of them counts is not known", first.Object.Ref, s.Object.Ref, c.Target.Name),
				fmt.Sprintf("name the one to change: kubectl micro canary %s --weight %s", first.Object.Ref.Short(), c.in.Weight), "")
			return
		}
	}
}

// checkRivals looks for other VirtualServices of the same host in the mesh:
// Istio does not merge them, the oldest counts alone
// (pilot/pkg/model/push_context.go sorts by creation time).
func checkRivals(c inspection) {
	for _, o := range c.objects() {
		ours, ok := model.VirtualServices.Of(o)
		if !ok || !inMesh(ours) {
			continue
		}
		for _, other := range model.VirtualServices.In(c.Snapshot, "") {
			host, shared := c.sharedHost(ours, other)
			if other.Object == o || !shared {
				continue
			}
			switch older(other, ours) {
			case 1:
				c.found(ruleRivals, finding.Error, o, "/spec/hosts",
					fmt.Sprintf("%s is older and has the host %s too: Istio ignores this one for calls in the mesh", other.Ref, host),
					fmt.Sprintf("merge the two into one VirtualService, or split traffic in the one that counts: kubectl micro canary %s -n %s --weight %s",
						"vs/"+other.Ref.Name, other.Ref.Namespace, c.in.Weight), "")
			case -1:
				c.found(ruleRivals, finding.Warning, o, "/spec/hosts",
					fmt.Sprintf("%s has the host %s too; it is younger and ignored", other.Ref, host), "", "")
			default:
				c.found(ruleRivals, finding.Warning, o, "/spec/hosts",
					fmt.Sprintf("%s has the host %s too; which one counts depends on which was created first", other.Ref, host), "", "")
			}
		}
	}
}

func inMesh(vs virtualService) bool {
	g := vs.Value.Spec.Gateways
	return len(vs.Value.Spec.Hosts) > 0 && (len(g) == 0 || slices.Contains(g, "mesh"))
}

// sharedHost finds a host that two VirtualServices of the mesh both claim, for
// clients in the service's namespace.
func (c inspection) sharedHost(a, b virtualService) (string, bool) {
	seen := func(v virtualService) bool {
		return model.Exported(v.Value.Spec.ExportTo, v.Ref.Namespace, c.Target.Namespace)
	}
	if !inMesh(b) || !seen(a) || !seen(b) {
		return "", false
	}
	for _, h := range a.Value.Spec.Hosts {
		fqdn := c.FQDN(h, a.Ref.Namespace)
		if slices.ContainsFunc(b.Value.Spec.Hosts, func(o string) bool { return c.FQDN(o, b.Ref.Namespace) == fqdn }) {
			return fqdn, true
		}
	}
	return "", false
}

// older returns 1 if a was created before b, -1 after, 0 if that is unknown.
// Objects of the same second are ordered by name, as Istio does.
func older(a, b virtualService) int {
	ta, tb := a.Value.CreationTimestamp.Time, b.Value.CreationTimestamp.Time
	if ta.IsZero() || tb.IsZero() {
		return 0
	}
	return cmp.Or(tb.Compare(ta), strings.Compare(b.Ref.Name+"."+b.Ref.Namespace, a.Ref.Name+"."+a.Ref.Namespace))
}

// checkDelegate looks at VirtualServices without hosts: they count only through
// a root that delegates to them and can see them.
func checkDelegate(c inspection) {
	for _, o := range c.objects() {
		vs, ok := model.VirtualServices.Of(o)
		if !ok || len(vs.Value.Spec.Hosts) > 0 {
			continue
		}
		roots := c.roots(vs)
		if len(roots) == 0 && !c.Partial {
			c.found(ruleDelegate, finding.Warning, o, "/spec", "it has no hosts and no VirtualService delegates to it: its routes are not used", "", "")
		}
		for _, root := range roots {
			if !model.Exported(vs.Value.Spec.ExportTo, o.Ref.Namespace, root.Ref.Namespace) {
				c.found(ruleExport, finding.Error, o, "/spec/exportTo",
					fmt.Sprintf("%s delegates to it but cannot see it: Istio drops the delegate without an error", root.Ref),
					fmt.Sprintf("add %q to exportTo", root.Ref.Namespace), "")
			} else {
				c.found(ruleDelegate, finding.Info, o, "", fmt.Sprintf("it takes its requests from %s", root.Ref), "", "")
			}
		}
	}
}

// roots are the VirtualServices that delegate to one.
func (c inspection) roots(delegate virtualService) []virtualService {
	return slices.DeleteFunc(model.VirtualServices.In(c.Snapshot, ""), func(root virtualService) bool {
		for _, h := range root.Value.Spec.Http {
			ns := h.Delegate.GetNamespace()
			if ns == "" {
				ns = root.Ref.Namespace
			}
			if h.Delegate != nil && h.Delegate.Name == delegate.Ref.Name && ns == delegate.Ref.Namespace {
				return false
			}
		}
		return true
	})
}

// checkStatus reads what the gateways said of a Gateway API route: one that
// none has accepted takes no traffic, and a split in it changes nothing.
func checkStatus(c inspection) {
	for _, o := range c.objects() {
		if o.Ref.Group != model.GatewayAPI || !o.Live() {
			continue
		}
		parents := parentsOf(o)
		if len(parents) == 0 {
			c.found(ruleAccepted, finding.Warning, o, "/status", "no gateway has reported on this route yet", "", "")
		}
		var rejections []string
		for _, p := range parents {
			if why := rejection(p, o.Meta().GetGeneration()); why != "" {
				rejections = append(rejections, why)
			}
		}
		severity := finding.Warning
		if len(rejections) == len(parents) {
			severity = finding.Error
		}
		for _, why := range rejections {
			c.found(ruleAccepted, severity, o, "/status", why, fmt.Sprintf("see its status: kubectl get -n %s %s -o yaml", o.Ref.Namespace, o.Ref.Short()), "")
		}
	}
}

// rejection says why a parent has not accepted a route; empty when it has, or
// has not said. News older than the object count for nothing.
func rejection(parent gatewayv1.RouteParentStatus, generation int64) string {
	for _, cond := range parent.Conditions {
		stale := cond.ObservedGeneration != 0 && cond.ObservedGeneration < generation
		if cond.Type == string(gatewayv1.RouteConditionAccepted) && cond.Status == metav1.ConditionFalse && !stale {
			return fmt.Sprintf("gateway %s has not accepted this route: %s", parent.ParentRef.Name, cond.Message)
		}
	}
	return ""
}

// parentsOf is what the gateways say of an HTTPRoute or GRPCRoute.
func parentsOf(o *model.Object) []gatewayv1.RouteParentStatus {
	if r, ok := model.HTTPRoutes.Of(o); ok {
		return r.Value.Status.Parents
	}
	if r, ok := model.GRPCRoutes.Of(o); ok {
		return r.Value.Status.Parents
	}
	return nil
}

// backendRefsLimit is the most backendRefs a Gateway API rule may have.
const backendRefsLimit = 16

// checkRoom refuses what the API server would: a leg beyond the limit.
func checkRoom(c inspection) {
	for _, s := range c.Shifts {
		_, has := s.Leg(c.Pair.Canary)
		if s.Object.Ref.Group == model.GatewayAPI && !has && len(s.Legs) >= backendRefsLimit {
			c.found(ruleRoom, finding.Error, s.Object, s.Pointer,
				fmt.Sprintf("the rule has %d backendRefs already, the most the API allows", len(s.Legs)), "remove one that gets no traffic", "")
		}
	}
}

// checkNotes passes on what a router has to say about a route.
func checkNotes(c inspection) {
	for _, s := range c.Shifts {
		for _, n := range s.Notes {
			c.found(ruleNote, finding.Info, s.Object, s.Pointer, s.ID()+": "+n, "", "")
		}
	}
}
