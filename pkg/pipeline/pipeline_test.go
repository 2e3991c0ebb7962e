// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pipeline_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/pipeline"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func shop() pipeline.System {
	return pipeline.System{
		Name: "shop", Namespace: "shop-prod", Jobs: []string{"migrate"}, Canaries: []string{"orders"},
		Rollouts: []string{"deployment/users", "deployment/orders-v1", "statefulset/cart"},
		Builds: []pipeline.Build{
			{Name: "user-service", Context: ".", Dockerfile: "services/users/Dockerfile", Image: "registry.example.com/shop/users"},
			{Name: "cart", Context: "it's here", Dockerfile: "it's here/Dockerfile", Image: "ghcr.io/shop/cart"},
		},
	}
}

// writers are the pipelines, by the name of the golden file.
var writers = map[string]func(pipeline.System) []byte{
	"github.yaml": pipeline.GitHub, "gitlab.yaml": pipeline.GitLab, "Jenkinsfile": pipeline.Jenkins, "tekton.yaml": pipeline.Tekton,
}

func TestGolden(t *testing.T) {
	for name, write := range writers {
		got, file := write(shop()), filepath.Join("testdata", name)
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
		turned := shop()
		slices.Reverse(turned.Builds)
		if diff := cmp.Diff(string(got), string(write(turned))); diff != "" {
			t.Errorf("%s: the order of builds shows (-want +got):\n%s", name, diff)
		}
	}
}

// parse reads the documents of a stream of YAML.
func parse(t *testing.T, text []byte) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, doc := range strings.Split(string(text), "\n---\n") {
		one := map[string]any{}
		if err := yaml.UnmarshalStrict([]byte(doc), &one); err != nil {
			t.Fatalf("%v in\n%s", err, doc)
		}
		if len(one) > 0 {
			out = append(out, one)
		}
	}
	return out
}

