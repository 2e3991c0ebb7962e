// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach_test

import (
	"encoding/json"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
)

// oddKinds are the kinds that a fuzzed object may be of.
var oddKinds = [][2]string{
	{"networking.k8s.io/v1", "NetworkPolicy"}, {"security.istio.io/v1", "AuthorizationPolicy"}, {"security.istio.io/v1", "PeerAuthentication"},
	{"security.istio.io/v1", "RequestAuthentication"}, {"networking.istio.io/v1", "VirtualService"}, {"networking.istio.io/v1", "DestinationRule"},
	{"networking.istio.io/v1", "Gateway"}, {"networking.istio.io/v1", "Sidecar"}, {"networking.istio.io/v1", "ServiceEntry"},
	{"networking.istio.io/v1alpha3", "EnvoyFilter"}, {"extensions.istio.io/v1alpha1", "WasmPlugin"}, {"networking.k8s.io/v1", "Ingress"},
	{"gateway.networking.k8s.io/v1", "HTTPRoute"}, {"gateway.networking.k8s.io/v1", "Gateway"}, {"v1", "Service"}, {"apps/v1", "Deployment"},
	{"policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"},
}

// FuzzWorld puts an object of any shape into a world: nothing panics, and every
// hop has a reason.
func FuzzWorld(f *testing.F) {
	for i, spec := range []string{
		"{podSelector: {}, ingress: [{from: [{}], ports: [{port: x}]}], policyTypes: [a]}", "{rules: [{from: [{}], to: [{}], when: [{}]}], targetRefs: [{}]}",
		"{selector: {}, portLevelMtls: {0: {}}, mtls: {}}", "{jwtRules: [{}, {issuer: a}]}", "{hosts: [cart, '*'], http: [{}, {match: [{}], route: [{}]}], tcp: [{}], gateways: [g]}",
		"{host: cart, subsets: [{}], trafficPolicy: {tls: {}, portLevelSettings: [{}]}}", "{selector: {app: cart}, servers: [{}]}", "{egress: [{}, {hosts: [a]}], outboundTrafficPolicy: {}}",
		"{hosts: [a.b], addresses: [x, 10.0.0.0/8], endpoints: [{}], ports: [{}]}", "{configPatches: [{}, 1], workloadSelector: {labels: {a: 1}}}", "{selector: {matchLabels: {app: cart}}, targetRefs: [{}]}",
		"{rules: [{}, {http: {paths: [{backend: {}}, {backend: {service: {name: cart}}}]}}]}", "{parentRefs: [{name: odd}], rules: [{backendRefs: [{name: cart}, {name: cart, port: 80}]}]}",
		"{gatewayClassName: istio-waypoint, listeners: [{}]}", "{selector: {app: cart}, type: ExternalName, externalName: cart, ports: [{}, {port: 1, targetPort: ''}]}",
		"{template: {spec: {containers: [{}], initContainers: [{}]}}}", "{subject: {}, ingress: [{}], egress: [{to: [{networks: [x]}]}]}",
	} {
		data, err := yaml.YAMLToJSON([]byte(spec))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), "odd", string(data))
		f.Add(uint8(i), "cart", string(data))
	}
	world := modeltest.Objects(f, "world.yaml", pods+three)
	f.Fuzz(func(t *testing.T, kind uint8, name, spec string) {
		var decoded any
		if json.Unmarshal([]byte(spec), &decoded) != nil || name == "" {
			return
		}
		k := oddKinds[int(kind)%len(oddKinds)]
		b := model.NewBuilder(model.Options{Partial: len(spec)%2 == 0})
		for _, o := range world {
			if o.Ref.Name != name || o.Ref.Kind != k[1] {
				b.Add(model.FromRaw(o.Raw(), "prod"))
			}
		}
		b.Add(model.FromRaw(map[string]any{"apiVersion": k[0], "kind": k[1], "metadata": map[string]any{"name": name, "namespace": "prod"}, "spec": decoded}, "prod"))
		s, _ := b.Build() // what does not fit is left out
		e := reach.New(s, reach.Options{})
		e.Map(reach.MapOptions{Exposed: true, Routed: true})
		e.Map(reach.MapOptions{})
		e.MTLS(reach.MTLSOptions{})
		for _, ends := range [][2]string{{"deploy/web", "svc/cart"}, {"shop/deploy/db", "deploy/cart"}, {"internet", "svc/cart"}, {"gateway/odd", "svc/cart"}, {"deploy/web", "a.b:80"}} {
			from, err := e.End(ends[0], "prod")
			if err != nil {
				continue
			}
			to, err := e.End(ends[1], "prod")
			if err != nil {
				continue
			}
			for _, h := range e.Check(from, to, reach.Request{Method: "GET", Path: "/a"}).Hops {
				if h.Reason == "" {
					t.Errorf("%s -> %s: hop %d %s has no reason: %+v", ends[0], ends[1], h.Number, h.Name, h)
				}
			}
		}
	})
}
