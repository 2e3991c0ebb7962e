// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/pipeline"
)

var ciAddon = addon{
	name: "ci", short: "a pipeline that checks, builds, pushes, deploys by digest, and undoes what fails",
	variants: []string{"github", "gitlab", "jenkins", "tekton"},
	files:    func(y *system, variant string) []File { return y.ci(variant) },
	sources:  true,
}

// ci is the file of a pipeline. It is kept as it is where there is one already: a
// repository has one .gitlab-ci.yml, whatever else is in it.
func (y *system) ci(variant string) []File {
	facts := y.pipeline()
	out := File{Adopt: true}
	switch variant {
	case "gitlab":
		out.Path, out.Content = ".gitlab-ci.yml", pipeline.GitLab(facts)
	case "jenkins":
		out.Path, out.Content = "Jenkinsfile", pipeline.Jenkins(facts)
	case "tekton":
		out.Path, out.Content = "tekton/"+y.Metadata.Name+".yaml", pipeline.Tekton(facts)
	default:
		out.Path, out.Content = ".github/workflows/"+y.Metadata.Name+".yaml", pipeline.GitHub(facts)
	}
	return []File{out}
}

// pipeline is what a pipeline is to do. Services without sources are deployed with
// the images they have.
func (y *system) pipeline() pipeline.System {
	out := pipeline.System{Name: y.Metadata.Name, Namespace: y.Metadata.Namespace}
	for _, s := range y.services {
		switch s.Kind {
		case kindJob:
			out.Jobs = append(out.Jobs, s.name)
		case kindCronJob:
		case kindStateful:
			out.Rollouts = append(out.Rollouts, "statefulset/"+s.name)
		default:
			for _, e := range s.editions() {
				out.Rollouts = append(out.Rollouts, "deployment/"+e.instance)
			}
		}
		if len(s.Versions) > 0 {
			out.Canaries = append(out.Canaries, s.name)
		}
		if s.Source != "" {
			out.Builds = y.build(out.Builds, s)
		}
	}
	return out
}

// build adds the image of a service to those to build. An image is pinned by its
// name, so that versions side by side, and services that share a name, would all
// get the same.
func (y *system) build(all []pipeline.Build, s *service) []pipeline.Build {
	one := pipeline.Build{Name: s.name, Context: path.Clean(s.Source), Dockerfile: path.Join(s.Source, "Dockerfile"), Image: imageName(s.Image)}
	if found, looked := y.options.Detected[s.name]; looked {
		one.Context = cmp.Or(found.Context, one.Context) // it may be the top of a module above
		if name := found.Dockerfile.String(); name != "" {
			one.Dockerfile = path.Join(found.Dir, name)
		}
	}
	same := slices.IndexFunc(all, func(b pipeline.Build) bool { return b.Image == one.Image })
	switch {
	case len(s.Versions) > 0:
		y.warn(s.at+"/source", "build it for one version, and say the image of that", "the pipeline does not build %s: its versions have images of their own", s.name)
	case same < 0:
		return append(all, one)
	case all[same].Context != one.Context:
		y.warn(s.at+"/image", "give it a name of its own", "the pipeline does not build %s: its image is called %s, as that of %s", s.name, one.Image, all[same].Name)
	}
	return all
}

// imageName is an image without its tag and digest.
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if at := strings.LastIndexByte(image, ':'); at > strings.LastIndexByte(image, '/') {
		image = image[:at]
	}
	return image
}
