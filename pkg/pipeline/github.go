// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"fmt"
	"strings"
)

// checkout is the only action that is used. A tag could be moved to other code,
// which a commit cannot.
const checkout = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"

const githubHead = `# Checks, builds and deploys NAME. Set before the first run:
# - the variables KUBE_SERVER and KUBE_CA: the URL of the API server, and the
#   certificate of its authority;
# - in the API server, an issuer of tokens (AuthenticationConfiguration) with the
#   URL https://token.actions.githubusercontent.com and the audience kubernetes, and
#   a RoleBinding for the user that it makes of this repository's tokens;
LOGIN# - the environment prod, with those who must agree to a deployment.
name: NAME
"on":
  pull_request:
  push:
    branches: [main]
permissions: {}
concurrency:
  group: NAME-${{ github.ref }}
  cancel-in-progress: false
env:
  KUBECTL_MICRO_VERSION: latest # better a release
jobs:
  check:
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    permissions:
      contents: read
    steps:
`

// GitHub is the workflow for GitHub Actions.
func GitHub(s System) []byte {
	s = s.sorted()
	var out strings.Builder
	foreign := ""
	for _, r := range s.registries() {
		if r != githubRegistry {
			foreign = "# - the variable REGISTRY_USER and the secret REGISTRY_PASSWORD;\n"
		}
	}
	out.WriteString(strings.NewReplacer("NAME", s.Name, "LOGIN", foreign).Replace(githubHead))
	step := githubSteps(&out)
	step.checkout()
	step.run("Install kubectl micro", githubInstall)
	step.run("Check what is generated", check)
	needs := []string{"check"}
	for _, b := range s.Builds {
		s.githubBuild(&out, b)
		needs = append(needs, "build-"+b.Name)
	}
	fmt.Fprintf(&out, `  deploy:
    if: github.event_name == 'push'
    needs: [%s]
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    environment: prod
    permissions:
      contents: read
      id-token: write
`, strings.Join(needs, ", "))
	if len(s.Builds) > 0 {
		out.WriteString("    env:\n")
	}
	for _, b := range s.Builds {
		fmt.Fprintf(&out, "      %s: ${{ needs.build-%s.outputs.digest }}\n", b.variable(), b.Name)
	}
	out.WriteString("    steps:\n")
	step.checkout()
	step.run("Log in to the cluster", githubCluster, "KUBE_SERVER: ${{ vars.KUBE_SERVER }}", "KUBE_CA: ${{ vars.KUBE_CA }}")
	if len(s.Builds) > 0 {
		step.run("Pin the images", s.pin(func(b Build) string { return "$" + b.variable() }))
	}
	step.run("Show what will change", s.diff())
	step.run("Deploy, or undo it", s.deploy())
	if script := s.canaries(); script != "" {
		step.run("Install kubectl micro", githubInstall)
		step.run("Show how calls are split", script)
	}
	return []byte(out.String())
}

const githubInstall = install + `echo "$(go env GOPATH)/bin" >> "$GITHUB_PATH"
`

// githubRegistry takes the token that each run has.
const githubRegistry = "ghcr.io"

func (s System) githubBuild(out *strings.Builder, b Build) {
	fmt.Fprintf(out, `  build-%s:
    if: github.event_name == 'push'
    needs: check
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    permissions:
      contents: read
      packages: write
    outputs:
      digest: ${{ steps.build.outputs.digest }}
    env:
      CONTEXT: %s
      DOCKERFILE: %s
      IMAGE: %s
      REVISION: ${{ github.sha }}
    steps:
`, b.Name, scalar(b.Context), scalar(b.Dockerfile), scalar(b.Image))
	user, password := "${{ vars.REGISTRY_USER }}", "${{ secrets.REGISTRY_PASSWORD }}"
	if b.Registry() == githubRegistry {
		user, password = "${{ github.actor }}", "${{ github.token }}"
	}
	step := githubSteps(out)
	step.checkout()
	step.run("Log in to the registry", "set -eu\n"+login(b.Registry()), "REGISTRY_USER: "+user, "REGISTRY_PASSWORD: "+password)
	step.runAs("build", "Test, build and push", build+`echo "digest=$digest" >> "$GITHUB_OUTPUT"`+"\n")
}

// githubCluster asks for a token at each call, as they end after minutes.
const githubCluster = `set -eu
cat > "$RUNNER_TEMP/token" << 'END'
#!/bin/sh
set -eu
curl --silent --show-error --fail --header "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \
  "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=kubernetes" |
  jq '{apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status: {token: .value}}'
END
chmod 700 "$RUNNER_TEMP/token"
printf '%s\n' "$KUBE_CA" > "$RUNNER_TEMP/ca.crt"
kubectl config set-cluster prod --server="$KUBE_SERVER" --certificate-authority="$RUNNER_TEMP/ca.crt" --embed-certs
kubectl config set-credentials prod --exec-command="$RUNNER_TEMP/token" \
  --exec-api-version=client.authentication.k8s.io/v1 --exec-interactive-mode=Never
kubectl config set-context prod --cluster=prod --user=prod
kubectl config use-context prod
`

// stepWriter writes the steps of a job.
type stepWriter struct{ *strings.Builder }

func githubSteps(out *strings.Builder) stepWriter { return stepWriter{out} }

func (w stepWriter) checkout() {
	w.WriteString("    - uses: " + checkout + "\n      with:\n        persist-credentials: false\n")
}

func (w stepWriter) run(name, script string, env ...string) { w.runAs("", name, script, env...) }

func (w stepWriter) runAs(id, name, script string, env ...string) {
	w.WriteString("    - name: " + name + "\n")
	if id != "" {
		w.WriteString("      id: " + id + "\n")
	}
	if len(env) > 0 {
		w.WriteString("      env:\n        " + strings.Join(env, "\n        ") + "\n")
	}
	w.WriteString("      run: |\n" + indent(script, 8))
}
