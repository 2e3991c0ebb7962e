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

// TestVolumes claims what each pod keeps.
func TestVolumes(t *testing.T) {
	set := generate(t, api.System{Metadata: api.SystemMeta{Name: "s"}, Services: map[string]api.SystemService{"db": {
		Kind: "stateful", Image: "db:1", Ports: map[string]api.SystemPort{"postgres": {Port: 5432}},
		Volumes: []api.Volume{{Name: "wal", Mount: "/var/lib/wal/", Size: "1Gi", Class: "fast.ssd"}, {Name: "data", Mount: "/var/lib/data", Size: "10Gi"}},
	}}}, app.Options{})
	golden(t, "volumes.yaml", kinds(set, "StatefulSet"))
}

// TestCPULimit is the request, another amount, or none; linters are told why.
func TestCPULimit(t *testing.T) {
	const score, polaris = "kube-score/ignore", "polaris.fairwinds.com/cpuLimitsMissing-exempt"
	for _, c := range []struct {
		name, own, all, profile string
		want                    any
		notes                   []string
	}{
		{"request", "", "", "standard", "100m", nil},
		{"other", "1500m", "none", "standard", "1500m", []string{score}},
		{"none", "none", "1", "standard", nil, []string{score, polaris, "ignore-check.kube-linter.io/unset-cpu-requirements"}},
		{"default", "", "none", "hardened", nil, []string{score, polaris}},
		{"developer's", "2", "", "dev", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := generate(t, api.System{
				Metadata: api.SystemMeta{Name: "s"}, Profile: c.profile, Defaults: api.SystemDefaults{Resources: api.Resources{CPULimit: c.all}},
				Services: map[string]api.SystemService{"a": {Kind: "worker", Health: api.Health{Live: "exec:/alive"}, Image: "a:1" + digest, Resources: api.Resources{CPULimit: c.own}}},
			}, app.Options{})
			for _, o := range set.Objects {
				if o["kind"] != "Deployment" {
					continue
				}
				const resources = "/spec/template/spec/containers/0/resources"
				if diff := cmp.Diff(c.want, at(o, resources+"/limits/cpu")); diff != "" {
					t.Errorf("limit (-want +got):\n%s", diff)
				}
				if at(o, resources+"/requests/cpu") != "100m" {
					t.Errorf("request: %v", at(o, resources+"/requests/cpu"))
				}
				notes, _ := at(o, "/metadata/annotations").(map[string]any)
				for _, key := range c.notes {
					if notes[key] == nil {
						t.Errorf("no %s in %v", key, notes)
					}
				}
				if _, told := notes[score]; told != (c.notes != nil) {
					t.Errorf("kube-score is told: %t", told)
				}
			}
		})
	}
}

// TestVolumeErrors gives what is wrong with volumes and limits a place.
func TestVolumeErrors(t *testing.T) {
	db := func(fields string) string {
		return "services:\n  db:\n    image: db:1\n    kind: stateful\n    ports: {http: 8080}\n    " + fields + "\n"
	}
	errorTable(t, []errorCase{
		{"size", db("volumes: [{name: data, mount: /data, size: 10GB}]"), `m.yaml:9:42: expected a size, found "10GB" | 10Gi`},
		{"name", db("volumes: [{name: Data_1, mount: /data, size: 1Gi}]"), "m.yaml:9:16: expected a name of a volume (at most 63 lower-case letters, digits and -), found \"Data_1\" | data-1\nm.yaml:9:15: expected a directory whose name makes a name of a volume, found \"/data\""},
		{"mount", db("volumes: [{name: data, mount: data, size: 1Gi}]"), `m.yaml:9:15: expected an absolute directory without .., found "data" | /var/run/db`},
		{"class", db("volumes: [{name: data, mount: /data, size: 1Gi, class: Fast_1}]"), `m.yaml:9:53: expected a name of a storage class, found "Fast_1" | fast-1`},
		{"over another", db("volumes: [{name: data, mount: /tmp, size: 1Gi}]"), `m.yaml:5:3: expected each directory once, found /tmp for data and tmp | name another directory`},
		{"kind", "services:\n  db: {image: 'db:1', ports: {http: 80}, volumes: [{name: data, mount: /data, size: 1Gi}]}\n", "m.yaml:5:42: expected volumes of a stateful service only, as others share none | kind: stateful"},
		{"limit", db("resources: {cpuLimit: non}"), `m.yaml:9:17: expected an amount of cpu or none, found "non" | none, or 500m`},
		{"low limit", db("resources: {cpuLimit: 50m}"), `m.yaml:9:17: expected a limit of CPU of at least the 100m that are requested, found "50m" | 100m`},
		{"low default", "defaults: {resources: {cpuLimit: '1'}}\n" + db("resources: {cpu: '2'}"), `m.yaml:10:5: expected a limit of CPU of at least the 2 that are requested, found "1" | 2`},
		{"metrics", db("metrics: {port: htp}"), `m.yaml:9:15: expected a port of this service (http), found "htp" | did you mean http?`},
		{"no metrics", db("metrics: {path: /m}"), `m.yaml:9:5: expected a port that has metrics, found none | metrics: {port: NAME}, or a port called http-metrics`},
		{"path of metrics", db("metrics: {port: http, path: m}"), `m.yaml:9:27: expected a path that begins with /, found "m" | /metrics`},
	})
}

