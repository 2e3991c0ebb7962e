// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
)

// owned is as the API server shows it: an Istio route, whose lists are atomic,
// together with a Service's ports, which are keyed, and finalizers, which are a set.
const owned = `{
  "metadata": {
    "finalizers": ["a", "b"],
    "labels": {"app": "x", "a/b": "y"},
    "managedFields": [
      {"manager": "kubectl-create", "operation": "Update", "time": "2026-01-01T10:00:00Z", "fieldsV1": {
        "f:metadata": {"f:labels": {".": {}, "f:app": {}}, "f:finalizers": {".": {}, "v:\"a\"": {}}},
        "f:spec": {".": {}, "f:ports": {".": {}, "k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}, "f:targetPort": {}}}}}},
      {"manager": "argocd-controller", "operation": "Apply", "time": "2026-01-03T10:00:00Z", "fieldsV1": {
        "f:metadata": {"f:labels": {"f:a/b": {}}},
        "f:spec": {"f:http": {}, "f:ports": {"k:{\"port\":443,\"protocol\":\"TCP\"}": {"f:name": {}}}}}},
      {"manager": "kubectl-edit", "operation": "Update", "time": "2026-01-02T10:00:00Z", "fieldsV1": {"f:spec": {"f:http": {}}}},
      {"manager": "controller", "operation": "Update", "subresource": "status", "fieldsV1": {"f:status": {"f:conditions": {}}}},
      {"manager": "broken", "operation": "Update", "fieldsV1": "no tree"},
      "no entry"
    ]
  },
  "spec": {
    "http": [{"route": [{"weight": 90}]}],
    "ports": [{"port": 443, "protocol": "TCP", "name": "https"}, {"port": 80, "protocol": "TCP", "targetPort": 8080}]
  },
  "status": {"conditions": [{"type": "Ready"}]}
}`

func TestOwners(t *testing.T) {
	const (
		create = `"kubectl-create" (Update, 2026-01-01T10:00:00Z) `
		argo   = `"argocd-controller" (Apply, 2026-01-03T10:00:00Z) `
		edit   = `"kubectl-edit" (Update, 2026-01-02T10:00:00Z) `
	)
	for pointer, want := range map[string][]string{
		"/spec/http/0/route/0/weight": {argo + "/spec/http", edit + "/spec/http"}, // an atomic list; latest first
		"/spec/http":                  {argo + "/spec/http", edit + "/spec/http"},
		"/metadata/labels/app":        {create + "/metadata/labels/app"},
		"/metadata/labels/a~1b":       {argo + "/metadata/labels/a~1b"},
		"/metadata/labels/other":      nil,
		"/metadata/finalizers/0":      {create + "/metadata/finalizers/0"},
		"/metadata/finalizers/1":      nil,
		"/spec/ports/1/targetPort":    {create + "/spec/ports/1/targetPort"},
		"/spec/ports/0/name":          {argo + "/spec/ports/0/name"},
		"/spec/ports/0/targetPort":    nil,
		"/spec/ports/7":               nil,
		"/spec/ports/-":               nil,
		"/spec/ports":                 {argo + "/spec/ports", create + "/spec/ports"}, // a part of it each
		"/status/conditions/0/type":   {`"controller" (Update of status) /status/conditions`},
		"/other":                      nil,
		"not a pointer":               nil,
	} {
		t.Run(pointer, func(t *testing.T) {
			var object map[string]any
			if err := json.Unmarshal([]byte(owned), &object); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, o := range cluster.Owners(object, pointer) {
				got = append(got, o.String()+" "+o.Field)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func FuzzOwners(f *testing.F) {
	f.Add(owned, "/spec/http/0/route/0/weight")
	f.Add(owned, "/spec/ports/1")
	f.Add(`{"metadata":{"managedFields":[{"fieldsV1":{"f:a":{"i:0":{},"k:{}":{},"v:":{}}}}]},"a":[1]}`, "/a/0")
	f.Add(`{"metadata":{"managedFields":{}}}`, "")
	f.Fuzz(func(t *testing.T, document, pointer string) {
		var object map[string]any
		if json.Unmarshal([]byte(document), &object) != nil {
			return
		}
		for _, o := range cluster.Owners(object, pointer) {
			if !strings.HasPrefix(canonical(pointer), o.Field) {
				t.Errorf("the owner of %q owns %q, which is not above it", pointer, o.Field)
			}
		}
	})
}

// canonical spells a pointer's escapes in the one way that Join does.
func canonical(pointer string) string {
	var out strings.Builder
	for i := 0; i < len(pointer); i++ {
		out.WriteByte(pointer[i])
		if pointer[i] == '~' && (i+1 == len(pointer) || (pointer[i+1] != '0' && pointer[i+1] != '1')) {
			out.WriteByte('0')
		}
	}
	return out.String()
}
