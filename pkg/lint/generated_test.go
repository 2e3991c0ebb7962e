// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lint_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/lint"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

const digest = "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// bodies are services of all kinds, with all that can be asked for.
var bodies = map[string]api.SystemService{
	"http":      {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}, "http-metrics": {Port: 9090}}, Expose: &api.Expose{Host: "a.example.com", Paths: []string{"/a", "/b"}}},
	"onepath":   {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Health: api.Health{Ready: "/health"}, Open: true},
	"grpc":      {Ports: map[string]api.SystemPort{"grpc": {Port: 9000}, "metrics": {Port: 9090}}, Scale: &api.Scale{Min: 3, Max: 10}, Open: true},
	"env":       {Kind: "worker", Env: map[string]string{"TOKEN_TTL": "5m", "DB_SECRET_NAME": "db", "KEYCLOAK_URL": "http://k", "JWT_ISSUER": "shop", "PWD_POLICY": "long"}, Health: api.Health{Live: "exec:/bin/alive"}},
	"quiet":     {Kind: "worker"},
	"store":     {Kind: "stateful", Ports: map[string]api.SystemPort{"redis": {Port: 6379}}, Open: true},
	"scaled":    {Kind: "stateful", Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Scale: &api.Scale{Min: 3, Max: 4, CPU: 50}, Open: true},
	"job":       {Kind: "job", Secrets: []api.SecretFiles{{Name: "db", Files: []string{"url"}}}},
	"cronjob":   {Kind: "cronjob", Schedule: "0 3 * * *"},
	"writable":  {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, WritablePaths: []string{"/tmp", "/var/a", "/var/b", "/var/c", "/var/d", "/var/e"}, Open: true},
	"nodeport":  {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, ServiceType: "NodePort"},
	"balancer":  {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, ServiceType: "LoadBalancer"},
	"files":     {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, ConfigFiles: map[string]string{"a.conf": "x"}, Open: true},
	"nolimit":   {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Resources: api.Resources{CPULimit: "none"}, Open: true},
	"single":    {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Replicas: new(int32(1)), Open: true},
	"pair":      {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Replicas: new(int32(2)), Open: true},
	"pairscale": {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Scale: &api.Scale{Min: 2, Max: 4}, Open: true},
	"onescale":  {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Scale: &api.Scale{Min: 1, Max: 4}, Open: true},
	"fixed":     {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Scale: &api.Scale{Min: 3, Max: 3}, Open: true},
	"alone":     {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}},
	"low":       {Ports: map[string]api.SystemPort{"http": {Port: 80}}, Open: true},
	"ssh":       {Ports: map[string]api.SystemPort{"tcp-ssh": {Port: 2222}}, Open: true},
	"value":     {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Env: map[string]string{"SCHEME": "Bearer"}, Config: map[string]string{"jwt-issuer": "a"}, Open: true},
	"volumes":   {Kind: "stateful", Ports: map[string]api.SystemPort{"redis": {Port: 6379}}, Volumes: []api.Volume{{Name: "data", Mount: "/data", Size: "1Gi"}}, Open: true},
	"exposed":   {Kind: "stateful", Ports: map[string]api.SystemPort{"redis": {Port: 6379}}, ServiceType: "LoadBalancer"},
	"versions":  {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Versions: map[string]api.ServiceVersion{"v1": {Weight: 90}, "v2": {Weight: 10}}, Open: true},
	"secrets":   {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Secrets: []api.SecretFiles{{Name: "db", External: "vault/db"}}, Open: true},
	"slow":      {Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}}, Health: api.Health{StartupSeconds: 900}, Open: true},
}

func systemOf(profile, mesh, edge, name string, body api.SystemService) api.System {
	body.Image = "registry.example.com/a:1" + digest
	return api.System{
		Metadata: api.SystemMeta{Name: "sys"}, Profile: profile, With: []string{"monitoring", "security"},
		Platform: api.Platform{Mesh: mesh, Ingress: api.Ingress{API: edge}},
		Services: map[string]api.SystemService{name: body},
	}
}

