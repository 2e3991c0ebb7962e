// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

// ofKind are the objects of a kind, by namespace and name.
func ofKind(set app.Set, kind string) map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, o := range set.Objects {
		if o["kind"] == kind {
			ns, _ := at(o, "/metadata/namespace").(string)
			out[strings.TrimPrefix(ns+"/"+at(o, "/metadata/name").(string), "/")] = o
		}
	}
	return out
}

// withAll is the shop with addons.
func withAll(words ...string) api.System {
	s := shop()
	s.With = words
	return s
}

// TestAddons holds every addon, in every variant of it and of the system, against
// the schemas of its objects. None makes an object twice.
func TestAddons(t *testing.T) {
	for _, a := range app.Addons() {
		if a.Short == "" || strings.HasSuffix(a.Short, ".") {
			t.Errorf("%s is good for %q", a.Name, a.Short)
		}
		words := []string{a.Name}
		if len(a.Variants) > 0 {
			plain, chosen := generate(t, withAll(a.Name), app.Options{}), generate(t, withAll(a.Name+"="+a.Variants[0]), app.Options{})
			if diff := cmp.Diff(plain, chosen); diff != "" {
				t.Errorf("%s is not %s (-plain +chosen):\n%s", a.Name, a.Variants[0], diff)
			}
			for _, v := range a.Variants[1:] {
				words = append(words, a.Name+"="+v)
			}
		}
		all := variants()
		if a.Name == "ci" || a.Name == "dockerfile" { // which make no objects
			all = all[:1]
		}
		for _, word := range words {
			t.Run(word, func(t *testing.T) {
				t.Parallel()
				for _, c := range all {
					c.system.With = []string{word}
					holdsAddon(t, c)
				}
			})
		}
	}
}

// holdsAddon checks the objects of one system.
func holdsAddon(t *testing.T, c variant) {
	seen := map[string]bool{}
	for _, o := range generate(t, c.system, c.options).Objects {
		problems, known := schema.Check(o)
		if !known || len(problems) > 0 {
			t.Errorf("%s: %v %v: known %t, problems %v", c.name, o["apiVersion"], o["kind"], known, problems)
		}
		key := strings.Join([]string{o["kind"].(string), text(at(o, "/metadata/namespace")), text(at(o, "/metadata/name"))}, "/")
		if seen[key] {
			t.Errorf("%s: %s is there twice", c.name, key)
		}
		seen[key] = true
	}
	if c.options.SkipClusterScoped && seen["Namespace//sys-logging"] {
		t.Errorf("%s: a Namespace, which was to be left out", c.name)
	}
}

func text(v any) string { s, _ := v.(string); return s }

func TestAddonErrors(t *testing.T) {
	for words, want := range map[string]string{
		"monitor":                      `expected an addon (monitoring, logging, logging=fluentbit, logging=fluentd, logging=otel, security, ci, ci=github, ci=gitlab, ci=jenkins, ci=tekton, dockerfile), found "monitor" | did you mean monitoring?`,
		"ci,ci=github":                 "expected each addon once, found ci=github again | leave one out",
		"logging,logging=otel":         "expected each addon once, found logging=otel again | leave one out",
		"security,ci=github,ci=gitlab": "",
	} {
		_, err := app.Generate(withAll(strings.Split(words, ",")...), app.Options{})
		if got := joined(messages(err)); got != want {
			t.Errorf("%s: %s\nwant %s", words, got, want)
		}
	}
	s := withAll("logging")
	s.Metadata.Namespace = strings.Repeat("a", 56)
	_, err := app.Generate(s, app.Options{})
	if got := joined(messages(err)); !strings.Contains(got, "expected a namespace of at most 55 characters") {
		t.Errorf("a long namespace: %s", got)
	}
}

// TestFiles has a file for each pipeline, where its system looks for it.
func TestFiles(t *testing.T) {
	s := withAll("ci=github", "ci=gitlab", "ci=jenkins", "ci=tekton")
	users := s.Services["users"]
	users.Source, users.Image = "./services/users", "registry.example.com:5000/shop/users:1.0.0"+digest
	s.Services["users"] = users
	twin := users
	twin.Source = "./elsewhere"
	s.Services["x-twin"] = twin
	s.Services["split"] = api.SystemService{
		Image: "split:1", Source: "split", Ports: map[string]api.SystemPort{"http": {Port: 80}}, Open: true,
		Versions: map[string]api.ServiceVersion{"v1": {Weight: 90}, "v2": {Weight: 10, Image: "split:2"}},
	}
	s.Services["migrate"] = api.SystemService{Kind: "job", Image: "migrate:1"}
	set := generate(t, s, app.Options{})
	var got []string
	for _, f := range set.Files {
		got = append(got, f.Path)
		for _, want := range []string{
			"registry.example.com:5000/shop/users", "deployment/users", "deployment/split-v1", "delete job migrate", "canary status split -n shop",
		} {
			if !strings.Contains(string(f.Content), want) {
				t.Errorf("%s: no %s", f.Path, want)
			}
		}
		if strings.Contains(string(f.Content), "users:1.0.0") {
			t.Errorf("%s: the image has a tag", f.Path)
		}
		if !f.Adopt || strings.Contains(string(f.Content), "elsewhere/Dockerfile") {
			t.Errorf("%s: adopted %t, or two builds for one image", f.Path, f.Adopt)
		}
	}
	if diff := cmp.Diff([]string{".github/workflows/shop.yaml", ".gitlab-ci.yml", "Jenkinsfile", "tekton/shop.yaml"}, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	unbuilt := func(w app.Warning) bool { return strings.HasPrefix(w.Text, "the pipeline does not build ") }
	set.Warnings = slices.DeleteFunc(set.Warnings, func(w app.Warning) bool { return !unbuilt(w) })
	if len(set.Warnings) != 2 {
		t.Errorf("warnings: %v", set.Warnings)
	}
}

// TestDockerfiles writes them for what was detected, and says why not for the rest.
func TestDockerfiles(t *testing.T) {
	found := detect.Scan(fstest.MapFS{
		"users/go.mod":        {Data: []byte("module example.com/users\n\ngo 1.26\n")},
		"users/main.go":       {Data: []byte("package main\n\nimport \"net/http\"\n\nfunc main() { _ = http.ListenAndServe(\":8080\", nil) }\n")},
		"orders/Dockerfile":   {Data: []byte("FROM scratch\n")},
		"orders/package.json": {Data: []byte("{}\n")},
	}, detect.Options{})
	s, o := withAll("dockerfile", "ci"), app.Options{Detected: map[string]api.DetectedService{}}
	for _, d := range found.Services {
		o.Detected[d.Name] = d
	}
	for name, one := range s.Services {
		one.Source = name
		s.Services[name] = one
	}
	set := generate(t, s, o)
	var got []string
	for _, f := range set.Files {
		got = append(got, f.Path)
	}
	if diff := cmp.Diff([]string{"users/Dockerfile", "users/.dockerignore", ".github/workflows/shop.yaml"}, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if !slices.ContainsFunc(set.Warnings, func(w app.Warning) bool {
		return w.Text == "gateway gets no Dockerfile: nothing is known of what is in gateway"
	}) {
		t.Errorf("warnings: %v", set.Warnings)
	}
}
