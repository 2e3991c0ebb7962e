// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"slices"
	"strings"
)

// configured reports whether a program asks a configuration server: its port, too,
// may be there.
func configured(manifests []*file) bool {
	return slices.ContainsFunc(manifests, func(f *file) bool {
		_, asks := f.find("config", re(`spring-cloud-(?:starter-config|config-client)\b`))
		return asks
	})
}

// actuator notes the health endpoints of Spring Boot: the groups came with 2.3, the
// path in front of them with 2.0. On a port of their own they are not noted.
func (u *unit) actuator(manifests []*file) {
	var at match
	for _, f := range manifests {
		if m, ok := f.find("spring-boot-starter-actuator", nil); ok {
			at = m
			break
		}
	}
	if at.file == nil || u.aloof() {
		return
	}
	prefix := u.contextPath()
	switch major, minor := u.springBoot(manifests); {
	case major == "1":
		u.add(health, at, prefix+"/health", "actuator", metadata)
	case major == "2" && (minor == "0" || minor == "1" || minor == "2"):
		u.add(health, at, prefix+"/actuator/health", "actuator", metadata)
	default:
		u.add(health, at, prefix+"/actuator/health/liveness", "actuator", metadata)
		at.quote = strings.TrimSpace(at.file.line(at.line)) // another observation at the same place
		u.add(health, at, prefix+"/actuator/health/readiness", "actuator", metadata-1)
	}
}

var (
	managementPort = re(`^\s*management\.server\.port\s*[=:]`)
	servletPath    = re(`^\s*server\.(?:servlet\.)?context-path\s*[=:]\s*(/[\w/-]*)\s*$`)
	mavenRelease   = re(`<version>\s*(\d+)\.(\d+)`)
	gradleBoot     = re(`org\.springframework\.boot['"]?\)?\s+version\s*\(?['"](\d+)\.(\d+)|spring-boot-gradle-plugin:(\d+)\.(\d+)`)
)

// aloof reports whether management has a port of its own.
func (u *unit) aloof() bool {
	for _, f := range u.named(configs...) {
		if _, ok := f.find("management", managementPort); ok || field(document(f), "management", "server", "port") != nil {
			return true
		}
	}
	return false
}

// contextPath is what stands in front of all paths; empty if nothing does.
func (u *unit) contextPath() string {
	for _, f := range u.named(configs...) {
		if m, ok := f.find("context-path", servletPath); ok {
			return strings.TrimRight(m.group(1), "/")
		}
		for _, keys := range [][]string{{"server", "servlet", "context-path"}, {"server", "context-path"}} {
			if v := field(document(f), keys...); v != nil && strings.HasPrefix(v.Value, "/") {
				return strings.TrimRight(v.Value, "/")
			}
		}
	}
	return ""
}

// springBoot is the release, from the manifests here or in a folder above; empty if
// they do not say it.
func (u *unit) springBoot(manifests []*file) (major, minor string) {
	look := slices.Clone(manifests)
	upward(u.dir, func(dir string) bool {
		for _, b := range builds {
			if f := u.tree.file(dir, b.file); f != nil && dir != u.dir {
				look = append(look, f)
			}
		}
		return true
	})
	for _, f := range look {
		if m, ok := f.find("org.springframework.boot", gradleBoot); ok {
			return m.group(1) + m.group(3), m.group(2) + m.group(4)
		}
		parent, ok := f.find("<artifactId>spring-boot-", re(`<artifactId>spring-boot-(?:starter-parent|dependencies)<`))
		for n := parent.line - 2; ok && n <= parent.line+2; n++ {
			if m := mavenRelease.FindStringSubmatch(f.line(n)); m != nil {
				return m[1], m[2]
			}
		}
	}
	return "", ""
}
