// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

// The names of random systems: none is a part of another or of anything else.
var alphabet = []string{"alpha", "bravo", "charlie", "delta", "foxtrot", "golf"}

var dataplanes = []string{"none", "sidecar", "ambient"}

// random is a system of services that call each other, what is outside, and
// themselves through others, as the seed has it.
func random(r *rand.Rand, mesh string) api.System {
	s := api.System{
		Metadata: api.SystemMeta{Name: "sys"}, Platform: api.Platform{Mesh: mesh}, Services: map[string]api.SystemService{},
		External: map[string]api.External{"payments": {Host: "payments.example.com", Port: 8443}, "fax": {Host: "fax.example.com", Port: 8099, Protocol: "tcp", Addresses: []string{"203.0.113.7"}}},
		Backing:  map[string]api.Backing{"ledger": {Host: "ledger.data.svc", Port: 5432, Target: 6432, Labels: map[string]string{"app": "ledger"}}, "queue": {Host: "queue.data.svc", Port: 5672}},
	}
	names := alphabet[:3+r.IntN(len(alphabet)-2)]
	for i, name := range names {
		one := api.SystemService{Image: "registry.example.com/a:1" + digest}
		switch r.IntN(6) {
		case 0:
			one.Kind = "worker"
		case 1:
			one.Kind = "cronjob"
			one.Schedule = "@daily"
		case 2:
			one.Kind = "stateful"
			one.Ports = map[string]api.SystemPort{"tcp-db": {Port: int32(7000 + i)}}
		default:
			one.Ports = map[string]api.SystemPort{"http": {Port: 80, Target: int32(8000 + i)}, "grpc": {Port: int32(9100 + i)}}
			if r.IntN(2) == 0 {
				one.Ports["http-metrics"] = api.SystemPort{Port: 9090}
			}
			if r.IntN(4) == 0 {
				one.Versions = map[string]api.ServiceVersion{"v1": {Weight: 60}, "v2": {Weight: 40}}
			}
			if r.IntN(3) == 0 {
				one.Expose = &api.Expose{Host: name + ".example.com"}
			}
			if mesh != "none" && r.IntN(3) == 0 {
				one.Traffic = api.Traffic{Timeout: "5s"}
			}
		}
		s.Services[name] = one
	}
	for _, name := range names {
		one := s.Services[name]
		for _, to := range slices.Concat(names, []string{"payments", "fax", "ledger", "queue"}) {
			callee, isService := s.Services[to]
			if to == name || isService && callee.Ports == nil || r.IntN(3) > 0 {
				continue
			}
			d := api.Dependency{Service: to}
			if callee.Ports["grpc"].Port > 0 && r.IntN(2) == 0 {
				d.Port = "grpc"
			}
			one.DependsOn = append(one.DependsOn, d)
		}
		s.Services[name] = one
	}
	return s
}

// TestOneEdge takes one call away from random systems, and what goes with it is
// that call and nothing else.
func TestOneEdge(t *testing.T) {
	for seed := range uint64(90) {
		r := rand.New(rand.NewPCG(seed, 5))
		with := random(r, dataplanes[seed%3])
		var callers []string
		for _, name := range alphabet {
			if len(with.Services[name].DependsOn) > 0 {
				callers = append(callers, name)
			}
		}
		if len(callers) == 0 {
			continue
		}
		caller := callers[r.IntN(len(callers))]
		deps := with.Services[caller].DependsOn
		gone := r.IntN(len(deps))
		without := with
		without.Services = map[string]api.SystemService{}
		for name, one := range with.Services {
			if name == caller {
				one.DependsOn = slices.Concat(deps[:gone:gone], deps[gone+1:])
			}
			without.Services[name] = one
		}
		compareEdge(t, fmt.Sprintf("seed %d, %s -> %s", seed, caller, deps[gone].Service), with, without, caller, deps[gone].Service)
		if t.Failed() {
			return
		}
	}
}

