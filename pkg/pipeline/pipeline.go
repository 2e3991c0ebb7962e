// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package pipeline writes pipelines for CI systems: check what is generated,
// build and test images, push them, deploy them by digest, and go back to what
// was before when a rollout fails.
//
// All systems run the same shell scripts, which need no more than POSIX sh, and
// differ in how they start them and hand over the digests. No pipeline has a
// secret in it: each names what its system is to hold. Kustomize's overlay prod is
// what they deploy; see pkg/layout.
package pipeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// System is what to build and to deploy.
type System struct {
	// Name is that of the system, Namespace where it is deployed to.
	Name, Namespace string
	// Builds are the images to build, by name.
	Builds []Build
	// Rollouts are the workloads to wait for, as KIND/NAME.
	Rollouts []string
	// Jobs are those that run on each deployment, by name.
	Jobs []string
	// Canaries are the Services whose callers are split between versions.
	Canaries []string
}

// Build is an image to build.
type Build struct {
	// Name is that of its service.
	Name string
	// Context is the folder to build in, Dockerfile the file; both are slash paths from
	// the top of the repository.
	Context, Dockerfile string
	// Image is the name of the image, without a tag or a digest.
	Image string
}

// Registry is the host that an image is pushed to, as docker login takes it.
func (b Build) Registry() string {
	first, _, more := strings.Cut(b.Image, "/")
	if more && (strings.ContainsAny(first, ".:") || first == "localhost") {
		return first
	}
	return "docker.io"
}

// variable is the name of the variable with the digest.
func (b Build) variable() string {
	return "DIGEST_" + strings.ToUpper(strings.ReplaceAll(b.Name, "-", "_"))
}