// TestMetrics lets Prometheus read where the file says.
func TestMetrics(t *testing.T) {
	set := generate(t, api.System{Metadata: api.SystemMeta{Name: "s"}, With: []string{"monitoring"}, Services: map[string]api.SystemService{"a": {
		Image: "a:1", Ports: map[string]api.SystemPort{"http": {Port: 80}, "admin": {Port: 8081}}, Metrics: api.Metrics{Port: "admin", Path: "/prom"},
	}}}, app.Options{})
	want := map[string]any{"NetworkPolicy/spec/ingress/0/ports/0/port": int64(8081), "ServiceMonitor/spec/endpoints/0/port": "admin", "ServiceMonitor/spec/endpoints/0/path": "/prom"}
	for _, o := range set.Objects {
		for id, value := range want {
			kind, pointer, _ := strings.Cut(id, "/")
			if o["kind"] != kind {
				continue
			}
			if diff := cmp.Diff(value, at(o, "/"+pointer)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", id, diff)
			}
			delete(want, id)
		}
	}
	if len(want) > 0 {
		t.Errorf("nothing has %v", want)
	}
}

// TestSharedMetrics warns where Prometheus opens a port for everybody in a mesh.
func TestSharedMetrics(t *testing.T) {
	for mesh, want := range map[string]bool{"none": false, "sidecar": true, "ambient": true} {
		for port, shared := range map[string]bool{"http": true, "admin": false} {
			set := generate(t, api.System{Metadata: api.SystemMeta{Name: "s"}, Platform: api.Platform{Mesh: mesh}, Services: map[string]api.SystemService{"a": {
				Image: "a:1", Ports: map[string]api.SystemPort{"http": {Port: 80}, "admin": {Port: 8081}}, Expose: &api.Expose{Host: "a.example.com"}, Metrics: api.Metrics{Port: port},
			}}}, app.Options{})
			warned := slices.ContainsFunc(set.Warnings, func(w app.Warning) bool { return strings.Contains(w.Text, "without an identity") })
			if warned != (want && shared) {
				t.Errorf("%s, %s: warned: %t", mesh, port, warned)
			}
		}
	}
}

// TestMovingImages are told of once, at the place of the version that has one.
func TestMovingImages(t *testing.T) {
	s := split()
	users := s.Services["users"]
	users.Image = "users:latest"
	users.Versions = map[string]api.ServiceVersion{"v1": {Weight: 50}, "v2": {Weight: 40}, "v3": {Image: "users", Weight: 10}}
	s.Services["users"] = users
	s.Places = map[string]string{"/services/users/image": "m.yaml:1:1", "/services/users/versions/v3/image": "m.yaml:2:2"}
	var got []string
	for _, w := range generate(t, s, app.Options{}).Warnings {
		if strings.HasPrefix(w.Text, "image ") {
			got = append(got, w.Where+" "+w.Text)
		}
	}
	want := []string{"m.yaml:1:1 image registry.example.com/shop/users:latest is another one whenever it is pulled", "m.yaml:2:2 image registry.example.com/shop/users is another one whenever it is pulled"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
