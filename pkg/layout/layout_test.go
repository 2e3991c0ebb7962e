// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package layout_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/layout"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

const system = `
apiVersion: kubectl-micro.dev/v1alpha1
kind: System
metadata: {name: shop, email: a@example.com}
platform: {mesh: sidecar, registry: registry.example.com/shop, ingress: {host: shop.example.com}}
with: [monitoring]
services:
  web:
    image: web:v1.0
    ports: {http: 8080}
    health: {live: /livez, ready: /readyz}
    config: {log-level: info}
    expose: {paths: [/]}
    dependsOn: [users, system, con]
  users:
    image: users:v1.0
    ports: {http: {port: 80, target: 8080}, http-metrics: 9090}
    health: {live: /health, ready: /ready}
    scale: {min: 3, max: 10}
  system:
    image: system:v1.0
    ports: {http: 8080}
  con:
    image: con:v1.0
    ports: {http: 8080}
    kind: stateful
`

func generate(t *testing.T) app.Set {
	t.Helper()
	s, err := app.Read("m.yaml", []byte(system))
	if err != nil {
		t.Fatal(err)
	}
	set, err := app.Generate(s, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func files(t *testing.T, name string, s layout.System) []layout.File {
	t.Helper()
	out, err := layout.Files(name, s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func paths(list []layout.File) (out []string) {
	for _, f := range list {
		out = append(out, f.Path)
	}
	return out
}

func TestFlat(t *testing.T) {
	set := generate(t)
	set.Files = []app.File{{Path: "web/Dockerfile", Content: []byte("FROM a\n"), Adopt: true}}
	got := files(t, layout.Flat, layout.System{Name: "shop", Dir: "k8s", Set: set})
	want := []string{"k8s/00-system.yaml", "k8s/Kustomization", "k8s/con_.yaml", "k8s/system_.yaml", "k8s/users.yaml", "k8s/web.yaml", "web/Dockerfile"}
	if diff := cmp.Diff(want, paths(got)); diff != "" {
		t.Error(diff)
	}
	// What kubectl apply -f reads, in its order, is all there is, the namespace first.
	var all []map[string]any
	for _, f := range got {
		if strings.HasSuffix(f.Path, ".yaml") != f.Objects {
			t.Errorf("%s: made of objects: %t", f.Path, f.Objects)
		}
		if f.Objects {
			all = append(all, objects(t, f.Content)...)
		}
		if f.Adopt != (f.Path == "web/Dockerfile") {
			t.Errorf("%s: adopts: %t", f.Path, f.Adopt)
		}
	}
	if all[0]["kind"] != "Namespace" {
		t.Errorf("the first object is a %v", all[0]["kind"])
	}
	if diff := cmp.Diff(sorted(set.Objects), sorted(all)); diff != "" {
		t.Errorf("objects (-stream +files):\n%s", diff)
	}
	if diff := cmp.Diff(sorted(set.Objects), sorted(build(t, got, "k8s"))); diff != "" {
		t.Errorf("objects (-stream +kustomize build):\n%s", diff)
	}
}

func TestKustomize(t *testing.T) {
	set := generate(t)
	got := files(t, layout.Kustomize, layout.System{Name: "shop", Dir: "deploy/k8s", Set: set})
	for _, want := range []string{
		"deploy/k8s/base/kustomization.yaml", "deploy/k8s/base/system/namespace.yaml", "deploy/k8s/base/system_/deployment.yaml",
		"deploy/k8s/base/con_/statefulset.yaml", "deploy/k8s/base/web/service.yaml", "deploy/k8s/overlays/prod/kustomization.yaml",
	} {
		if !slices.Contains(paths(got), want) {
			t.Errorf("no %s in %v", want, paths(got))
		}
	}
	for _, dir := range []string{"base", "overlays/staging", "overlays/prod"} {
		if diff := cmp.Diff(set.Objects, build(t, got, "deploy/k8s/"+dir)); diff != "" {
			t.Errorf("%s (-stream +build):\n%s", dir, diff)
		}
	}
}

// TestDev: one pod of everything, whoever counts them, and no budgets.
func TestDev(t *testing.T) {
	set := generate(t)
	got := build(t, files(t, layout.Kustomize, layout.System{Name: "shop", Dir: ".", Set: set}), "overlays/dev")
	budgets := 0
	for _, o := range set.Objects {
		if o["kind"] == "PodDisruptionBudget" {
			budgets++
		}
	}
	if budgets == 0 || len(got) != len(set.Objects)-budgets {
		t.Errorf("%d of %d objects, of which %d are budgets", len(got), len(set.Objects), budgets)
	}
	counted := map[string]int{}
	for _, o := range got {
		spec, _ := o["spec"].(map[string]any)
		meta := o["metadata"].(map[string]any)
		switch o["kind"] {
		case "Deployment", "StatefulSet":
			if n, has := spec["replicas"]; has != (meta["name"] != "users") || has && n != int64(1) {
				t.Errorf("%v has %v replicas", meta["name"], n)
			}
			counted["pods"]++
		case "HorizontalPodAutoscaler":
			if spec["minReplicas"] != int64(1) {
				t.Errorf("%v has at least %v pods", meta["name"], spec["minReplicas"])
			}
			counted["scales"]++
		}
	}
	if diff := cmp.Diff(map[string]int{"pods": 4, "scales": 1}, counted); diff != "" {
		t.Error(diff)
	}
}

func TestPaths(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"a/b.yaml", ""},
		{".github/workflows/a.yaml", ""},
		{"com10.yaml", ""},
		{"../a", "within the folder"},
		{"a/../../b", "within the folder"},
		{"/etc/passwd", "within the folder"},
		{"", "within the folder"},
		{".", "within the folder"},
		{"a//b", "within the folder"},
		{`a\..\..\b`, "every system can write"},
		{"C:/a", "every system can write"},
		{"a\x00b", "every system can write"},
		{"a /b", "every system can write"},
		{"a./b", "every system can write"},
		{"web/NUL.yaml", "a device of Windows"},
		{"lpt1", "a device of Windows"},
		{".micro/lock.yaml", "a folder of a program"},
		{".GIT/hooks/pre-commit", "a folder of a program"},
	} {
		err := layout.Check(c.path)
		switch {
		case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%q: %v, want %q", c.path, err, c.want)
		case err != nil && fault.KindOf(err) != fault.Refused:
			t.Errorf("%q: kind %d", c.path, fault.KindOf(err))
		}
	}
}

func TestRefusals(t *testing.T) {
	for want, list := range map[string][]app.File{
		"within the folder": {{Path: "../web/Dockerfile"}},
		"generated once":    {{Path: "web/Dockerfile"}, {Path: "./web/Dockerfile"}},
	} {
		_, err := layout.Files(layout.Flat, layout.System{Name: "a", Dir: "k8s", Set: app.Set{Files: list}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// build is kustomize build of a folder.
func build(t *testing.T, list []layout.File, dir string) []map[string]any {
	t.Helper()
	disk := filesys.MakeFsInMemory()
	for _, f := range list {
		if err := disk.WriteFile(path.Join("/", f.Path), f.Content); err != nil {
			t.Fatal(err)
		}
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(disk, path.Join("/", dir))
	if err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	text, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return objects(t, text)
}

func objects(t *testing.T, text []byte) (out []map[string]any) {
	t.Helper()
	stream, err := manifest.Split("f", text)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range stream.Docs {
		found, err := d.Objects()
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range found {
			out = append(out, o.Value)
		}
	}
	return out
}

// sorted are objects as texts, in an order that does not depend on theirs.
func sorted(list []map[string]any) (out []string) {
	for _, o := range list {
		text, err := yaml.Marshal(o)
		if err != nil {
			panic(err)
		}
		out = append(out, string(text))
	}
	slices.Sort(out)
	return out
}

// TestCase: names that are one on some systems.
func TestCase(t *testing.T) {
	for _, pair := range [][2]string{{"web/Dockerfile", "web/dockerfile"}, {"web/Dockerfile", "Web/Jenkinsfile"}} {
		set := app.Set{Files: []app.File{{Path: pair[0]}, {Path: pair[1]}}}
		_, err := layout.Files(layout.Flat, layout.System{Name: "shop", Dir: "k8s", Set: set})
		if fault.KindOf(err) != fault.Refused || !strings.Contains(err.Error(), "differ in more than case") {
			t.Errorf("%v: %v", pair, err)
		}
	}
}
