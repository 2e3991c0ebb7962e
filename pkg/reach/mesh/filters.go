// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"slices"

	typev1beta1 "istio.io/api/type/v1beta1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// filterKinds change proxies in ways that nobody here evaluates.
var filterKinds = []ref.GroupKind{
	model.EnvoyFilters.GroupKind,
	model.WasmPlugins.GroupKind,
	{Group: model.IstioExtensions, Kind: "TrafficExtension"},
}

// filter is an object that changes proxies.
type filter struct {
	*model.Object
	targets targets
	// outbound, tls and http tell what it changes: what a client's proxy sends,
	// how a server's ends TLS, and what that makes of requests.
	outbound, tls, http bool
}

func (f *filter) attach() targets { return f.targets }

// readFilters finds what changes proxies. What Istio's installer brings along
// only measures.
func (e *Engine) readFilters() *index[*filter] {
	var all []*filter
	for _, gk := range filterKinds {
		for _, o := range e.s.OfKind(gk) {
			if get[map[string]any](o, "/metadata/labels")["operator.istio.io/component"] == nil {
				all = append(all, filterOf(o))
			}
		}
	}
	return newIndex(e.config.RootNamespace, all)
}

func filterOf(o *model.Object) *filter {
	f := &filter{Object: o, targets: targets{namespace: o.Ref.Namespace}}
	for _, at := range []string{"/spec/workloadSelector/labels", "/spec/selector/matchLabels"} {
		for k, v := range get[map[string]any](o, at) {
			if f.targets.selector == nil {
				f.targets.selector = map[string]string{}
			}
			f.targets.selector[k], _ = v.(string)
		}
	}
	for _, one := range append(get[[]any](o, "/spec/targetRefs"), get[any](o, "/spec/targetRef")) {
		if r, ok := one.(map[string]any); ok {
			text := func(k string) string { s, _ := r[k].(string); return s }
			f.targets.refs = append(f.targets.refs, &typev1beta1.PolicyTargetReference{
				Group: text("group"), Kind: text("kind"), Name: text("name"), Namespace: text("namespace"),
			})
		}
	}
	if o.Ref.Kind != "EnvoyFilter" {
		f.http = true
		return f
	}
	for i := range get[[]any](o, "/spec/configPatches") {
		at := patch.Pointer("spec", "configPatches", i)
		f.patches(get[string](o, at+"/applyTo"), get[string](o, at+"/match/context"))
	}
	return f
}

// patches adds what one patch changes.
func (f *filter) patches(applyTo, context string) {
	f.outbound = f.outbound || !slices.Contains([]string{"SIDECAR_INBOUND", "GATEWAY"}, context)
	if context == "SIDECAR_OUTBOUND" {
		return
	}
	switch applyTo {
	case "CLUSTER", "BOOTSTRAP":
	case "HTTP_FILTER", "HTTP_ROUTE", "VIRTUAL_HOST", "ROUTE_CONFIGURATION":
		f.http = true
	default:
		f.tls, f.http = true, true
	}
}

// get reads a field of an object that has no Go type; the zero value where it is
// missing or of another type.
func get[T any](o *model.Object, pointer string) T {
	found, _ := patch.Get(o.Raw(), pointer)
	out, _ := found.(T)
	return out
}

// doubted makes the answer of a proxy unknown where something changes what it
// does. A denial stays: what is added to a proxy seldom takes its policies away.
func (e *Engine) doubted(hop *verdict.Hop, at place, changes func(*filter) bool) {
	for _, f := range e.filters().at(at).policies {
		if !changes(f) {
			continue
		}
		why := f.Ref.String() + " changes the proxy: what comes of that is not evaluated"
		if hop.Verdict == verdict.Deny || hop.Verdict == verdict.Unknown && len(hop.Open) == 0 {
			hop.Notes = append(hop.Notes, why)
			continue
		}
		hop.Verdict, hop.Only, hop.Open = verdict.Unknown, false, nil
		hop.Decider = verdict.Decider{Object: f.Ref, Where: f.Where(""), Reason: why}
	}
}

// doubtTLS is doubted for both proxies of a connection.
func (e *Engine) doubtTLS(hop *verdict.Hop, r Request) {
	client := r.From
	if r.Via != nil {
		client = *r.Via
	}
	if d, _ := e.Dataplane(client); !r.Plaintext && (d == model.SidecarProxy || d == model.DataplaneUnknown) {
		e.doubted(hop, e.podPlace(client), func(f *filter) bool { return f.outbound })
	}
	if d, _ := e.Dataplane(r.To); d == model.SidecarProxy && captured(r.To, r.Port) || d == model.DataplaneUnknown {
		e.doubted(hop, e.podPlace(r.To), func(f *filter) bool { return f.tls })
	}
}

func changesHTTP(f *filter) bool { return f.http }
