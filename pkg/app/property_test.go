// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"encoding/json"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

// TestDeterministic reads the file again with its keys in other orders, on one
// processor and on several at once, and wants the same bytes.
func TestDeterministic(t *testing.T) {
	text, err := json.Marshal(shop())
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	run := func(r *rand.Rand) string {
		s, err := app.Read("micro.yaml", []byte(shuffled(tree, r)))
		if err != nil {
			t.Error(err)
			return ""
		}
		set, err := app.Generate(s, app.Options{})
		if err != nil {
			t.Error(err)
		}
		return string(app.YAML(set.Objects...))
	}
	want := run(rand.New(rand.NewPCG(0, 0)))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, procs := range []int{1, 4} {
		runtime.GOMAXPROCS(procs)
		var all sync.WaitGroup
		for seed := range uint64(20) {
			all.Go(func() {
				if got := run(rand.New(rand.NewPCG(seed, 1))); got != want {
					t.Errorf("%d processors, seed %d: other bytes", procs, seed)
				}
			})
		}
		all.Wait()
	}
}

// shuffled is JSON, which is YAML, with the keys of all mappings in any order.
func shuffled(v any, r *rand.Rand) string {
	switch v := v.(type) {
	case map[string]any:
		var out []string
		for key, child := range v {
			out = append(out, string(must(json.Marshal(key)))+": "+shuffled(child, r))
		}
		slices.Sort(out)
		r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		return "{" + strings.Join(out, ", ") + "}"
	case []any:
		var out []string
		for _, item := range v {
			out = append(out, shuffled(item, r))
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	return string(must(json.Marshal(v)))
}

func must(b []byte, err error) []byte {
	if err != nil {
		return []byte(err.Error())
	}
	return b
}

// TestOrder applies what is referred to before what refers to it.
func TestOrder(t *testing.T) {
	set := generate(t, shop(), app.Options{})
	last := map[string]int{}
	first := map[string]int{}
	for i, o := range set.Objects {
		kind := o["kind"].(string)
		last[kind] = i
		if _, seen := first[kind]; !seen {
			first[kind] = i
		}
	}
	for _, pair := range [][2]string{
		{"Namespace", "ServiceAccount"}, {"PriorityClass", "Deployment"}, {"ServiceAccount", "Deployment"}, {"ConfigMap", "Deployment"}, {"NetworkPolicy", "Deployment"},
		{"AuthorizationPolicy", "Deployment"}, {"Service", "Deployment"}, {"Service", "HTTPRoute"}, {"Deployment", "HorizontalPodAutoscaler"}, {"Service", "ServiceMonitor"},
	} {
		before, there := last[pair[0]]
		after, also := first[pair[1]]
		if !there || !also || before > after {
			t.Errorf("the last %s is at %d (%t), the first %s at %d (%t)", pair[0], before, there, pair[1], after, also)
		}
	}
}

// shop is a system of three services that call each other, with all that there is.
func shop() api.System {
	return api.System{
		TypeMeta: api.Type(api.KindSystem), Metadata: api.SystemMeta{Name: "shop", Owner: "team-shop"},
		Platform: api.Platform{Mesh: "sidecar", Registry: "registry.example.com/shop", Ingress: api.Ingress{Host: "shop.example.com"}},
		With:     []string{"monitoring"},
		Services: map[string]api.SystemService{
			"gateway": {
				Image: "gateway:1.0.0", Ports: map[string]api.SystemPort{"http": {Port: 8080}}, Expose: &api.Expose{}, Health: api.Health{Live: "/livez", Ready: "/readyz"},
				DependsOn: []api.Dependency{{Service: "users"}, {Service: "orders", Env: "ORDERS", Format: "hostport"}},
			},
			"orders": {
				Image: "orders:1.0.0", Ports: map[string]api.SystemPort{"grpc": {Port: 9000}, "http-metrics": {Port: 9090}},
				DependsOn: []api.Dependency{{Service: "users", Port: "http"}}, Config: map[string]string{"log-level": "info", "a": "b"},
				Env: map[string]string{"A_1": "1", "B_2": "2", "KEYCLOAK_URL": "http://id.example.com"},
			},
			"users": {
				Image: "users:1.0.0", Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}, "http-metrics": {Port: 9090}},
				Health: api.Health{Live: "/livez", Ready: "/readyz"}, Scale: &api.Scale{Min: 3, Max: 10},
			},
		},
	}
}

// BenchmarkGenerate makes a system of 200 services, each of which calls two.
func BenchmarkGenerate(b *testing.B) {
	s := shop()
	base := s.Services["orders"]
	s.Services = map[string]api.SystemService{}
	name := func(i int) string { return "s-" + strconv.Itoa(i%200) }
	for i := range 200 {
		base.DependsOn = []api.Dependency{{Service: name(i + 1)}, {Service: name(i + 7)}}
		s.Services[name(i)] = base
	}
	b.ReportAllocs()
	for b.Loop() {
		set, err := app.Generate(s, app.Options{})
		if err != nil {
			b.Fatal(err)
		}
		app.YAML(set.Objects...)
	}
}
