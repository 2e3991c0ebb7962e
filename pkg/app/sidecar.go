// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"slices"

	istionetworking "istio.io/api/networking/v1alpha3"
	istionetv1 "istio.io/client-go/pkg/apis/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// sidecar tells the proxy of a workload whom it calls, and nobody else exists for
// it (https://istio.io/latest/docs/reference/config/networking/sidecar/). Calls to
// others end at once, with 502, where the NetworkPolicy alone lets them hang.
// istio-system is there for what the mesh itself sends.
func (s *service) sidecar() []runtime.Object {
	if s.of.Platform.Mesh != meshSidecar {
		return nil
	}
	hosts := []string{"istio-system/*"}
	for _, c := range s.calls {
		hosts = append(hosts, "./"+c.to.dnsName())
	}
	for _, o := range s.of.outside {
		if !slices.Contains(o.callers, s) {
			continue
		}
		from := "." // the namespace of the ServiceEntry
		if o.backing != nil {
			from = o.namespace()
		}
		hosts = append(hosts, from+"/"+o.host)
	}
	slices.Sort(hosts)
	out := &istionetv1.Sidecar{TypeMeta: metav1.TypeMeta{APIVersion: istioNetworking, Kind: "Sidecar"}, ObjectMeta: s.meta()}
	out.Spec.Egress = []*istionetworking.IstioEgressListener{{Hosts: slices.Compact(hosts)}}
	out.Spec.WorkloadSelector = &istionetworking.WorkloadSelector{Labels: s.selects()}
	registryOnly := map[string]any{"mode": istionetworking.OutboundTrafficPolicy_REGISTRY_ONLY.String()}
	return []runtime.Object{spelled{out, map[string]any{"outboundTrafficPolicy": registryOnly}}}
}
