// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

// TestQuota adds up by hand: pods when there are most of them, with the one more
// of a rollout, times their limits, and a fifth more.
func TestQuota(t *testing.T) {
	small := api.Resources{CPU: "100m", Memory: "128Mi"}
	two := func() map[string]api.SystemService {
		return map[string]api.SystemService{
			"web":     {Image: "w:1", Ports: map[string]api.SystemPort{"http": {Port: 80}}, Open: true, Scale: &api.Scale{Min: 2, Max: 9}, Resources: small},                                                                        // 10 pods
			"store":   {Kind: "stateful", Image: "s:1", Ports: map[string]api.SystemPort{"redis": {Port: 80}}, Replicas: new(int32(3)), Resources: small},                                                                           // 3
			"nightly": {Kind: "cronjob", Image: "n:1", Schedule: "0 3 * * *", Resources: small},                                                                                                                                     // 1
			"split":   {Image: "x:1", Open: true, Ports: map[string]api.SystemPort{"http": {Port: 80}}, Replicas: new(int32(2)), Resources: small, Versions: map[string]api.ServiceVersion{"v1": {Weight: 50}, "v2": {Weight: 50}}}, // 2 x 3
		} // 20 pods
	}
	for _, c := range []struct {
		name   string
		change func(s *api.System)
		want   map[string]any
	}{
		{"plain", func(*api.System) {}, map[string]any{ // 24 of each, in steps of 100m and 64Mi
			"pods": "24", "requests.cpu": "2400m", "limits.cpu": "2400m", "requests.memory": "3Gi", "limits.memory": "3Gi",
			"requests.ephemeral-storage": "6Gi", "limits.ephemeral-storage": "6Gi",
		}},
		{"sidecars", func(s *api.System) { s.Platform.Mesh = "sidecar" }, map[string]any{ // and 24 proxies
			"pods": "24", "requests.cpu": "4800m", "limits.cpu": "50400m", "requests.memory": "6Gi", "limits.memory": "27Gi",
			"requests.ephemeral-storage": "6Gi", "limits.ephemeral-storage": "6Gi",
		}},
		{"no limit of CPU", func(s *api.System) { s.Defaults.Resources.CPULimit = "none" }, map[string]any{
			"pods": "24", "requests.cpu": "2400m", "requests.memory": "3Gi", "limits.memory": "3Gi",
			"requests.ephemeral-storage": "6Gi", "limits.ephemeral-storage": "6Gi",
		}},
		{"no limit of CPU for one", func(s *api.System) {
			one := s.Services["nightly"]
			one.Resources.CPULimit = "none"
			s.Services["nightly"] = one
		}, map[string]any{
			"pods": "24", "requests.cpu": "2400m", "requests.memory": "3Gi", "limits.memory": "3Gi",
			"requests.ephemeral-storage": "6Gi", "limits.ephemeral-storage": "6Gi",
		}},
		{"dev", func(s *api.System) { s.Profile = "dev" }, map[string]any{
			"pods": "24", "requests.cpu": "2400m", "requests.memory": "3Gi", "limits.memory": "3Gi", "requests.ephemeral-storage": "6Gi",
		}},
		{"a waypoint", func(s *api.System) { s.Platform.Mesh = "ambient" }, map[string]any{ // of split: 3 more pods; 2300m and 3 x 2 of limits
			"pods": "28", "requests.cpu": "2800m", "limits.cpu": "9600m", "requests.memory": "3584Mi", "limits.memory": "6784Mi",
			"requests.ephemeral-storage": "6Gi", "limits.ephemeral-storage": "6Gi",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := api.System{Metadata: api.SystemMeta{Name: "sys"}, With: []string{"security"}, Services: two()}
			c.change(&s)
			set := generate(t, s, app.Options{})
			if diff := cmp.Diff(c.want, at(ofKind(set, "ResourceQuota")["sys/sys"], "/spec/hard")); diff != "" {
				t.Errorf("quota (-want +got):\n%s", diff)
			}
			limits, _ := at(ofKind(set, "LimitRange")["sys/sys"], "/spec/limits/0/default").(map[string]any)
			_, bound := c.want["limits.cpu"]
			if _, given := limits["cpu"]; given != bound {
				t.Errorf("a limit of CPU is given: %t, counted: %t", given, bound)
			}
		})
	}
}

// TestDefaultDeny isolates all pods, once, and only where all of them are ours.
func TestDefaultDeny(t *testing.T) {
	for _, c := range []struct {
		namespace, profile, with string
		denied                   bool
	}{
		{"", "standard", "security", true}, {"", "hardened", "security", true}, {"", "hardened", "ci", true}, {"", "standard", "ci", false},
		{"default", "standard", "security", false}, {"kube-system", "standard", "security", false},
	} {
		s := withAll(c.with)
		s.Profile, s.Metadata.Namespace = c.profile, c.namespace
		for name, one := range s.Services {
			one.Image += digest // which hardened demands
			s.Services[name] = one
		}
		set, found := generate(t, s, app.Options{}), 0
		for name, o := range ofKind(set, "NetworkPolicy") {
			if !strings.HasSuffix(name, "/default-deny") {
				continue
			}
			found++
			if diff := cmp.Diff(map[string]any{"podSelector": map[string]any{}, "policyTypes": []any{"Ingress", "Egress"}}, at(o, "/spec")); diff != "" {
				t.Errorf("default-deny (-want +got):\n%s", diff)
			}
		}
		if (found == 1) != c.denied {
			t.Errorf("%+v: %d policies", c, found)
		}
		if quota := len(ofKind(set, "ResourceQuota")); quota > 0 && c.namespace != "" {
			t.Errorf("%+v: a quota for those of others", c)
		}
	}
}
