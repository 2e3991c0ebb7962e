// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const digest = "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// gold is one HTTP service with everything that linters ask for.
func gold() api.System {
	return api.System{
		Metadata: api.SystemMeta{Name: "shop", Owner: "team-shop", Email: "team-shop@example.com"},
		Platform: api.Platform{Ingress: api.Ingress{API: "ingress"}},
		With:     []string{"monitoring"},
		Services: map[string]api.SystemService{"catalog": {
			Image:     "registry.example.com/shop/catalog:1.0.0" + digest,
			Ports:     map[string]api.SystemPort{"http": {Port: 80, Target: 8080}, "http-metrics": {Port: 9090}},
			Health:    api.Health{Live: "/livez", Ready: "/readyz"},
			Resources: api.Resources{CPU: "250m", Memory: "256Mi"},
			Config:    map[string]string{"log-level": "info", "orders-url": "http://orders.shop.svc.cluster.local:8080"},
			Secrets:   []api.SecretFiles{{Name: "catalog-credentials", Mount: "/var/run/catalog", Optional: true}},
			Expose:    &api.Expose{Host: "catalog.example.com"},
		}},
	}
}

func generate(t *testing.T, s api.System, o app.Options) app.Set {
	t.Helper()
	set, err := app.Generate(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestGold compares byte for byte with the manifest that passes all the linters.
func TestGold(t *testing.T) {
	set := generate(t, gold(), app.Options{})
	if len(set.Warnings) > 0 {
		t.Errorf("warnings: %v", set.Warnings)
	}
	// Linters have no say in alerts; TestRulesGolden has.
	set.Objects = slices.DeleteFunc(set.Objects, func(o map[string]any) bool { return o["kind"] == "PrometheusRule" })
	golden(t, "gold.yaml", app.YAML(set.Objects...))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// decode reads a stream back with the suite's own reader.
func decode(t *testing.T, text []byte) []map[string]any {
	t.Helper()
	stream, err := manifest.Split("out.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]any
	for _, d := range stream.Docs {
		objects, err := d.Objects()
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			out = append(out, o.Value)
		}
	}
	return out
}

// TestVariants holds every kind, in every mesh and profile, against the schemas
// of its objects, and the text against the objects.
func TestVariants(t *testing.T) {
	for _, c := range variants() {
		t.Run(c.name, func(t *testing.T) {
			set := generate(t, c.system, c.options)
			for _, o := range set.Objects {
				problems, known := schema.Check(o)
				if !known || len(problems) > 0 {
					t.Errorf("%v %v: known %t, problems %v", o["apiVersion"], o["kind"], known, problems)
				}
			}
			if diff := cmp.Diff(set.Objects, decode(t, app.YAML(set.Objects...))); diff != "" {
				t.Errorf("written and read again (-want +got):\n%s", diff)
			}
		})
	}
}

type variant struct {
	name    string
	system  api.System
	options app.Options
}

// variants are all kinds of services, in all meshes and profiles.
func variants() []variant {
	bodies := map[string]api.SystemService{
		"http":    {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Expose: &api.Expose{Host: "a.example.com", Paths: []string{"/a", "/b"}}},
		"grpc":    {Ports: map[string]api.SystemPort{"grpc": {Port: 9000}, "metrics": {Port: 9090}}, Scale: &api.Scale{Min: 3, Max: 10}, Open: true},
		"redis":   {Kind: "stateful", Ports: map[string]api.SystemPort{"redis": {Port: 6379}}, Replicas: new(int32(1))},
		"dns":     {Ports: map[string]api.SystemPort{"dns": {Port: 53, Target: 5353, Protocol: "UDP"}}, ServiceType: "LoadBalancer", Health: api.Health{Live: "exec:/bin/check -q"}},
		"worker":  {Kind: "worker", ConfigFiles: map[string]string{"a.conf": "a\n  b\n"}, Health: api.Health{Live: "exec:/bin/alive"}, WritablePaths: []string{"/tmp", "/var/cache/a"}},
		"quiet":   {Kind: "worker", Env: map[string]string{"TOKEN_TTL": "5m"}},
		"job":     {Kind: "job", Secrets: []api.SecretFiles{{Name: "db", Files: []string{"url"}}}},
		"cronjob": {Kind: "cronjob", Schedule: "0 3 * * *"},
		"versions": {
			Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Open: true, Resources: api.Resources{CPULimit: "none"},
			Versions: map[string]api.ServiceVersion{"v1": {Replicas: new(int32(2)), Weight: 90}, "v2": {Replicas: new(int32(3)), Weight: 10}},
		},
		"volumes": {
			Kind: "stateful", Ports: map[string]api.SystemPort{"postgres": {Port: 5432}}, Volumes: []api.Volume{{Name: "data", Mount: "/var/lib/data", Size: "10Gi", Class: "fast"}},
			DependsOn: []api.Dependency{{Service: "payments"}, {Service: "ledger", Format: "host"}},
		},
		"autoscale": {Kind: "stateful", Ports: map[string]api.SystemPort{"http": {Port: 80}}, Scale: &api.Scale{Min: 2, Max: 4, CPU: 50}, Health: api.Health{Ready: "/health"}},
	}
	var out []variant
	for name, body := range bodies {
		for _, mesh := range []string{"none", "sidecar", "ambient"} {
			for _, profile := range []string{"dev", "standard", "hardened"} {
				for _, edge := range []string{"gateway", "ingress"} {
					body.Image = "registry.example.com/a:1" + digest
					body.Config = map[string]string{"a": "b"}
					out = append(out, variant{
						name: strings.Join([]string{name, mesh, profile, edge}, "/"),
						system: api.System{
							Metadata: api.SystemMeta{Name: "sys"}, Profile: profile, Platform: api.Platform{Mesh: mesh, Ingress: api.Ingress{API: edge}},
							External: map[string]api.External{"payments": {Host: "payments.example.com", Port: 443}}, Backing: map[string]api.Backing{"ledger": {Host: "ledger.data.svc", Port: 5432}},
							With: []string{"monitoring"}, Services: map[string]api.SystemService{name: body},
						},
						options: app.Options{SkipClusterScoped: edge == "ingress"},
					})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b variant) int { return strings.Compare(a.name, b.name) })
	return out
}

// messages are the errors of a system, each as it is told, with its hint.
func messages(err error) []string {
	var out []string
	for _, one := range fault.All(err) {
		text := one.Error()
		var typed *fault.Error
		if errors.As(one, &typed) && typed.Hint != "" {
			text += " | " + typed.Hint
		}
		out = append(out, text)
	}
	return out
}

func joined(all []string) string { return strings.Join(all, "\n") }

// TestRank has objects of kinds that nobody thought of come after all others.
func TestRank(t *testing.T) {
	last := app.Rank(map[string]any{"kind": "Gizmo"})
	for _, kind := range []string{"Namespace", "Deployment", "PrometheusRule"} {
		if at := app.Rank(map[string]any{"kind": kind}); at >= last {
			t.Errorf("%s is %d, a Gizmo %d", kind, at, last)
		}
	}
}