// registries are those to log in to, each once.
func (s System) registries() []string {
	var out []string
	for _, b := range s.Builds {
		out = append(out, b.Registry())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

const (
	// overlay is the folder that is deployed.
	overlay = "k8s/overlays/prod"
	// tool is the suite's module path.
	tool = "github.com/kubectl-micro/kubectl-micro/cmd/kubectl-micro"
)

// strict ends a script at the first failure, and where a variable is not set.
const strict = "set -eu\n"

// install is what puts kubectl-micro on the PATH, where Go is.
const install = `set -eu
CGO_ENABLED=0 go install "` + tool + `@$KUBECTL_MICRO_VERSION"
`

const check = `set -eu
kubectl-micro scaffold lint -k ` + overlay + `
kubectl-micro diagnose -k ` + overlay + `
`

// build tests an image and pushes it. It takes the variables CONTEXT, DOCKERFILE,
// IMAGE and REVISION, and leaves the digest in $digest. A builder in a container
// is what can attest and cache; the context takes the daemon's TLS to it.
const build = `set -eu
if ! docker buildx inspect ci-builder > /dev/null 2>&1; then
  docker context inspect ci > /dev/null 2>&1 || docker context create ci
  docker buildx create --name ci-builder --driver docker-container ci
fi
export BUILDX_BUILDER=ci-builder
if grep -Eiq '^FROM .+ AS test *$' "$DOCKERFILE"; then
  docker buildx build --file "$DOCKERFILE" --target test "$CONTEXT"
else
  echo "$DOCKERFILE has no stage named test: nothing is tested"
fi
docker buildx build --file "$DOCKERFILE" --push --provenance=mode=max --sbom=true \
  --cache-from "type=registry,ref=$IMAGE:cache" \
  --cache-to "type=registry,ref=$IMAGE:cache,mode=max" \
  --metadata-file metadata.json --tag "$IMAGE:$REVISION" "$CONTEXT"
` + readDigest

const readDigest = `digest=$(sed -n 's/.*"containerimage.digest": *"\(sha256:[0-9a-f]*\)".*/\1/p' metadata.json)
test -n "$digest"
`

// then is a script that follows another one.
func then(script string) string { return strings.TrimPrefix(script, strict) }

// login takes REGISTRY_USER and REGISTRY_PASSWORD.
func login(registry string) string {
	return fmt.Sprintf(`printf '%%s' "$REGISTRY_PASSWORD" | docker login %s --username "$REGISTRY_USER" --password-stdin`+"\n", quote(registry))
}

// pin puts digests into the overlay. An expression of the shell stands for each.
func (s System) pin(digest func(Build) string) string {
	out := "set -eu\ncd " + overlay + "\n"
	for _, b := range s.Builds {
		out += fmt.Sprintf("kustomize edit set image %s@\"%s\"\n", quote(b.Image), digest(b))
	}
	return out
}

// diff shows what will change. There is nothing to compare with before the first
// time, when the server knows no such namespace.
func (s System) diff() string {
	return fmt.Sprintf(`set -eu
namespace=$(kubectl get namespace %s --ignore-not-found --output name)
if [ -z "$namespace" ]; then
  echo "the namespace is new: there is nothing to compare with"
  exit 0
fi
kubectl diff -k %s || test $? -eq 1
`, s.Namespace, overlay)
}

// deploy applies and waits. What fails is undone, and only where this deployment
// has changed the pods: the revision before is some older one elsewhere.
func (s System) deploy() string {
	var jobs, wait string
	for _, job := range s.Jobs {
		jobs += fmt.Sprintf("  kubectl delete job %s -n %s --ignore-not-found || return 1 # it cannot be changed\n", job, s.Namespace)
		wait += fmt.Sprintf("  kubectl wait --for=condition=complete job/%s -n %s --timeout=10m || return 1\n", job, s.Namespace)
	}
	return strings.NewReplacer("WORKLOADS", strings.Join(s.Rollouts, " "), "NAMESPACE", s.Namespace, "OVERLAY", overlay, "DELETE\n", jobs, "WAIT\n", wait).Replace(deploy)
}

const deploy = `set -eu
workloads="WORKLOADS"
before=$(mktemp -d)
for workload in $workloads; do
  kubectl get "$workload" -n NAMESPACE --ignore-not-found -o jsonpath='{.spec.template}' > "$before/${workload#*/}"
done
roll_out() {
DELETE
  kubectl apply -k OVERLAY || return 1
WAIT
  for workload in $workloads; do
    kubectl rollout status "$workload" -n NAMESPACE --timeout=10m || return 1
  done
}
if roll_out; then
  exit 0
fi
set +e # one that cannot be undone must not keep others from it
for workload in $workloads; do
  old="$before/${workload#*/}"
  test -s "$old" || continue # it is new: there is nothing to go back to
  kubectl get "$workload" -n NAMESPACE -o jsonpath='{.spec.template}' > "$old.now"
  cmp -s "$old" "$old.now" || kubectl rollout undo "$workload" -n NAMESPACE
done
exit 1
`

// canaries say how calls are split; empty without versions.
func (s System) canaries() string {
	var out string
	for _, name := range s.Canaries {
		out += fmt.Sprintf("kubectl micro canary status %s -n %s\n", name, s.Namespace)
	}
	if out == "" {
		return ""
	}
	return "set -eu\n" + out
}

// quote makes one word of a text for a shell.
func quote(text string) string {
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./_-", r))
	}) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// scalar makes one value of a text for YAML. JSON's is one too.
func scalar(text string) string {
	if quote(text) == text && !strings.ContainsAny(text[:1], "@%=,-:+.0123456789") && !strings.HasSuffix(text, ":") {
		return text
	}
	return fmt.Sprintf("%q", text)
}

// indent puts blanks before the lines of a script, for a block of YAML.
func indent(script string, blanks int) string {
	var out strings.Builder
	for line := range strings.Lines(script) {
		if line != "\n" {
			out.WriteString(strings.Repeat(" ", blanks))
		}
		out.WriteString(line)
	}
	return out.String()
}

// sorted is a system with its builds by name.
func (s System) sorted() System {
	s.Builds = slices.SortedFunc(slices.Values(s.Builds), func(a, b Build) int { return cmp.Compare(a.Name, b.Name) })
	return s
}