// TestLastCallOfPort takes away the only call of one of two ports behind a waypoint.
// The rule of who calls the other port stays as it was.
func TestLastCallOfPort(t *testing.T) {
	system := func(calls ...api.Dependency) api.System {
		image := "registry.example.com/a:1" + digest
		return api.System{
			Metadata: api.SystemMeta{Name: "sys"}, Platform: api.Platform{Mesh: "ambient"},
			Services: map[string]api.SystemService{
				"alpha":   {Image: image, Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8000}, "grpc": {Port: 9100}}, Traffic: api.Traffic{Timeout: "5s"}},
				"bravo":   {Image: image, Kind: "worker", DependsOn: []api.Dependency{{Service: "alpha"}}},
				"charlie": {Image: image, Kind: "worker", DependsOn: calls},
			},
		}
	}
	compareEdge(t, "charlie -> alpha", system(api.Dependency{Service: "alpha", Port: "grpc"}), system(), "charlie", "alpha")
}

func compareEdge(t *testing.T, what string, with, without api.System, caller, callee string) {
	t.Helper()
	if one, other := generate(t, with, app.Options{}), generate(t, with, app.Options{}); string(app.YAML(one.Objects...)) != string(app.YAML(other.Objects...)) {
		t.Errorf("%s: other bytes the second time", what)
	}
	before, after := byName(generate(t, with, app.Options{})), byName(generate(t, without, app.Options{}))
	for id := range after {
		if before[id] == nil {
			t.Errorf("%s: without it there is %s", what, id)
		}
	}
	there := slices.ContainsFunc(with.Services[callee].DependsOn, func(d api.Dependency) bool { return d.Service == caller })
	words := []string{caller, callee, "waypoint", "15008", "8443", "8099", "6432", "5672"}
	for _, p := range with.Services[callee].Ports {
		words = append(words, fmt.Sprint(max(p.Port, p.Target)))
	}
	changed := 0
	for id, was := range before {
		is := after[id]
		if cmp.Equal(was, is) {
			continue
		}
		changed++
		name := strings.Split(id, "/")[1]
		if !strings.HasPrefix(name, caller) && !strings.HasPrefix(name, callee) && name != "waypoint" {
			t.Errorf("%s: changes %s:\n%s", what, id, cmp.Diff(was, is))
		}
		var lost []any
		if is == nil {
			lost = []any{was}
		} else if !shrunk(was, is, &lost) {
			t.Errorf("%s: without it, %s has more:\n%s", what, id, cmp.Diff(was, is))
		}
		for _, one := range lost {
			text := fmt.Sprint(one)
			if !slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) }) {
				t.Errorf("%s: without it, %s has no %s", what, id, text)
			}
			if name == callee+"-waypoint" && !strings.Contains(text, caller) {
				t.Errorf("%s: without it, the rule of another caller in %s has no %s", what, id, text)
			}
		}
		other := map[bool]string{true: callee, false: caller}[strings.HasPrefix(name, caller)]
		if is != nil && !there && name != "waypoint" && strings.Contains(fmt.Sprint(is), other) {
			t.Errorf("%s: without it, %s still has %s", what, id, other)
		}
	}
	if changed < 2 {
		t.Errorf("%s: %d objects differ", what, changed)
	}
}

// byName are the objects of a set by kind and name, those of a policy without
// rules as if it had some.
func byName(set app.Set) map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, o := range set.Objects {
		meta := o["metadata"].(map[string]any)
		meta["name"] = strings.TrimSuffix(meta["name"].(string), "-isolated")
		if notes, ok := meta["annotations"].(map[string]any); ok {
			delete(notes, "polaris.fairwinds.com/missingNetworkPolicy-exempt")
			if len(notes) == 0 {
				delete(meta, "annotations")
			}
		}
		out[o["kind"].(string)+"/"+meta["name"].(string)] = o
	}
	return out
}

// shrunk reports whether a value is another one with parts taken out, and which.
func shrunk(was, is any, lost *[]any) bool {
	switch w := was.(type) {
	case map[string]any:
		i, ok := is.(map[string]any)
		for key, value := range i {
			old, had := w[key]
			if !had || !shrunk(old, value, lost) {
				return false
			}
		}
		for key, value := range w {
			if _, stays := i[key]; !stays {
				*lost = append(*lost, map[string]any{key: value})
			}
		}
		return ok
	case []any:
		i, ok := is.([]any)
		if len(i) == len(w) {
			for j := range w {
				ok = ok && shrunk(w[j], i[j], lost)
			}
			return ok
		}
		for _, value := range w {
			if len(i) > 0 && cmp.Equal(value, i[0]) {
				i = i[1:]
			} else {
				*lost = append(*lost, value)
			}
		}
		return ok && len(i) == 0
	}
	return cmp.Equal(was, is)
}
