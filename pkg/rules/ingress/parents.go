// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package ingress

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// resolveParents checks that the Gateways of a route are there and let it in.
func resolveParents(w *rules.World, emit rules.Emit, r route) {
	for i, p := range r.parents {
		at := patch.Pointer("spec", "parentRefs", i)
		if !isKind(p.Group, p.Kind, model.Gateways.Kind) {
			continue // a Service (in the mesh) or a set of listeners
		}
		target := model.Gateways.Ref(model.NamespaceOf(p.Namespace, r.Ref.Namespace), string(p.Name))
		gw, found := model.Gateways.Get(w.Snapshot, target.Namespace, target.Name)
		if !found {
			reportNoParent(w, emit, r, at, target)
			continue
		}
		pointer, message := refusal(w, r, p, gw)
		if message == "" {
			continue
		}
		f := emit(r.Object, at+pointer, "%s %s", gw.Ref, message)
		f.Related = []ref.Ref{gw.Ref}
	}
}

func reportNoParent(w *rules.World, emit rules.Emit, r route, at string, target ref.Ref) {
	absence, missing := w.Missing(model.Gateways.Kind, target.Namespace, target.Name)
	if !missing {
		return
	}
	f := rules.Weigh(emit(r.Object, at+"/name", "%s %s", target, absence), absence)
	f.Related = []ref.Ref{target}
	var names []string
	for _, gw := range model.Gateways.In(w.Snapshot, "") {
		if gw.Ref.Name == target.Name {
			f.Hint = "there is " + gw.Ref.String() + ": give the parentRef this namespace"
			f.Severity, f.Confidence = max(f.Severity, finding.Warning), min(f.Confidence, finding.Likely)
			return
		}
		if gw.Ref.Namespace == target.Namespace {
			names = append(names, gw.Ref.Name)
		}
	}
	f.Hint = rules.DidYouMean(target.Name, names)
}

// refusal says why no listener of a Gateway takes a route, and which field of
// the reference to blame; empty when one does, or may.
func refusal(w *rules.World, r route, p gatewayv1.ParentReference, gw model.Item[gatewayv1.Gateway]) (pointer, message string) {
	var names []string
	var named []gatewayv1.Listener
	for _, l := range gw.Value.Spec.Listeners {
		names = append(names, string(l.Name))
		if (p.SectionName == nil || *p.SectionName == l.Name) && (p.Port == nil || *p.Port == l.Port) {
			named = append(named, l)
		}
	}
	if len(names) == 0 {
		return "", "" // listeners may come from elsewhere
	}
	if len(named) == 0 {
		if p.SectionName != nil && !slices.Contains(names, string(*p.SectionName)) {
			return "/sectionName", "has no listener " + string(*p.SectionName) + ": it has " + strings.Join(names, ", ")
		}
		return "/port", "has no listener on that port"
	}
	why := ""
	for _, l := range named {
		reason := refuses(w, r, l, gw.Ref.Namespace)
		if reason == "" {
			return "", ""
		}
		if why == "" {
			why = "lets in no such route at listener " + string(l.Name) + ": " + reason
		}
	}
	return "/name", why
}

// refuses says why a listener does not take a route; empty when it does, or when
// the labels of the route's namespace are not known.
func refuses(w *rules.World, r route, l gatewayv1.Listener, gateway string) string {
	if l.AllowedRoutes != nil && len(l.AllowedRoutes.Kinds) > 0 {
		takes := slices.ContainsFunc(l.AllowedRoutes.Kinds, func(k gatewayv1.RouteGroupKind) bool {
			return string(k.Kind) == r.Ref.Kind && (k.Group == nil || string(*k.Group) == r.Ref.Group)
		})
		if !takes {
			return "its allowedRoutes.kinds leave out " + r.Ref.Kind
		}
	}
	if reason := refusesNamespace(w, r, l, gateway); reason != "" {
		return reason
	}
	if l.Hostname == nil || *l.Hostname == "" || len(r.hostnames) == 0 {
		return ""
	}
	if !slices.ContainsFunc(r.hostnames, func(h gatewayv1.Hostname) bool { return overlap(string(h), string(*l.Hostname)) }) {
		return "it is for " + string(*l.Hostname) + ", which none of the route's hostnames fits"
	}
	return ""
}

func refusesNamespace(w *rules.World, r route, l gatewayv1.Listener, gateway string) string {
	from, selector := gatewayv1.NamespacesFromSame, (*metav1.LabelSelector)(nil)
	if l.AllowedRoutes != nil && l.AllowedRoutes.Namespaces != nil {
		if l.AllowedRoutes.Namespaces.From != nil {
			from = *l.AllowedRoutes.Namespaces.From
		}
		selector = l.AllowedRoutes.Namespaces.Selector
	}
	switch from {
	case gatewayv1.NamespacesFromSame:
		if r.Ref.Namespace != gateway {
			return "its allowedRoutes are those of its own namespace (from: Same)"
		}
	case gatewayv1.NamespacesFromSelector:
		want, err := metav1.LabelSelectorAsSelector(selector)
		ns, known := model.Namespaces.Get(w.Snapshot, "", r.Ref.Namespace)
		if err != nil || !known {
			return ""
		}
		carries := labels.Merge(ns.Value.Labels, labels.Set{"kubernetes.io/metadata.name": r.Ref.Namespace})
		if !want.Matches(carries) {
			return "namespace " + r.Ref.Namespace + " does not carry the labels that its allowedRoutes ask for (" + want.String() + ")"
		}
	case gatewayv1.NamespacesFromNone:
		return "its allowedRoutes are none"
	}
	return ""
}

// resolveBackends checks that backends of other namespaces may be named.
func resolveBackends(w *rules.World, emit rules.Emit, r route, g *grants) {
	for _, b := range routeBackends(r) {
		pointer := strings.TrimSuffix(b.at, "/name") + "/namespace"
		g.check(emit, r.Object, pointer, model.Services.Kind, b.namespace, b.name)
	}
}

// resolveGateway checks what a Gateway names: its class and its certificates.
// Classes are mostly made by the controller, so that files do not hold them.
func resolveGateway(w *rules.World, emit rules.Emit, gw model.Item[gatewayv1.Gateway], g *grants) {
	if absence, missing := w.Missing(model.GatewayClasses.Kind, "", string(gw.Value.Spec.GatewayClassName)); missing && absence == model.Proven {
		f := emit(gw.Object, "/spec/gatewayClassName", "GatewayClass %s %s", gw.Value.Spec.GatewayClassName, absence)
		f.Related = []ref.Ref{model.GatewayClasses.Ref("", string(gw.Value.Spec.GatewayClassName))}
	}
	for i := range gw.Value.Spec.Listeners {
		for _, c := range listenerCredentials(gw, i) {
			g.check(emit, gw.Object, strings.TrimSuffix(c.at, "/name")+"/namespace", model.Secrets.Kind, c.namespace, c.name)
		}
	}
}
