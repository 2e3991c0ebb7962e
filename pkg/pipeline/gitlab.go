// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"fmt"
	"strings"
)

// The images that steps run in.
const (
	goImage     = "golang:1.26-trixie"
	dockerImage = "docker:29.6.2"
	// kubeImage has kubectl and kustomize.
	kubeImage = "alpine/k8s:1.34.1"
)

const gitlabHead = `# Checks, builds and deploys NAME. Set before the first run, in the settings of the
# project:
# - the variables KUBE_SERVER and KUBE_CA: the URL of the API server, and the
#   certificate of its authority;
# - in the API server, an issuer of tokens (AuthenticationConfiguration) with the
#   URL of this GitLab and the audience kubernetes, and a RoleBinding for the user
#   that it makes of this project's tokens;
# - the variables REGISTRY_USER and REGISTRY_PASSWORD (masked, protected), if images
#   go elsewhere than to GitLab's registry.
stages: [check, build, deploy]
variables:
  KUBECTL_MICRO_VERSION: latest # better a release
check:
  stage: check
  image: ` + goImage + `
  rules:
  - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  variables:
    GOBIN: $CI_PROJECT_DIR/bin
  artifacts:
    paths: [bin/kubectl-micro]
    expire_in: 1 day
  script:
`

// GitLab is the pipeline for GitLab CI.
func GitLab(s System) []byte {
	s = s.sorted()
	var out strings.Builder
	out.WriteString(strings.ReplaceAll(gitlabHead, "NAME", s.Name))
	gitlabScript(&out, install+`export PATH="$GOBIN:$PATH"`+"\n"+then(check))
	for _, b := range s.Builds {
		fmt.Fprintf(&out, `build-%s:
  stage: build
  image: %s-cli
  services: ["%s-dind"]
  rules:
  - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  variables:
    DOCKER_TLS_CERTDIR: /certs
    CONTEXT: %s
    DOCKERFILE: %s
    IMAGE: %s
    REVISION: $CI_COMMIT_SHA
  artifacts:
    reports:
      dotenv: build.env
  script:
`, b.Name, dockerImage, dockerImage, scalar(b.Context), scalar(b.Dockerfile), scalar(b.Image))
		gitlabScript(&out, gitlabLogin+login(b.Registry())+then(build)+fmt.Sprintf("echo \"%s=$digest\" > build.env\n", b.variable()))
	}
	out.WriteString(`deploy:
  stage: deploy
  image: ` + kubeImage + `
  rules:
  - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  environment: prod
  resource_group: prod
  id_tokens:
    KUBE_TOKEN:
      aud: kubernetes
  script:
`)
	gitlabScript(&out, gitlabCluster)
	if len(s.Builds) > 0 {
		gitlabScript(&out, subshell(s.pin(func(b Build) string { return "$" + b.variable() })))
	}
	gitlabScript(&out, subshell(s.diff()))
	gitlabScript(&out, subshell(s.deploy()))
	if script := s.canaries(); script != "" {
		gitlabScript(&out, strict+`export PATH="$CI_PROJECT_DIR/bin:$PATH"`+"\n"+then(script))
	}
	return []byte(out.String())
}

const gitlabLogin = `set -eu
REGISTRY_USER=${REGISTRY_USER:-$CI_REGISTRY_USER}
REGISTRY_PASSWORD=${REGISTRY_PASSWORD:-$CI_REGISTRY_PASSWORD}
`

// gitlabCluster uses the job's own token, which holds as long as the job.
const gitlabCluster = `set -eu
printf '%s\n' "$KUBE_CA" > /tmp/ca.crt
kubectl config set-cluster prod --server="$KUBE_SERVER" --certificate-authority=/tmp/ca.crt --embed-certs
kubectl config set-credentials prod --token="$KUBE_TOKEN"
kubectl config set-context prod --cluster=prod --user=prod
kubectl config use-context prod
`

func gitlabScript(out *strings.Builder, script string) {
	out.WriteString("  - |\n" + indent(script, 4))
}

// subshell keeps what a script does to its shell, such as leaving, from those that
// come after it in the same one.
func subshell(script string) string { return "(\n" + indent(script, 2) + ")\n" }
