// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"encoding/json"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// seeds are specs with something odd in each corner.
var seeds = map[string][]string{
	"NetworkPolicy": {
		"{podSelector: {matchLabels: {app: back}}, ingress: [{from: [{namespaceSelector: {}, podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/24]}}], ports: [{port: web}, {port: 1, endPort: 9, protocol: UDP}]}]}",
		"{policyTypes: [Egress, Sideways], egress: [{}, {to: [{}]}, {to: [{ipBlock: {}}], ports: [{}, {port: ''}, {port: -1}]}]}",
		"{podSelector: {matchExpressions: [{key: a, operator: NotIn}, {operator: Exists}, {}]}}",
		"null",
	},
	"AdminNetworkPolicy": {
		"{priority: 1, subject: {namespaces: {}}, ingress: [{action: Allow, from: [{}], ports: [{portRange: {start: 9}}, {namedPort: web}, {}]}], egress: [{action: Deny, to: [{networks: ['::/0', x], nodes: {}}]}]}",
		"{subject: {}, ingress: [{}]}",
		"{ingress: [{from: [{}]}]}",
	},
	"ClusterNetworkPolicy": {
		"{tier: Baseline, priority: 0, subject: {pods: {}}, egress: [{action: Pass, to: [{networks: [0.0.0.0/0]}, {domainNames: [a.b]}], protocols: [{tcp: {destinationPort: {number: 8080}}}, {udp: {}}, {}]}]}",
		"{tier: X, ingress: [{action: Y, from: [{networks: []}]}]}",
	},
}

// FuzzDecide gives the engine policies of any shape: it never panics, every
// verdict has a reason, and the matrix agrees with it.
func FuzzDecide(f *testing.F) {
	for kind, specs := range seeds {
		for _, spec := range specs {
			data, err := yaml.YAMLToJSON([]byte(spec))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(kind, string(data))
		}
	}
	world := modeltest.Objects(f, "base.yaml", base)
	f.Fuzz(func(t *testing.T, kind, spec string) {
		var decoded any
		if json.Unmarshal([]byte(spec), &decoded) != nil {
			return
		}
		versions := map[string]string{"NetworkPolicy": "networking.k8s.io/v1", "ClusterNetworkPolicy": "policy.networking.k8s.io/v1alpha2"}
		version, known := versions[kind]
		if !known {
			version = "policy.networking.k8s.io/v1alpha1"
		}
		b := model.NewBuilder(model.Options{})
		for _, o := range world {
			b.Add(model.FromRaw(o.Raw(), "shop"))
		}
		b.Add(model.FromRaw(map[string]any{"apiVersion": version, "kind": kind, "metadata": map[string]any{"name": "default", "namespace": "shop"}, "spec": whole(decoded)}, "shop"))
		s, _ := b.Build() // what does not fit is left out, and the engine says so
		e := network.New(s, network.Options{BlocksMatchPods: len(spec)%2 == 0})
		peers := []model.Peer{peer(t, s, "shop/front"), peer(t, s, "shop/back"), peer(t, s, "shop/host"), peer(t, s, "8.8.8.8/32"), peer(t, s, "10.0.0.0/8"), peer(t, s, "::/0")}
		m := e.Matrix(peers)
		for i, from := range peers {
			for j, to := range peers {
				if i == j {
					continue
				}
				egress, ingress := e.Decide(network.Connection{From: from, To: to, Port: 8080})
				if egress.Reason == "" || ingress.Reason == "" {
					t.Errorf("no reason: %+v %+v", egress, ingress)
				}
				if len(m.Caveats()) > 0 {
					continue // which the matrix leaves to its reader
				}
				total := verdict.Of([]verdict.Hop{egress, ingress})
				src, dst := m.ClassOf(i), m.ClassOf(j)
				if m.Allowed(src, dst).Contains("TCP", 8080) != (total == verdict.Allow) || m.Unknown(src, dst).Contains("TCP", 8080) != (total == verdict.Unknown) {
					t.Errorf("%d -> %d is %s; matrix: allowed %s, unknown %s\n%+v\n%+v", i, j, total, m.Allowed(src, dst), m.Unknown(src, dst), egress, ingress)
				}
			}
		}
	})
}

// whole turns the numbers that JSON has without a fraction into integers, as
// decoders of manifests do.
func whole(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = whole(v[k])
		}
	case []any:
		for i := range v {
			v[i] = whole(v[i])
		}
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	}
	return v
}
