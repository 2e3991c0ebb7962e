// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"fmt"
	"slices"
	"strings"
)

// advise warns of what will work in another way than one may think.
func (y *system) advise() {
	if !y.ownsNamespace() {
		y.warn("/metadata/namespace", "give the system a namespace of its own", "namespace %s is not only this system's: it is left as it is", y.Metadata.Namespace)
	}
	if y.options.SkipClusterScoped {
		y.warn("", "run it without --skip-cluster-scoped for those who may write them", "Namespace and PriorityClass are left out, and pods get no priority")
	}
	for _, o := range y.outside {
		if len(o.callers) == 0 {
			y.warn(o.at(), "dependsOn: ["+o.name+"] of who calls it", "nobody depends on %s: it opens nothing", o.name)
		}
	}
	for _, s := range y.services {
		s.adviseImages()
		if len(s.Versions) > 0 && y.Platform.Mesh == meshNone {
			y.warn(s.at+"/versions", "platform: {mesh: ambient}, or as many replicas of each as its weight says", "callers of %s go to each of its pods alike: weights need a mesh", s.name)
		}
		live, ready := s.health()
		if s.runs() && s.Health.Live == "" && s.Health.Ready == "" && strings.HasPrefix(live, "/") {
			y.warn(s.at, "--health LIVE,READY, or health: in the file, if it answers elsewhere", "%s is asked at %s and %s for its health", s.name, live, ready)
		}
		if s.runs() && live == "" {
			y.warn(s.at, "health: {live: exec:COMMAND}", "nobody will notice when %s hangs: it has no port and no health", s.name)
		}
		if s.runs() && s.floor() == 1 && y.Profile != profileDev {
			y.warn(s.at, "replicas: 3", "%s is down whenever its only pod moves", s.name)
		}
		if len(s.serving()) > 0 && len(s.callers) == 0 && s.Expose == nil && !s.Open && !s.reachedFromOutside() {
			y.warn(s.at, "have another service depend on it, expose it, or say open: true", "nobody may call %s", s.name)
		}
		if m := s.metrics(); m != nil && y.Platform.Mesh != meshNone && (slices.Contains(s.called(), *m) || s.Expose != nil && *m == *s.main()) {
			y.warn(s.at+"/metrics", "metrics: {port: NAME} with a port of their own", "port %s of %s takes calls without an identity too, as Prometheus has none", m.name, s.name)
		}
		if s.reachedFromOutside() && y.Platform.Mesh != meshNone {
			y.warn(s.at+"/serviceType", "expose: {host: HOST} for a Gateway", "callers from outside have no identity: the mesh refuses them at %s", s.name)
		}
	}
	y.adviseMesh()
}

// adviseImages warns of images that are not the same for ever.
func (s *service) adviseImages() {
	for _, e := range s.editions() {
		tag := e.Image[strings.LastIndexByte(e.Image, '/')+1:]
		if !strings.Contains(tag, "@") && (!strings.Contains(tag, ":") || strings.HasSuffix(tag, ":latest")) {
			s.of.warn(e.at+"/image", fmt.Sprintf("%s:1.0.0@sha256:DIGEST", strings.TrimSuffix(e.Image, ":latest")), "image %s is another one whenever it is pulled", e.Image)
		}
	}
}
