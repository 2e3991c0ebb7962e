// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"fmt"
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
	for _, s := range y.services {
		if tag := s.Image[strings.LastIndexByte(s.Image, '/')+1:]; !strings.Contains(tag, "@") && (!strings.Contains(tag, ":") || strings.HasSuffix(tag, ":latest")) {
			y.warn(s.at+"/image", fmt.Sprintf("%s:1.0.0@sha256:DIGEST", strings.TrimSuffix(s.Image, ":latest")), "image %s is another one whenever it is pulled", s.Image)
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
		if s.reachedFromOutside() && y.Platform.Mesh != meshNone {
			y.warn(s.at+"/serviceType", "expose: {host: HOST} for a Gateway", "callers from outside have no identity: the mesh refuses them at %s", s.name)
		}
	}
}
