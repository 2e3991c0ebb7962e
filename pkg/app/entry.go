// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	istionetworking "istio.io/api/networking/v1alpha3"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// entries are the ServiceEntries: what is outside and somebody calls, one for each
// host, as the mesh does not join those of one host.
func (y *system) entries() []runtime.Object {
	if y.Platform.Mesh == meshNone {
		return nil
	}
	var out []runtime.Object
	byHost := map[string]*istionetworking.ServiceEntry{}
	for _, o := range y.outside {
		if o.external == nil || len(o.callers) == 0 {
			continue
		}
		spec := byHost[o.host]
		if spec == nil {
			one := y.entry(o)
			spec = &one.Spec
			byHost[o.host] = spec
			out = append(out, spelled{one, map[string]any{"location": spec.Location.String(), "resolution": spec.Resolution.String()}})
		}
		same := func(p *istionetworking.ServicePort) bool { return p.Number == uint32(o.port) }
		if !slices.ContainsFunc(spec.Ports, same) {
			spec.Ports = append(spec.Ports, &istionetworking.ServicePort{
				Name: fmt.Sprintf("%s-%d", o.spoken, o.port), Number: uint32(o.port), Protocol: strings.ToUpper(o.spoken),
			})
			slices.SortFunc(spec.Ports, func(a, b *istionetworking.ServicePort) int { return cmp.Compare(a.Number, b.Number) })
		}
	}
	return out
}

// entry is one without ports. Addresses make it STATIC; a network has no one
// address to connect to, so that NONE leaves it to the caller's
// (https://istio.io/latest/docs/reference/config/networking/service-entry/).
func (y *system) entry(o outside) *istionetv1.ServiceEntry {
	out := &istionetv1.ServiceEntry{
		TypeMeta:   metav1.TypeMeta{APIVersion: istioNetworking, Kind: "ServiceEntry"},
		ObjectMeta: metav1.ObjectMeta{Name: o.name, Namespace: y.Metadata.Namespace, Labels: y.labels()},
	}
	spec := &out.Spec
	spec.Hosts, spec.ExportTo = []string{o.host}, []string{"."}
	spec.Location, spec.Resolution = istionetworking.ServiceEntry_MESH_EXTERNAL, istionetworking.ServiceEntry_DNS
	if len(o.external.Addresses) == 0 {
		return out
	}
	spec.Addresses, spec.Resolution = o.external.Addresses, istionetworking.ServiceEntry_STATIC
	for _, a := range o.external.Addresses {
		if _, err := netip.ParseAddr(a); err != nil {
			spec.Endpoints, spec.Resolution = nil, istionetworking.ServiceEntry_NONE
			return out
		}
		spec.Endpoints = append(spec.Endpoints, &istionetworking.WorkloadEntry{Address: a})
	}
	return out
}
