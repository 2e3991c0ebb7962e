// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

// bazaar is a system with all that a mesh can carry out.
func bazaar(t *testing.T, mesh, ingress string) api.System {
	t.Helper()
	text, err := os.ReadFile("testdata/bazaar.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := app.Read("bazaar.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	s.Platform.Mesh, s.Platform.Ingress.API = mesh, ingress
	if mesh == "sidecar" {
		change(s, "orders", func(o *api.SystemService) { o.Traffic.Retries = &api.Retries{Attempts: 1, PerTry: "700ms"} })
	}
	return s
}

// change changes one service of a system.
func change(s api.System, name string, how func(*api.SystemService)) {
	one := s.Services[name]
	how(&one)
	s.Services[name] = one
}

// entrances are the modes, each with a way for requests to come in.
var entrances = []struct{ mesh, ingress string }{{"sidecar", "istio"}, {"ambient", "gateway"}, {"sidecar", "gateway"}, {"ambient", "istio"}}

// TestMesh compares a system in both modes, and holds all objects against their
// schemas.
func TestMesh(t *testing.T) {
	for i, m := range entrances {
		set := generate(t, bazaar(t, m.mesh, m.ingress), app.Options{})
		for _, o := range set.Objects {
			if problems, known := schema.Check(o); !known || len(problems) > 0 {
				t.Errorf("%s, %s: %v %v: known %t, problems %v", m.mesh, m.ingress, o["kind"], at(o, "/metadata/name"), known, problems)
			}
		}
		if i < 2 {
			golden(t, "mesh-"+m.mesh+".yaml", app.YAML(set.Objects...))
		}
	}
}

// TestPeersOfWaypoint leaves pods that find each other to ztunnel: they dial pods.
func TestPeersOfWaypoint(t *testing.T) {
	set := generate(t, called("ambient", api.SystemService{
		Kind: "stateful", ServiceType: "ClusterIP", Ports: map[string]api.SystemPort{"http": {Port: 80}}, Traffic: api.Traffic{Timeout: "1s"},
	}), app.Options{})
	for name, want := range map[string]bool{"users": true, "users-waypoint": false} {
		text := string(app.YAML(object(set, "AuthorizationPolicy", name)))
		if strings.Contains(text, "/sa/users\n") != want || strings.Contains(text, "/sa/web\n") == want {
			t.Errorf("%s lets in\n%s", name, text)
		}
	}
}

// TestLineByLine takes out each line of dependsOn on its own, and finds nothing
// left of it at either end.
func TestLineByLine(t *testing.T) {
	for _, m := range entrances {
		all := bazaar(t, m.mesh, m.ingress)
		for name, s := range all.Services {
			for i, d := range s.DependsOn {
				if there := traces(generate(t, all, app.Options{}), name, d.Service, all); len(there) == 0 {
					t.Errorf("%s: %s -> %s is nowhere", m.mesh, name, d.Service)
				}
				less := bazaar(t, m.mesh, m.ingress)
				change(less, name, func(s *api.SystemService) { s.DependsOn = slices.Delete(s.DependsOn, i, i+1) })
				if _, internal := less.Services[d.Service]; internal {
					change(less, d.Service, func(s *api.SystemService) {
						s.Allow = slices.DeleteFunc(s.Allow, func(a api.Allow) bool { return a.From == name })
					})
				}
				if left := traces(generate(t, less, app.Options{}), name, d.Service, all); len(left) > 0 {
					t.Errorf("%s: without %s -> %s, it is still in %v", m.mesh, name, d.Service, left)
				}
			}
		}
	}
}

// TestOneLine has all that one line yields.
func TestOneLine(t *testing.T) {
	for _, c := range []struct {
		mesh, ingress, from, to string
		want                    []string
	}{
		{"sidecar", "istio", "orders", "catalog", []string{"ConfigMap/orders", "AuthorizationPolicy/catalog", "NetworkPolicy/catalog", "NetworkPolicy/orders", "Sidecar/orders", "Deployment/orders"}},
		{"sidecar", "istio", "web", "payments", []string{"ConfigMap/web", "NetworkPolicy/web", "ServiceEntry/payments", "Sidecar/web", "Deployment/web"}},
		{"sidecar", "istio", "orders", "user-db", []string{"ConfigMap/orders", "NetworkPolicy/orders", "Sidecar/orders", "Deployment/orders"}},
		{"ambient", "gateway", "orders", "catalog", []string{"ConfigMap/orders", "AuthorizationPolicy/catalog-waypoint", "NetworkPolicy/orders", "NetworkPolicy/waypoint", "Deployment/orders"}},
		{"ambient", "gateway", "catalog", "cache", []string{"ConfigMap/catalog", "AuthorizationPolicy/cache", "NetworkPolicy/cache", "NetworkPolicy/catalog", "Deployment/catalog-v1", "Deployment/catalog-v2"}},
	} {
		s := bazaar(t, c.mesh, c.ingress)
		with := texts(generate(t, s, app.Options{}))
		change(s, c.from, func(s *api.SystemService) {
			s.DependsOn = slices.DeleteFunc(s.DependsOn, func(d api.Dependency) bool { return d.Service == c.to })
		})
		without := texts(generate(t, s, app.Options{}))
		for _, name := range c.want {
			if with[name] == "" || with[name] == without[name] {
				t.Errorf("%s: %s -> %s makes no difference to %s", c.mesh, c.from, c.to, name)
			}
		}
		for name := range with {
			if with[name] != without[name] && !slices.Contains(c.want, name) {
				t.Errorf("%s: %s -> %s also changes %s", c.mesh, c.from, c.to, name)
			}
		}
	}
}

// texts are the objects of a set, by kind and name.
func texts(set app.Set) map[string]string {
	out := map[string]string{}
	for _, o := range set.Objects {
		out[fmt.Sprintf("%s/%s", o["kind"], at(o, "/metadata/name"))] = string(app.YAML(o))
	}
	return out
}

// traces are the objects of a caller that name a callee, those of the callee that
// name the caller, and those that are there for the call.
func traces(set app.Set, from, to string, s api.System) []string {
	hosts := []string{to + ".bazaar.svc", "app.kubernetes.io/name: " + to + "\n", s.External[to].Host, s.Backing[to].Host}
	var out []string
	for _, o := range set.Objects {
		name, text := at(o, "/metadata/name").(string), string(app.YAML(o))
		where := fmt.Sprintf("%s/%s", o["kind"], name)
		callee := (name == to || name == to+"-waypoint") && (strings.Contains(text, "/sa/"+from+"\n") || strings.Contains(text, "app.kubernetes.io/name: "+from+"\n"))
		caller := name == from && slices.ContainsFunc(hosts, func(h string) bool { return h != "" && strings.Contains(text, h) })
		entry := o["kind"] == "ServiceEntry" && name == to
		if callee || caller || entry {
			out = append(out, where)
		}
	}
	return out
}

// TestRoutesOfHost has the longer prefixes first, whoever they are of, and says
// what is below a path apart from what begins alike.
func TestRoutesOfHost(t *testing.T) {
	set := generate(t, bazaar(t, "sidecar", "istio"), app.Options{})
	var got []string
	for _, o := range set.Objects {
		if o["kind"] != "VirtualService" || at(o, "/metadata/name") != "bazaar-example-com" {
			continue
		}
		for _, r := range at(o, "/spec/http").([]any) {
			for _, m := range r.(map[string]any)["match"].([]any) {
				got = append(got, fmt.Sprint(m, " ", at(r.(map[string]any), "/route/0/destination/host")))
			}
		}
	}
	want := []string{
		"map[uri:map[exact:/office/tools]] admin.bazaar.svc.cluster.local", "map[uri:map[prefix:/office/tools/]] admin.bazaar.svc.cluster.local",
		"map[uri:map[exact:/office]] admin.bazaar.svc.cluster.local", "map[uri:map[prefix:/office/]] admin.bazaar.svc.cluster.local",
		"map[uri:map[prefix:/]] web.bazaar.svc.cluster.local",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
