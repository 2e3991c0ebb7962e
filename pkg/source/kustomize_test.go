// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

func TestKustomize(t *testing.T) {
	dir := tree(t, map[string]string{
		"base/kustomization.yaml": "resources: [web.yaml]\n",
		"base/web.yaml":           service("web"),
		"prod/kustomization.yaml": "resources: [../base]\nnamespace: prod\nnamePrefix: p-\nconfigMapGenerator:\n- name: c\n  literals: [url=https://example.com/]\n  options: {disableNameSuffixHash: true}\n",
	})
	f := &source.Files{Kustomize: filepath.Join(dir, "prod")}
	got, err := f.Load(t.Context(), everything)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"ConfigMap prod/p-c", "Service prod/p-web"}, names(got)); d != "" {
		t.Error(d)
	}
}

func TestKustomizeStaysLocal(t *testing.T) {
	for entry, remote := range map[string]string{
		"resources: [https://example.com/x.yaml]":                           "https://example.com/x.yaml",
		"resources: [../base]":                                              "github.com/org/repo//deploy?ref=v1", // of the base
		"components: ['git@example.com:org/repo']":                          "git@example.com:org/repo",
		"bases: ['ssh://git@example.com/org/repo']":                         "ssh://git@example.com/org/repo",
		"crds: [http://example.com/crd.json]":                               "http://example.com/crd.json",
		"transformers: [https://example.com/t.yaml]":                        "https://example.com/t.yaml",
		"openapi: {path: https://example.com/openapi.json}":                 "https://example.com/openapi.json",
		"patches: [{path: https://example.com/p.yaml}]":                     "https://example.com/p.yaml",
		"patchesStrategicMerge: [https://example.com/p.yaml]":               "https://example.com/p.yaml",
		"patchesJson6902: [{path: https://example.com/p.yaml}]":             "https://example.com/p.yaml",
		"replacements: [{path: https://example.com/r.yaml}]":                "https://example.com/r.yaml",
		"configMapGenerator: [{name: c, files: ['k=https://example.com']}]": "https://example.com",
		"secretGenerator: [{name: c, envs: ['https://example.com/env']}]":   "https://example.com/env",
	} {
		t.Run(entry, func(t *testing.T) {
			dir := tree(t, map[string]string{
				"base/kustomization.yml":  "resources:\n- github.com/org/repo//deploy?ref=v1\n",
				"prod/kustomization.yaml": entry + "\n",
			})
			f := &source.Files{Kustomize: filepath.Join(dir, "prod")}
			got, err := f.Load(t.Context(), everything)
			if got != nil || err == nil || !strings.Contains(err.Error(), "expected local files, found the remote "+remote) {
				t.Errorf("got %v, %v", got, err)
			}
			if !strings.Contains(hint(err), "kustomize build '"+filepath.Join(dir, "prod")+"' |") {
				t.Errorf("hint %q", hint(err))
			}
		})
	}
}

func TestKustomizeFailures(t *testing.T) {
	dir := tree(t, map[string]string{"kustomization.yaml": "resources: [none.yaml]\n", "file.yaml": "", "loop/kustomization.yaml": "resources: [../loop]\n"})
	for path, want := range map[string]string{
		dir:                               dir + ": cannot build the kustomization: ",
		filepath.Join(dir, "file.yaml"):   "expected the directory of a kustomization, found a file",
		filepath.Join(dir, "none"):        "none: cannot read it: no such file",
		filepath.Join(dir, "loop"):        "cycle",
		"https://github.com/org/repo":     "expected local files, found the remote https://github.com/org/repo",
		"github.com/org/repo/deploy/prod": "expected local files, found the remote github.com/org/repo/deploy/prod",
	} {
		t.Run(path, func(t *testing.T) {
			f := &source.Files{Kustomize: path}
			got, err := f.Load(t.Context(), everything)
			if got != nil || err == nil || !strings.Contains(err.Error(), want) || fault.KindOf(err) == 0 {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
