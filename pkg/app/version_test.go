// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

// split is a service of which two versions run side by side.
func split() api.System {
	return api.System{
		Metadata: api.SystemMeta{Name: "shop"}, Platform: api.Platform{Registry: "registry.example.com/shop"},
		Services: map[string]api.SystemService{"users": {
			Image: "users:1.0.0", Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Open: true, Health: api.Health{Live: "/livez", Ready: "/readyz"},
			Versions: map[string]api.ServiceVersion{"v1": {Weight: 90}, "v2": {Image: "users:2.0.0", Replicas: new(int32(2)), Weight: 10}},
		}},
	}
}

// TestVersions makes a Deployment of each version, and one of all else.
func TestVersions(t *testing.T) {
	set := generate(t, split(), app.Options{})
	golden(t, "versions.yaml", kinds(set, "Deployment", "PodDisruptionBudget", "Service"))
	if len(set.Warnings) != 1 || !strings.Contains(set.Warnings[0].Text, "weights need a mesh") {
		t.Errorf("warnings: %v", set.Warnings)
	}
	for _, scaled := range []bool{false, true} {
		s := split()
		users := s.Services["users"]
		if scaled {
			users.Scale = &api.Scale{Min: 3, Max: 5}
			users.Versions = map[string]api.ServiceVersion{"v1": {Weight: 100}, "v2": {}}
		}
		s.Services["users"] = users
		var names []string
		var pods, selectors []any
		for _, o := range generate(t, s, app.Options{}).Objects {
			kind, name := o["kind"].(string), at(o, "/metadata/name").(string)
			if instance := at(o, "/metadata/labels/app.kubernetes.io~1instance"); instance != nil && instance != name {
				t.Errorf("%s %s has the instance %v, which linters compare", kind, name, instance)
			}
			if kind == "Deployment" {
				pods = append(pods, at(o, "/spec/template/metadata/labels"))
				selectors = append(selectors, at(o, "/spec/selector/matchLabels"))
			}
			if name != "shop" && name != "shop-standard" {
				names = append(names, kind+" "+name)
			}
			if kind == "HorizontalPodAutoscaler" && at(o, "/spec/scaleTargetRef/name") != name {
				t.Errorf("%s scales %v", name, at(o, "/spec/scaleTargetRef/name"))
			}
		}
		want := []string{"ServiceAccount users", "NetworkPolicy users", "Service users", "Deployment users-v1", "Deployment users-v2", "PodDisruptionBudget users"}
		if scaled {
			want = append(want, "HorizontalPodAutoscaler users-v1", "HorizontalPodAutoscaler users-v2")
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for i, selector := range selectors {
			for j, labels := range pods {
				if selected := contains(labels, selector); selected != (i == j) {
					t.Errorf("Deployment %d selects the pods of %d: %t", i, j, selected)
				}
			}
		}
	}
}

// contains reports whether labels have all of a selector.
func contains(labels, selector any) bool {
	for key, value := range selector.(map[string]any) {
		if labels.(map[string]any)[key] != value {
			return false
		}
	}
	return true
}

// TestVersionsInMesh has no doubt about the split.
func TestVersionsInMesh(t *testing.T) {
	for _, mesh := range []string{"sidecar", "ambient"} {
		s := split()
		s.Platform.Mesh = mesh
		if got := generate(t, s, app.Options{}).Warnings; slices.ContainsFunc(got, func(w app.Warning) bool { return strings.Contains(w.Text, "weights") }) {
			t.Errorf("%s: %v", mesh, got)
		}
	}
}

// TestVersionErrors gives what is wrong with them a place.
func TestVersionErrors(t *testing.T) {
	web := func(fields string) string {
		return "services:\n  web:\n    image: web:1\n    ports: {http: 8080}\n    versions: " + fields + "\n"
	}
	errorTable(t, []errorCase{
		{"sum", web("{v1: {weight: 90}, v2: {weight: 20}}"), "m.yaml:8:5: expected weights that make 100 together, found 110 | the weight of each is its share in percent"},
		{"share", web("{v1: {weight: 110}, v2: {weight: -10}}"), "m.yaml:8:21: expected a share of the calls from 0 to 100 percent, found 110 | 90\nm.yaml:8:40: expected a share of the calls from 0 to 100 percent, found -10 | 90"},
		{"name", web("{V.1: {weight: 100}}"), `m.yaml:8:16: expected a version that makes a name of a Deployment (web-V.1, of at most 63 lower-case letters, digits and -), found "V.1" | v-1`},
		{"both", web("{v1: {weight: 100}}\n    version: v2"), "m.yaml:8:5: expected a version or versions that run side by side, found both | leave version out"},
		{"kind", web("{v1: {weight: 100}}\n    kind: stateful"), "m.yaml:8:5: expected one version of a stateful, as callers are not split between them, found 1 | version: v2"},
		{"service", web("{v1: {weight: 100}}") + "  web-v1: {image: 'web:1', ports: {http: 1}}\n", "m.yaml:8:16: expected a version whose Deployment has a name of its own, found web-v1, which is a service | name one of them in another way"},
		{"replicas", web("{v1: {weight: 100, replicas: 0}}"), "m.yaml:8:34: expected a number of pods from 1 on, found 0 | 3"},
		{"scaled", web("{v1: {weight: 100, replicas: 2}}\n    scale: {min: 2, max: 3}"), "m.yaml:8:34: expected a number of pods or bounds of it, found both | leave it out"},
		{"no image", "services:\n  web:\n    ports: {http: 8080}\n    versions: {v1: {weight: 100}}\n", `m.yaml:7:16: expected an image, found "" | registry.example.com/web:1.0.0`},
		{"images", "services:\n  web:\n    ports: {http: 8080}\n    versions: {v1: {image: web:1, weight: 100}}\n", ""},
	})
}
