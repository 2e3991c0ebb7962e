// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"slices"

	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// use is what a host in an Istio object is for.
type use int

const (
	routed  use = iota // traffic is sent to it
	ruled              // a DestinationRule is about it
	matched            // a VirtualService is about it
)

// hostField is one place where an Istio object names a host.
type hostField struct {
	host string
	// at is the JSON Pointer of the name.
	at  string
	use use
}

// hostsOf lists the hosts of a VirtualService that the mesh looks up. The hosts
// of one for gateways only are left out: they are names of the outside.
func hostsOf(vs *istionetv1.VirtualService) []hostField {
	var out []hostField
	gateways := vs.Spec.GetGateways()
	if len(gateways) == 0 || slices.Contains(gateways, "mesh") {
		for i, h := range vs.Spec.GetHosts() {
			out = append(out, hostField{h, patch.Pointer("spec", "hosts", i), matched})
		}
	}
	add := func(host string, at ...any) {
		if host != "" {
			out = append(out, hostField{host, patch.Pointer(append(at, "host")...), routed})
		}
	}
	for i, r := range vs.Spec.GetHttp() {
		for j, leg := range r.GetRoute() {
			add(leg.GetDestination().GetHost(), "spec", "http", i, "route", j, "destination")
		}
		add(r.GetMirror().GetHost(), "spec", "http", i, "mirror")
		for j, leg := range r.GetMirrors() {
			add(leg.GetDestination().GetHost(), "spec", "http", i, "mirrors", j, "destination")
		}
	}
	for i, r := range vs.Spec.GetTls() {
		for j, leg := range r.GetRoute() {
			add(leg.GetDestination().GetHost(), "spec", "tls", i, "route", j, "destination")
		}
	}
	for i, r := range vs.Spec.GetTcp() {
		for j, leg := range r.GetRoute() {
			add(leg.GetDestination().GetHost(), "spec", "tcp", i, "route", j, "destination")
		}
	}
	return out
}

// fieldsOf lists the hosts that an object names; none, if it is neither a
// VirtualService nor a DestinationRule.
func fieldsOf(o *model.Object) []hostField {
	if vs, ok := model.VirtualServices.Of(o); ok {
		return hostsOf(vs.Value)
	}
	if dr, ok := model.DestinationRules.Of(o); ok && dr.Value.Spec.GetHost() != "" {
		return []hostField{{dr.Value.Spec.GetHost(), "/spec/host", ruled}}
	}
	return nil
}

// routers are the objects whose hosts fieldsOf lists.
func routers(w *rules.World) []*model.Object {
	return slices.Concat(w.OfKind(model.VirtualServices.GroupKind), w.OfKind(model.DestinationRules.GroupKind))
}
