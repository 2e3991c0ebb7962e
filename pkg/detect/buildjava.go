// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"strings"
)

var mavenBuild = []rule{
	{version, "maven.compiler.release", "<maven.compiler.release>", re(`<maven\.compiler\.release>(\d+)<`), "", metadata + 2},
	{version, "java.version", "<java.version>", re(`<java\.version>(?:1\.)?(\d+)<`), "", metadata + 1},
	{version, "maven.compiler.source", "<maven.compiler.source>", re(`<maven\.compiler\.source>(?:1\.)?(\d+)<`), "", metadata},
	{version, "release", "<release>", re(`<release>(\d+)<`), "", metadata},
	{trait, "war", "<packaging>", re(`<packaging>war<`), "war", metadata},
	{trait, "maven-shade-plugin", "maven-shade-plugin", nil, "fat-jar", metadata},
	{trait, "spring-boot-maven-plugin", "spring-boot-maven-plugin", nil, "boot-plugin", metadata},
}

var gradleBuild = []rule{
	{version, "toolchain", "languageVersion", re(`JavaLanguageVersion\.of\(\s*(\d+)\s*\)`), "", metadata + 2},
	{version, "jvmToolchain", "jvmToolchain(", re(`\bjvmToolchain\(\s*(\d+)\s*\)`), "", metadata + 2},
	{version, "sourceCompatibility", "ourceCompatibility", re(`\b[sS]ourceCompatibility\s*=\s*['"]?(?:JavaVersion\.VERSION_)?(?:1[._])?(\d+)`), "", metadata + 1},
	{trait, "plugin war", "war", re(`^\s*(?:id\s*\(?\s*['"]war['"]|apply plugin:\s*['"]war['"])`), "war", metadata},
	{trait, "plugin application", "application", re(`^\s*(?:id\s*\(?\s*['"](?:application|io\.micronaut\.application)['"]|application\s*$|apply plugin:\s*['"]application['"])`), "application", metadata},
	{trait, "plugin spring-boot", "org.springframework.boot", re(`['"]org\.springframework\.boot['"]`), "boot-plugin", metadata},
	{trait, "plugin quarkus", "io.quarkus", re(`['"]io\.quarkus['"]`), "quarkus-plugin", metadata},
}

var (
	bootParent    = re(`<artifactId>spring-boot-starter-parent</artifactId>`)
	bootPlugin    = re(`org\.springframework\.boot['"]\)?\s+version\s*\(?\s*['"](\d+\.\d+)`)
	plainVersion  = re(`^\s*<version>(\d+\.\d+)[\w.-]*</version>`)
	gradleRelease = re(`gradle-(\d+\.\d+)(?:\.\d+)?-(?:bin|all)\.zip`)
	mavenModule   = re(`<module>\s*([\w./-]+)\s*</module>`)
	gradleInclude = re(`['"]:?([\w:.-]+)['"]`)
)

func buildJava(u *unit) {
	e, ok := u.best(build)
	if !ok {
		return
	}
	if e.Value == "maven" {
		u.buildMaven()
		return
	}
	u.buildGradle()
}

func (u *unit) buildMaven() {
	for _, dir := range u.reactor("pom.xml", mavenMember) {
		f := u.tree.file(dir, "pom.xml")
		u.apply([]*file{f}, mavenBuild)
		if m, ok := f.find("spring-boot-starter-parent", bootParent); ok {
			for n := m.line; n <= m.line+2; n++ {
				if v := plainVersion.FindStringSubmatch(f.line(n)); v != nil {
					u.trait(f.at(n, strings.TrimSpace(v[0])), "spring-boot-starter-parent", "spring-boot", v[1])
				}
			}
		}
	}
	u.reads(u.context, "pom.xml")
	u.reads(u.dir, "pom.xml")
}

func (u *unit) buildGradle() {
	dirs := u.reactor("settings.gradle", gradleMember)
	for _, dir := range append(dirs, u.reactor("settings.gradle.kts", gradleMember)...) {
		for _, name := range []string{"build.gradle", "build.gradle.kts"} {
			f := u.tree.file(dir, name)
			if f == nil {
				continue
			}
			u.apply([]*file{f}, gradleBuild)
			if m, ok := f.find("org.springframework.boot", bootPlugin); ok {
				u.trait(m, "plugin spring-boot", "spring-boot", m.group(1))
			}
		}
	}
	for _, dir := range []string{u.context, u.dir} {
		u.reads(dir, "gradlew", "settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts", "gradle.properties", "gradle.lockfile",
			"gradle/libs.versions.toml", "gradle/wrapper/gradle-wrapper.properties")
	}
	if f := u.tree.file(u.context, "gradle", "wrapper", "gradle-wrapper.properties"); f != nil {
		if m, ok := f.find("gradle-", gradleRelease); ok {
			u.trait(m, "gradle-wrapper.properties", "gradle", m.group(1))
		}
	}
}

// reactor is the unit's folder and, where a build above it names it as a module,
// those up to that build, which becomes the context.
func (u *unit) reactor(name string, member func(*file, string) bool) []string {
	dirs := []string{u.dir}
	at := u.dir
	upward(u.dir, func(dir string) bool {
		f := u.tree.file(dir, name)
		if f == nil || dir == u.dir || !member(f, below(dir, at)) {
			return true
		}
		u.context, at, dirs = dir, dir, append(dirs, dir)
		u.trait(match{file: f}, "modules of "+f.base(), "module")
		return true
	})
	return dirs
}

func mavenMember(f *file, rel string) bool { return mentions(f, "<module>", mavenModule, rel) }

func gradleMember(f *file, rel string) bool {
	project := strings.ReplaceAll(rel, "/", ":")
	return mentions(f, `"`, gradleInclude, project) || mentions(f, `'`, gradleInclude, project)
}

// mentions reports whether a line with a needle has a module as the group of one
// of its matches.
func mentions(f *file, needle string, re *pattern, module string) bool {
	found := false
	f.grep(needle, nil, func(m match) {
		for _, g := range re.FindAllStringSubmatch(f.line(m.line), 64) {
			found = found || path.Clean(g[1]) == module
		}
	})
	return found
}
