// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"fmt"
	"strings"
)

const (
	gitImage      = "alpine/git:v2.49.1"
	buildkitImage = "moby/buildkit:v0.29.0-rootless"
)

// tektonHead has the tasks that do not depend on what is built. Parameters reach
// scripts as variables: in the text of a script they would be code.
const tektonHead = `# Checks, builds and deploys @NAME@, with Tekton. The objects go where pipelines run,
# which is why they are not among those of the system:
#   kubectl apply -n ci -f tekton/@NAME@.yaml
# A run needs a ServiceAccount that may deploy, a volume for the workspace source,
# and a Secret with a config.json of Docker for the workspace registry:
#   tkn pipeline start @NAME@ -n ci --serviceaccount @NAME@-deploy -p url=https://...
#     -w name=source,volumeClaimTemplateFile=volume.yaml -w name=registry,secret=registry
apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: @NAME@-clone
spec:
  params:
  - name: url
  - name: revision
  results:
  - name: commit
  workspaces:
  - name: source
  steps:
  - name: clone
    image: @GIT@
    env:
    - name: HOME
      value: /tmp
    - name: URL
      value: $(params.url)
    - name: REVISION
      value: $(params.revision)
@SAFE@    workingDir: $(workspaces.source.path)
    script: |
      #!/bin/sh
      set -eu
      git init --quiet .
      git fetch --quiet --depth 1 "$URL" "$REVISION"
      git checkout --quiet --force FETCH_HEAD
      git rev-parse HEAD | tr -d '\n' > "$(results.commit.path)"
---
apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: @NAME@-check
spec:
  workspaces:
  - name: source
  steps:
  - name: check
    image: @GO@
    env:
    - name: HOME
      value: /tmp
    - name: GOBIN
      value: $(workspaces.source.path)/.bin
    - name: KUBECTL_MICRO_VERSION
      value: latest # better a release
@SAFE@    workingDir: $(workspaces.source.path)
    script: |
      #!/bin/sh
@CHECK@---
`

const tektonBuild = `apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: @NAME@-build
spec:
  params:
  - name: context
  - name: dockerfile
  - name: image
  - name: revision
  results:
  - name: digest
  workspaces:
  - name: source
  - name: registry
  steps:
  - name: build
    image: @BUILDKIT@
    env:
    - name: BUILDKITD_FLAGS
      value: --oci-worker-no-process-sandbox
    - name: DOCKER_CONFIG
      value: $(workspaces.registry.path)
    - name: CONTEXT
      value: $(params.context)
    - name: DOCKERFILE
      value: $(params.dockerfile)
    - name: IMAGE
      value: $(params.image)
    - name: REVISION
      value: $(params.revision)
    # Without root, BuildKit makes a namespace of users, which the default profile
    # forbids.
    securityContext:
      runAsGroup: 1000
      runAsNonRoot: true
      runAsUser: 1000
      seccompProfile:
        type: Unconfined
    workingDir: $(workspaces.source.path)
    script: |
      #!/bin/sh
@BUILD@---
`

// buildkit is what build does, for a BuildKit without Docker.
const buildkit = `set -eu
run() {
  buildctl-daemonless.sh build --frontend dockerfile.v0 --local context="$CONTEXT" \
    --local dockerfile="$(dirname "$DOCKERFILE")" --opt filename="$(basename "$DOCKERFILE")" "$@"
}
if grep -Eiq '^FROM .+ AS test *$' "$DOCKERFILE"; then
  run --opt target=test
else
  echo "$DOCKERFILE has no stage named test: nothing is tested"
fi
metadata=$(mktemp -d)
run --output "type=image,name=$IMAGE:$REVISION,push=true" --opt attest:sbom= --opt attest:provenance=mode=max \
  --import-cache "type=registry,ref=$IMAGE:cache" \
  --export-cache "type=registry,ref=$IMAGE:cache,mode=max" \
  --metadata-file "$metadata/metadata.json"
digest=$(sed -n 's/.*"containerimage.digest": *"\(sha256:[0-9a-f]*\)".*/\1/p' "$metadata/metadata.json")
test -n "$digest"
printf '%s' "$digest" > "$(results.digest.path)"
`

