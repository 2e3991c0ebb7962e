// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach/mesh"
)

// articleWorld is a file of the article among workloads as the article has them.
func articleWorld(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "examples", "article", file))
	if err != nil {
		t.Fatal(err)
	}
	workloads := ""
	for _, app := range []string{"frontend", "backend", "api-gateway", "user-service"} {
		workloads += "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + app + "}\nspec: {template: {metadata: {labels: {app: " + app + "}}, spec: {containers: [{name: a}]}}}\n---\n"
	}
	return workloads + "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: admin, namespace: default}\n---\n" +
		"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: admin, namespace: default}\nspec: {template: {spec: {serviceAccountName: admin}}}\n---\n" + string(data)
}

const injected = `apiVersion: v1
kind: Namespace
metadata: {name: prod, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: default, labels: {istio-injection: enabled}}
---
`

func between(from, to, method, path string) func(world, *mesh.Request) {
	return func(w world, r *mesh.Request) {
		r.From, r.To, r.Method, r.Path = w.peer(from), w.peer(to), method, path
	}
}

func ask(t *testing.T, yaml string, questions ...one) {
	t.Helper()
	w := newWorld(t, yaml)
	for i := range questions {
		q := questions[i].ask
		questions[i].ask = nil
		r := mesh.Request{Protocol: mesh.HTTP, Port: 8080}
		q(w, &r)
		got := w.authorize(r)
		if got.Verdict != questions[i].want || !strings.Contains(text(got), questions[i].says) {
			t.Errorf("%s: expected %s with %q, found %s:\n%s", questions[i].name, questions[i].want, questions[i].says, got.Verdict, text(got))
		}
	}
}

// TestArticleServiceToService holds what section 7.1 of the article does: nobody
// gets in, since nothing runs as the principal it names.
func TestArticleServiceToService(t *testing.T) {
	yaml := articleWorld(t, "07-1-service-auth.yaml")
	for name, namespaces := range map[string]string{"in the mesh": injected, "namespaces not in view": ""} {
		t.Run(name, func(t *testing.T) {
			ask(t, namespaces+yaml,
				one{"frontend", between("prod/frontend", "prod/backend", "GET", "/"), deny, "KM9007"},
				one{"what the rule wants", between("prod/frontend", "prod/backend", "GET", "/"), deny, "rule 1 wants principal cluster.local/ns/default/sa/frontend"},
				one{"who the caller is", between("prod/frontend", "prod/backend", "GET", "/"), deny, "caller is cluster.local/ns/prod/sa/default (deploy/frontend sets no serviceAccountName)"},
				one{"why", between("prod/frontend", "prod/backend", "GET", "/"), deny, "no workload in these files runs as ServiceAccount default/frontend"},
				one{"another service", between("prod/user-service", "prod/backend", "GET", "/"), deny, ""},
				one{"Prometheus", between("10.0.0.9/32", "prod/backend", "GET", "/metrics"), deny, "caller has no identity"},
				one{"other workloads are open", between("prod/frontend", "prod/user-service", "GET", "/"), none, ""})
		})
	}
}

// TestArticleRBAC holds what section 7.2 of the article does.
func TestArticleRBAC(t *testing.T) {
	to := "prod/api-gateway"
	ask(t, injected+articleWorld(t, "07-2-access-control.yaml"),
		one{"anyone reads below /public", between("10.0.0.9/32", to, "GET", "/public/x"), allow, "rule 1"},
		one{"/public itself", between("prod/frontend", to, "GET", "/public"), deny, "path is /public"},
		one{"HEAD", between("prod/frontend", to, "HEAD", "/public/x"), deny, "method is HEAD"},
		one{"CORS preflight", between("prod/frontend", to, "OPTIONS", "/public/x"), deny, "method is OPTIONS"},
		one{"PATCH", between("default/admin", to, "PATCH", "/x"), deny, ""},
		one{"admin writes anywhere", between("default/admin", to, "POST", "/x"), allow, "rule 2"},
		one{"admin deletes", between("default/admin", to, "DELETE", "/public"), allow, "rule 2"},
		one{"admin cannot read elsewhere", between("default/admin", to, "GET", "/x"), deny, "path is /x"},
		one{"others do not write", between("prod/frontend", to, "POST", "/x"), deny, "wants principal cluster.local/ns/default/sa/admin"},
		one{"probes that are not rewritten", between("prod/frontend", to, "GET", "/healthz"), deny, ""},
		one{"metrics", between("prod/frontend", to, "GET", "/metrics"), deny, ""},
		one{"slashes", between("prod/frontend", to, "GET", "//public/x"), unknown, "pathNormalization is not known"},
		one{"raw TCP", func(w world, r *mesh.Request) {
			between("default/admin", to, "", "")(w, r)
			r.Protocol = mesh.TCP
		}, deny, "KM9011"},
		one{"users behind the gateway are the gateway", func(w world, r *mesh.Request) {
			between("10.0.0.9/32", to, "POST", "/x")(w, r)
			via := w.peer("prod/frontend")
			r.Via = &via
		}, deny, "caller is cluster.local/ns/prod/sa/default"},
		one{"anything", between("prod/frontend", to, "", ""), unknown, "depends on method and path: GET /public/* is allowed (rule 1)"})
}
