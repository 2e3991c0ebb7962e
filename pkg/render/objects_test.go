// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func deployment(t *testing.T) map[string]any {
	return object(t, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop, managedFields: [{manager: kubectl}]}, spec: {replicas: 2}}`)
}

func service(t *testing.T) map[string]any {
	return object(t, `{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}}`)
}

const (
	deploymentYAML = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  replicas: 2\n"
	serviceYAML    = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\n"
	listJSON       = `{
    "apiVersion": "v1",
    "items": [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {
                "name": "web",
                "namespace": "shop"
            }
        }
    ],
    "kind": "List",
    "metadata": {
        "resourceVersion": ""
    }
}
`
)

func TestObjects(t *testing.T) {
	file := filepath.Join(t.TempDir(), "template")
	if err := os.WriteFile(file, []byte(`{{.metadata.name}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	both := []map[string]any{deployment(t), service(t)}
	for _, tc := range []struct {
		name    string
		print   render.Objects
		objects []map[string]any
		want    string
	}{
		{"yaml", render.Objects{Format: "yaml"}, both[:1], deploymentYAML},
		{"yaml of several is a stream", render.Objects{Format: "yaml"}, both, deploymentYAML + "---\n" + serviceYAML},
		{"yaml of none", render.Objects{Format: "yaml"}, nil, ""},
		{"json", render.Objects{Format: "json"}, both[1:], "{\n    \"apiVersion\": \"v1\",\n    \"kind\": \"Service\",\n    \"metadata\": {\n        \"name\": \"web\",\n        \"namespace\": \"shop\"\n    }\n}\n"},
		{"json of one of many", render.Objects{Format: "json", Many: true}, both[1:], listJSON},
		{"name", render.Objects{Format: "name", Operation: "patched"}, both, "deployment.apps/web\nservice/web\n"},
		{"operation", render.Objects{Operation: "patched (server dry run)"}, both, "deployment.apps/web patched (server dry run)\nservice/web patched (server dry run)\n"},
		{"nothing asked for", render.Objects{}, both[:1], "deployment.apps/web\n"},
		{"kyaml", render.Objects{Format: "kyaml"}, both[1:], "---\n{\n  apiVersion: \"v1\",\n  kind: \"Service\",\n  metadata: {\n    name: \"web\",\n    namespace: \"shop\",\n  },\n}\n"},
		{"jsonpath", render.Objects{Format: "jsonpath={.metadata.name}/{.spec.replicas}"}, both[:1], "web/2"},
		{"jsonpath of several", render.Objects{Format: "jsonpath={.items[*].kind}"}, both, "Deployment Service"},
		{"go-template", render.Objects{Format: "go-template={{.kind}} {{.metadata.missing}}"}, both[:1], "Deployment <no value>"},
		{"go-template-file", render.Objects{Format: "go-template-file=" + file}, both[:1], "web"},
		{"--template alone", render.Objects{Template: "{{.kind}}"}, both[1:], "Service"},
		{"--template of several", render.Objects{Template: "{{len .items}}"}, both, "2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := tc.print.Print(&b, tc.objects...); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
	if diff := cmp.Diff([]map[string]any{deployment(t), service(t)}, both); diff != "" {
		t.Errorf("printing changed the objects: %s", diff)
	}
}

func TestObjectsManagedFields(t *testing.T) {
	for _, format := range []string{"yaml", "json", "jsonpath={.metadata}", "kyaml"} {
		for _, show := range []bool{false, true} {
			var b bytes.Buffer
			if err := (render.Objects{Format: format, ShowManagedFields: show}).Print(&b, deployment(t)); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(b.String(), "managedFields"); got != show {
				t.Errorf("-o %s with ShowManagedFields %t printed\n%s", format, show, &b)
			}
		}
	}
}

func TestObjectsMistakes(t *testing.T) {
	for format, want := range map[string]string{
		"wide":             `output format "wide" is not known`,
		"jsonpath={.a":     "unclosed action",
		"go-template={{":   "unclosed action",
		"go-template=":     "no template given",
		"jsonpath-file=/x": "/x",
	} {
		err := render.Objects{Format: format}.Validate()
		if err == nil || !strings.Contains(err.Error(), want) || fault.KindOf(err) != fault.Usage {
			t.Errorf("-o %s: %v (kind %d), want a usage error with %q", format, err, fault.KindOf(err), want)
		}
	}
	var b bytes.Buffer
	strict := render.Objects{Format: "jsonpath={.metadata.missing}", StrictTemplate: true}
	if err := strict.Print(&b, service(t)); err == nil {
		t.Errorf("a missing key printed %q", &b)
	}
	if err := (render.Objects{Format: render.PatchFormat}).Validate(); err != nil {
		t.Errorf("-o patch: %v", err)
	}
}

func change(t *testing.T, name string, replicas int64) plan.Change {
	t.Helper()
	before := deployment(t)
	before["metadata"].(map[string]any)["name"] = name
	c, err := plan.New(ref.Of("apps/v1", "Deployment", "shop", name), before, []patch.Op{
		{Op: patch.Test, Path: "/spec/replicas", Value: int64(2)},
		{Op: patch.Replace, Path: "/spec/replicas", Value: replicas},
	}, "because")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPrintPlan(t *testing.T) {
	apply := plan.Change{Object: ref.Of("v1", "Service", "shop", "web"), Verb: plan.Apply, After: service(t)}
	remove := plan.Change{Object: ref.Of("v1", "Service", "shop", "web"), Verb: plan.Delete, Before: service(t)}
	const onePatch = `[
  {
    "op": "test",
    "path": "/spec/replicas",
    "value": 2
  },
  {
    "op": "replace",
    "path": "/spec/replicas",
    "value": 3
  }
]
`
	line := func(name string) string {
		return `{"apiVersion":"apps/v1","kind":"Deployment","namespace":"shop","name":"` + name +
			`","patch":[{"op":"test","path":"/spec/replicas","value":2},{"op":"replace","path":"/spec/replicas","value":3}]}` + "\n"
	}
	for _, tc := range []struct {
		name, format string
		changes      []plan.Change
		want         string
	}{
		{"patch of one change is what kubectl patch takes", "patch", []plan.Change{change(t, "web", 3)}, onePatch},
		{"a change that changes nothing does not count", "patch", []plan.Change{change(t, "idle", 2), change(t, "web", 3)}, onePatch},
		{"patches of several", "patch", []plan.Change{change(t, "a<b", 3), change(t, "web", 3)}, line("a<b") + line("web")},
		{"no patch", "patch", nil, "[]\n"},
		{"objects as they will be", "jsonpath={.spec.replicas}", []plan.Change{change(t, "web", 3)}, "3"},
		{"a new object", "yaml", []plan.Change{apply}, serviceYAML},
		{"a deleted object is not in the yaml", "yaml", []plan.Change{apply, remove}, serviceYAML},
		{"but has a name", "name", []plan.Change{remove}, "service/web\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := (render.Objects{Format: tc.format}).PrintPlan(&b, plan.Plan{Changes: tc.changes}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
	var b bytes.Buffer
	if err := render.Patches(&b, plan.Plan{Changes: []plan.Change{apply}}); fault.KindOf(err) != fault.Usage || b.Len() > 0 {
		t.Errorf("a patch of a whole object: %v, printed %q", err, &b)
	}
}