// safe is the security context of steps that need nothing.
const safe = `    securityContext:
      allowPrivilegeEscalation: false
      capabilities:
        drop: [ALL]
      runAsGroup: 1000
      runAsNonRoot: true
      runAsUser: 1000
      seccompProfile:
        type: RuntimeDefault
`

// Tekton are the Tasks and the Pipeline, as a stream of documents.
func Tekton(s System) []byte {
	s = s.sorted()
	text := tektonHead
	if len(s.Builds) > 0 {
		text += tektonBuild
	}
	text += s.tektonDeploy() + s.tektonPipeline()
	return []byte(strings.NewReplacer(
		"@NAME@", s.Name, "@SAFE@", safe, "@GO@", goImage, "@GIT@", gitImage, "@BUILDKIT@", buildkitImage, "@KUBE@", kubeImage,
		"@CHECK@", indent(install+`export PATH="$GOBIN:$PATH"`+"\n"+then(check), 6), "@BUILD@", indent(buildkit, 6),
	).Replace(text))
}

// tektonDeploy takes each digest as a parameter of its own.
func (s System) tektonDeploy() string {
	var out strings.Builder
	out.WriteString("apiVersion: tekton.dev/v1\nkind: Task\nmetadata:\n  name: @NAME@-deploy\nspec:\n")
	if len(s.Builds) > 0 {
		out.WriteString("  params:\n")
	}
	for _, b := range s.Builds {
		fmt.Fprintf(&out, "  - name: %s\n", b.Name)
	}
	out.WriteString("  workspaces:\n  - name: source\n  stepTemplate:\n    env:\n    - name: HOME\n      value: /tmp\n")
	for _, b := range s.Builds {
		fmt.Fprintf(&out, "    - name: %s\n      value: $(params.%s)\n", b.variable(), b.Name)
	}
	out.WriteString("@SAFE@    workingDir: $(workspaces.source.path)\n  steps:\n")
	step := func(name, script string) {
		fmt.Fprintf(&out, "  - name: %s\n    image: @KUBE@\n    script: |\n      #!/bin/sh\n%s", name, indent(script, 6))
	}
	if len(s.Builds) > 0 {
		step("pin", s.pin(func(b Build) string { return "$" + b.variable() }))
	}
	step("diff", s.diff())
	step("deploy", s.deploy())
	if script := s.canaries(); script != "" {
		step("canaries", strict+`export PATH="$(workspaces.source.path)/.bin:$PATH"`+"\n"+then(script))
	}
	out.WriteString("---\n")
	return out.String()
}

func (s System) tektonPipeline() string {
	var out strings.Builder
	out.WriteString(`apiVersion: tekton.dev/v1
kind: Pipeline
metadata:
  name: @NAME@
spec:
  params:
  - name: url
  - name: revision
    default: main
  workspaces:
  - name: source
`)
	if len(s.Builds) > 0 {
		out.WriteString("  - name: registry\n")
	}
	out.WriteString("  tasks:\n")
	task := func(name, ref, after string, workspaces []string, params ...string) {
		fmt.Fprintf(&out, "  - name: %s\n    taskRef:\n      name: @NAME@-%s\n", name, ref)
		if after != "" {
			fmt.Fprintf(&out, "    runAfter: [%s]\n", after)
		}
		if len(params) > 0 {
			out.WriteString("    params:\n")
		}
		for i := 0; i < len(params); i += 2 {
			fmt.Fprintf(&out, "    - name: %s\n      value: %s\n", params[i], params[i+1])
		}
		out.WriteString("    workspaces:\n")
		for _, w := range workspaces {
			fmt.Fprintf(&out, "    - name: %s\n      workspace: %s\n", w, w)
		}
	}
	source := []string{"source"}
	task("clone", "clone", "", source, "url", "$(params.url)", "revision", "$(params.revision)")
	task("check", "check", "clone", source)
	after, digests := []string{"check"}, []string{}
	for _, b := range s.Builds {
		task("build-"+b.Name, "build", "check", []string{"source", "registry"}, "context", scalar(b.Context), "dockerfile", scalar(b.Dockerfile),
			"image", scalar(b.Image), "revision", "$(tasks.clone.results.commit)")
		after = append(after, "build-"+b.Name)
		digests = append(digests, b.Name, "$(tasks.build-"+b.Name+".results.digest)")
	}
	task("deploy", "deploy", strings.Join(after, ", "), source, digests...)
	return out.String()
}