// scripts are the texts of a pipeline that a shell runs.
func scripts(t *testing.T, name string, text []byte) []string {
	t.Helper()
	var out []string
	if name == "Jenkinsfile" {
		for i, part := range strings.Split(string(text), "'''") {
			if i%2 == 1 {
				out = append(out, strings.ReplaceAll(part, `\\`, `\`))
			}
		}
		return out
	}
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, child := range v {
				walk(k, child)
			}
		case []any:
			for _, child := range v {
				walk(key, child)
			}
		case string:
			if key == "run" || key == "script" {
				out = append(out, v)
			}
		}
	}
	for _, doc := range parse(t, text) {
		walk("", doc)
	}
	return out
}

// TestScripts has every script read by a shell, for every kind of system, and
// wants it to stop at the first failure. None has an expression of its CI system
// in it: whoever names a branch would write code.
func TestScripts(t *testing.T) {
	quiet := shop()
	quiet.Builds, quiet.Canaries, quiet.Jobs = nil, nil, nil
	for name, write := range writers {
		for _, s := range []pipeline.System{shop(), quiet} {
			all := scripts(t, name, write(s))
			if len(all) < 3 {
				t.Errorf("%s: %d scripts", name, len(all))
			}
			for _, script := range all {
				first := strings.TrimPrefix(strings.TrimLeft(script, " \n("), "#!/bin/sh\n")
				if !strings.HasPrefix(strings.TrimSpace(first), "set -eu") && !strings.HasPrefix(first, "set +x -eu") {
					t.Errorf("%s: it goes on after a failure:\n%s", name, script)
				}
				if strings.Contains(script, "${{") || strings.Contains(script, "$(params.") {
					t.Errorf("%s: an expression in\n%s", name, script)
				}
				cmd := exec.CommandContext(t.Context(), "sh", "-n")
				cmd.Stdin = strings.NewReader(script)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%s: %v: %s in\n%s", name, err, out, script)
				}
			}
		}
	}
}

// TestSteps wants every pipeline to do all that is to be done, in this order.
func TestSteps(t *testing.T) {
	for name, write := range writers {
		text, at := string(write(shop())), 0
		for _, step := range []string{
			"kubectl-micro scaffold lint", "kubectl-micro diagnose", "target", "attest", "containerimage.digest", "kustomize edit set image ghcr.io/shop/cart@",
			"kubectl diff", "kubectl delete job migrate", "kubectl apply -k", "kubectl rollout status", "kubectl rollout undo", "kubectl micro canary status orders -n shop-prod",
		} {
			if step == "attest" {
				step = map[bool]string{true: "attest:provenance", false: "--provenance"}[name == "tekton.yaml"]
			}
			i := strings.Index(text[at:], step)
			if i < 0 {
				t.Errorf("%s: no %q after %q", name, step, text[max(0, at-40):at])
				break
			}
			at += i
		}
		if strings.Contains(text, ":latest") {
			t.Errorf("%s: an image that is another one whenever it is pulled", name)
		}
	}
}

type githubJob struct {
	RunsOn      string            `json:"runs-on"`
	Timeout     int               `json:"timeout-minutes"`
	Permissions map[string]string `json:"permissions"`
	Outputs     map[string]string `json:"outputs"`
	Needs       any               `json:"needs"`
	If          string            `json:"if"`
	Steps       []struct {
		ID   string            `json:"id"`
		Name string            `json:"name"`
		Uses string            `json:"uses"`
		Run  string            `json:"run"`
		Env  map[string]string `json:"env"`
	} `json:"steps"`
}

func TestGitHub(t *testing.T) {
	text := pipeline.GitHub(shop())
	var flow struct {
		On          map[string]any       `json:"on"`
		Permissions map[string]string    `json:"permissions"`
		Jobs        map[string]githubJob `json:"jobs"`
	}
	if err := yaml.Unmarshal(text, &flow); err != nil {
		t.Fatal(err)
	}
	if len(flow.On) != 2 || flow.Permissions == nil || len(flow.Permissions) != 0 || len(flow.Jobs) != 4 {
		t.Errorf("on %v, permissions %v, %d jobs", flow.On, flow.Permissions, len(flow.Jobs))
	}
	want := map[string]map[string]string{
		"check": {"contents": "read"}, "deploy": {"contents": "read", "id-token": "write"},
		"build-cart": {"contents": "read", "packages": "write"}, "build-user-service": {"contents": "read", "packages": "write"},
	}
	for name, job := range flow.Jobs {
		if diff := cmp.Diff(want[name], job.Permissions); diff != "" {
			t.Errorf("%s: permissions (-want +got):\n%s", name, diff)
		}
		if job.RunsOn == "" || job.Timeout == 0 || len(job.Steps) < 3 {
			t.Errorf("%s: runs on %q, for %d minutes, %d steps", name, job.RunsOn, job.Timeout, len(job.Steps))
		}
		if push := job.If == "github.event_name == 'push'"; push != (name != "check") {
			t.Errorf("%s runs if %q", name, job.If)
		}
		for _, step := range job.Steps {
			if (step.Uses == "") == (step.Run == "") {
				t.Errorf("%s: step %q uses %q and runs %q", name, step.Name, step.Uses, step.Run)
			}
		}
	}
	if diff := cmp.Diff([]any{"check", "build-cart", "build-user-service"}, flow.Jobs["deploy"].Needs); diff != "" {
		t.Errorf("deploy needs (-want +got):\n%s", diff)
	}
	if got := flow.Jobs["build-cart"].Outputs["digest"]; got != "${{ steps.build.outputs.digest }}" {
		t.Errorf("output digest: %s", got)
	}
	if got := flow.Jobs["build-cart"].Steps[1].Env["REGISTRY_PASSWORD"]; got != "${{ github.token }}" {
		t.Errorf("password of ghcr.io: %s", got)
	}
	for _, line := range regexp.MustCompile(`(?m)^.*uses: .*$`).FindAllString(string(text), -1) {
		if !regexp.MustCompile(`uses: [a-z-]+/[a-z-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$`).MatchString(line) {
			t.Errorf("not pinned by a commit with its version: %s", line)
		}
	}
}

// TestJenkins wants what Groovy wants: braces in pairs, outside of its strings.
func TestJenkins(t *testing.T) {
	depth := 0
	for i, part := range strings.Split(string(pipeline.Jenkins(shop())), "'''") {
		if i%2 == 1 {
			if strings.Contains(strings.ReplaceAll(part, `\\`, ""), `\`) {
				t.Errorf("Groovy would take a backslash of\n%s", part)
			}
			continue
		}
		plain := regexp.MustCompile(`'(\\.|[^'\\\n])*'|"(\\.|[^"\\\n])*"|//.*`).ReplaceAllString(part, "")
		for _, r := range plain {
			switch r {
			case '{':
				depth++
			case '}':
				depth--
			case '\'', '"':
				t.Errorf("a string without an end in\n%s", part)
			}
			if depth < 0 {
				t.Fatal("a brace is closed that was not opened")
			}
		}
	}
	if depth != 0 {
		t.Errorf("%d braces are not closed", depth)
	}
}