// chosen is what is found where the author of the file asks for it.
var chosen = map[string][]string{
	"exposed": {"KM2519"}, "files": {"KM5501"}, "single": {"KM2501"}, "pair": {"KM2502"},
	"onescale": {"KM2508"}, "pairscale": {"KM2509"}, "fixed": {"KM2510"}, "low": {"KM1535"}, "ssh": {"KM1536"}, "value": {"KM1527"},
}

// found are the rules that find something in objects.
func found(t *testing.T, results []rules.Result) []string {
	t.Helper()
	var out []string
	for _, r := range results {
		t.Logf("%s %s %s: %s", r.ID, r.Object, r.Pointer, r.Message)
		out = append(out, r.ID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// What is generated passes the lint, whatever it is, but for what was asked for.
func TestGeneratedIsClean(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		for _, profile := range []string{"standard", "hardened"} {
			for _, mesh := range []string{"none", "sidecar", "ambient"} {
				for _, edge := range []string{"gateway", "ingress"} {
					t.Run(strings.Join([]string{name, profile, mesh, edge}, "/"), func(t *testing.T) {
						set, err := app.Generate(systemOf(profile, mesh, edge, name, bodies[name]), app.Options{})
						if err != nil {
							t.Fatal(err)
						}
						if diff := cmp.Diff(chosen[name], found(t, lint.Check(set.Objects))); diff != "" {
							t.Errorf("-want +got:\n%s", diff)
						}
						if ids := found(t, lint.Verify(set.Objects)); len(ids) > 0 {
							t.Errorf("the generator refuses its own output for %v", ids)
						}
					})
				}
			}
		}
	}
}

// On a developer's machine there is one pod, with nothing but its memory bounded.
func TestDevelopersLeaveOut(t *testing.T) {
	set, err := app.Generate(systemOf("dev", "none", "gateway", "http", bodies["http"]), app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"KM1519", "KM1520", "KM2501"}, found(t, lint.Check(set.Objects))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if ids := found(t, lint.Verify(set.Objects, lint.Relaxed...)); len(ids) > 0 {
		t.Errorf("the generator refuses its own output for %v", ids)
	}
}

// Addons, old clusters and a user without rights to the cluster leave the output as
// clean as it can be.
func TestVariantsAreVerified(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*api.System)
		options app.Options
		but     []string
	}{
		"fluent-bit":               {change: func(s *api.System) { s.With = []string{"logging"} }},
		"collector":                {change: func(s *api.System) { s.With = []string{"logging=otel"} }},
		"fluentd":                  {change: func(s *api.System) { s.With = []string{"logging=fluentd"} }},
		"Kubernetes 1.25":          {change: func(s *api.System) { s.Platform.KubernetesVersion = "1.25" }},
		"no rights to the cluster": {change: func(*api.System) {}, options: app.Options{SkipClusterScoped: true}, but: []string{"KM1529"}},
		"dev":                      {change: func(s *api.System) { s.Profile = "dev" }, but: lint.Relaxed},
		"default":                  {change: func(s *api.System) { s.Metadata.Namespace = "default" }},
		"istio":                    {change: func(s *api.System) { s.Platform.Mesh, s.Platform.Ingress.API = "sidecar", "istio" }},
	} {
		for _, body := range slices.Sorted(maps.Keys(bodies)) {
			t.Run(name+"/"+body, func(t *testing.T) {
				s := systemOf("standard", "none", "gateway", body, bodies[body])
				c.change(&s)
				set, err := app.Generate(s, c.options)
				if err != nil {
					t.Fatal(err)
				}
				if ids := found(t, lint.Verify(set.Objects, c.but...)); len(ids) > 0 {
					t.Errorf("the generator refuses its own output for %v", ids)
				}
			})
		}
	}
}
