// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pipeline_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/pipeline"
)

// step is the script of a step of the workflow for GitHub.
func step(t *testing.T, job, name string) string {
	t.Helper()
	var flow struct {
		Jobs map[string]githubJob `json:"jobs"`
	}
	if err := yaml.Unmarshal(pipeline.GitHub(shop()), &flow); err != nil {
		t.Fatal(err)
	}
	for _, s := range flow.Jobs[job].Steps {
		if s.Name == name {
			return s.Run
		}
	}
	t.Fatalf("no step %q in %s", name, job)
	return ""
}

// run runs a script in a folder, with programs that are scripts too, each of which
// notes how it is called. It returns the notes and the exit code.
func run(t *testing.T, dir, script string, programs map[string]string, env ...string) (string, int) {
	t.Helper()
	bin, notes := t.TempDir(), filepath.Join(t.TempDir(), "notes")
	for name, body := range programs {
		text := "#!/bin/sh\necho \"" + name + " $*\" >> " + notes + "\n" + body
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
	cmd.Dir, cmd.Env = dir, append([]string{"PATH=" + bin + ":" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir()}, env...)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	text, err := os.ReadFile(notes)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

// cluster is a kubectl of which users were changed by apply, orders-v1 were not,
// and cart was not there before.
const cluster = `
applied=$TMPDIR/applied
case "$1 $2" in
"get deployment/users") test -e "$applied" && echo new || echo old ;;
"get deployment/orders-v1") echo same ;;
"get statefulset/cart") test ! -e "$applied" || echo first ;;
"apply -k") touch "$applied"; test -z "$REFUSE" ;;
"rollout status") test "$3" != "$STUCK" ;;
esac
`

// TestDeploy undoes what this deployment has changed, and nothing else.
func TestDeploy(t *testing.T) {
	script := step(t, "deploy", "Deploy, or undo it")
	for _, c := range []struct {
		name, env, want string
		code            int
	}{
		{"all is well", "NONE=1", "", 0},
		{"one is stuck", "STUCK=deployment/orders-v1", "kubectl rollout undo deployment/users -n shop-prod\n", 1},
		{"another is stuck", "STUCK=statefulset/cart", "kubectl rollout undo deployment/users -n shop-prod\n", 1},
		{"applied in part", "REFUSE=1", "kubectl rollout undo deployment/users -n shop-prod\n", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			notes, code := run(t, t.TempDir(), script, map[string]string{"kubectl": cluster}, c.env)
			var undone strings.Builder
			for line := range strings.Lines(notes) {
				if strings.Contains(line, "undo") {
					undone.WriteString(line)
				}
			}
			if code != c.code || undone.String() != c.want {
				t.Errorf("exit code %d, want %d; undone %q, want %q", code, c.code, undone.String(), c.want)
			}
			before, after := strings.Index(notes, "delete job migrate"), strings.Index(notes, "apply -k k8s/overlays/prod")
			if before < 0 || after < before {
				t.Errorf("the Job is not replaced:\n%s", notes)
			}
		})
	}
}

// TestDiff lets differences pass, and no failure to find them.
func TestDiff(t *testing.T) {
	script := step(t, "deploy", "Show what will change")
	for _, c := range []struct {
		kubectl string
		diffs   bool
		code    int
	}{
		{`test "$1" = diff || echo namespace/shop-prod`, true, 0},
		{`test "$1" = diff && exit 1; echo namespace/shop-prod`, true, 0},
		{`test "$1" = diff && exit 2; echo namespace/shop-prod`, true, 1},
		{"true", false, 0},
		{"exit 1", false, 1},
	} {
		notes, code := run(t, t.TempDir(), script, map[string]string{"kubectl": c.kubectl})
		if diffs := strings.Contains(notes, "kubectl diff"); diffs != c.diffs || code != c.code {
			t.Errorf("%s: diff %t, exit code %d; want %t, %d", c.kubectl, diffs, code, c.diffs, c.code)
		}
	}
}

// builder is a docker that says a digest as the real one does.
const builder = `
case "$*" in
*--metadata-file*) cat > metadata.json << 'END'
{
  "buildx.build.ref": "ci/ci0/x",
  "containerimage.config.digest": "sha256:1111",
  "containerimage.descriptor": {
    "digest": "sha256:2222"
  },
  "containerimage.digest": "sha256:0123abcd",
  "image.name": "registry.example.com/shop/users:abc"
}
END
esac
`

// TestBuild runs the stage test where there is one, and hands over the digest.
func TestBuild(t *testing.T) {
	script := step(t, "build-cart", "Test, build and push")
	for dockerfile, tested := range map[string]bool{"FROM a AS build\nFROM b\n": false, "FROM a AS build\nFROM build AS test\nRUN make test\nFROM b\n": true} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(dockerfile), 0o644); err != nil {
			t.Fatal(err)
		}
		output := filepath.Join(dir, "output")
		notes, code := run(t, dir, script, map[string]string{"docker": builder}, "CONTEXT=.", "DOCKERFILE=Dockerfile", "IMAGE=ghcr.io/shop/cart", "REVISION=abc", "GITHUB_OUTPUT="+output)
		got, err := os.ReadFile(output)
		if err != nil || string(got) != "digest=sha256:0123abcd\n" || code != 0 {
			t.Errorf("output %q (%v), exit code %d", got, err, code)
		}
		if ran := strings.Contains(notes, "--target test .\n"); ran != tested {
			t.Errorf("tested: %t, want %t:\n%s", ran, tested, notes)
		}
		if !strings.Contains(notes, "--push --provenance=mode=max --sbom=true") || !strings.Contains(notes, "--tag ghcr.io/shop/cart:abc .") {
			t.Errorf("not pushed:\n%s", notes)
		}
	}
	if _, code := run(t, t.TempDir(), script, map[string]string{"docker": "echo '{}' > metadata.json"}, "CONTEXT=.", "DOCKERFILE=Dockerfile", "IMAGE=a", "REVISION=b", "GITHUB_OUTPUT=out"); code == 0 {
		t.Error("a build without a digest is a success")
	}
}

// TestPin names images as kustomize finds them in the overlay.
func TestPin(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "k8s/overlays/prod"), 0o755); err != nil {
		t.Fatal(err)
	}
	notes, code := run(t, dir, step(t, "deploy", "Pin the images"), map[string]string{"kustomize": "test \"${PWD##*/}\" = prod"}, "DIGEST_CART=sha256:1", "DIGEST_USER_SERVICE=sha256:2")
	want := "kustomize edit set image ghcr.io/shop/cart@sha256:1\nkustomize edit set image registry.example.com/shop/users@sha256:2\n"
	if notes != want || code != 0 {
		t.Errorf("%q, exit code %d; want %q", notes, code, want)
	}
}
