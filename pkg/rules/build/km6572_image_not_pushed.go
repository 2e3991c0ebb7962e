// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM6572", Slug: "image-not-pushed", Severity: finding.Warning, Hygiene: true, Texts: true,
	Short: "Image that is deployed was built, and never pushed",
	Why: `The image is on the machine that built it and nowhere else. The nodes ask the registry for it, and the pods stay
in ImagePullBackOff; or they find an older one of that name.`,
	Fix: `Push what was built, under the name that is deployed, and deploy the digest that the push has printed:
build, test in a stage of its own, push, change the manifests, diff, apply, wait.`,
	Reference: "https://docs.docker.com/reference/cli/docker/buildx/build/#push",
	Check:     eachScript(notPushed),
})

// published is any sign of a way from the machine that builds to the cluster.
var published = regexp.MustCompile(`(?i)\bpush|\bkaniko|\bbuildah|\bskopeo|\bcrane\b|\bjib|\bskaffold|\bkind load|\bminikube|\bk3d\b|\bmicrok8s|\bctr\b|\bnerdctl|\bdocker (?:image )?save|\bwithRegistry|\bacr build|\bgcloud builds|\bregistryUrl|\bimgpkg|\bdocker-env`)

func notPushed(_ *rules.World, s *script, report reporter) {
	if s.says(published) {
		return
	}
	built := s.built()
	for _, c := range s.commands {
		k, is := c.asKubectl()
		if !is {
			continue
		}
		for _, name := range k.images() {
			deployed := parseImage(name)
			i := slices.IndexFunc(built, func(b image) bool { return path.Base(b.name) == path.Base(deployed.name) })
			if i < 0 || !literal(deployed.name) {
				continue
			}
			f := report(c.line, c.column, "image %s is deployed, and nothing here pushes it: what is built is %s, on this machine", name, built[i])
			f.Confidence = finding.Likely
			f.Hint = "docker buildx build --push -t " + name + " ., and deploy the digest that it prints: kustomize edit set image, kubectl diff, kubectl apply, kubectl rollout status"
		}
	}
}

// built are the images that commands build, as far as their names are written out.
func (s *script) built() []image {
	var out []image
	for _, c := range s.commands {
		given := c.builds()
		for i, word := range given {
			name := ""
			switch {
			case (word == "-t" || word == "--tag") && i+1 < len(given):
				name = given[i+1]
			case strings.HasPrefix(word, "--tag="):
				name = strings.TrimPrefix(word, "--tag=")
			}
			if built := parseImage(name); literal(built.name) {
				out = append(out, built)
			}
		}
	}
	return out
}

// builds returns the arguments of a command that builds an image.
func (c command) builds() []string {
	for _, words := range [][]string{{"docker", "build"}, {"docker", "buildx", "build"}, {"docker", "image", "build"}, {"podman", "build"}} {
		if given, is := c.program(words...); is {
			return given
		}
	}
	return nil
}
