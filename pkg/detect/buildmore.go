// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"strings"
)

var (
	targetFramework  = re(`<TargetFramework>(net\d+\.\d+)</TargetFramework>`)
	projectReference = re(`<ProjectReference\s+Include="([^"]+)"`)
	globalization    = re(`<InvariantGlobalization>\s*false\s*<`)
)

// maxReferences bounds the projects that one project is built with.
const maxReferences = 64

func buildDotnet(u *unit) {
	e, ok := u.best(entry)
	if !ok || u.tree.file(e.File) == nil || !strings.HasSuffix(e.File, "proj") {
		return
	}
	queue, seen := []*file{u.tree.file(e.File)}, map[string]bool{e.File: true}
	u.trait(queue[0].head(), "project file", "project", u.rel(queue[0]))
	if m, ok := queue[0].find("InvariantGlobalization", globalization); ok {
		u.trait(m, "project file", "globalization")
	}
	for i := 0; i < len(queue) && i < maxReferences; i++ {
		f := queue[i]
		u.context = common(u.context, f.dir())
		f.grep("ProjectReference", projectReference, func(m match) {
			at := path.Join(f.dir(), strings.ReplaceAll(m.group(1), `\`, "/"))
			to := u.tree.file(at)
			switch {
			case to == nil:
				u.trait(m, "project reference", "outside", at)
			case !seen[at]:
				seen[at] = true
				queue = append(queue, to)
			}
		})
	}
	// MSBuild takes settings of all folders above.
	settings := []string{"Directory.Build.props", "Directory.Packages.props", "global.json", "nuget.config", "NuGet.config"}
	upward(u.context, func(dir string) bool {
		for _, name := range settings {
			if u.tree.file(dir, name) != nil {
				u.context = dir
			}
		}
		return true
	})
	for i, f := range queue {
		u.reads(f.dir(), f.base())
		if m, ok := f.find("<TargetFramework>", targetFramework); ok {
			u.add(version, m, m.group(1), "TargetFramework", metadata-min(i, 1))
		}
	}
	for _, dir := range []string{u.dir, u.context} {
		u.reads(dir, settings...)
		if f := u.tree.file(dir, "Directory.Build.props"); f != nil {
			if m, ok := f.find("<TargetFramework>", targetFramework); ok {
				u.add(version, m, m.group(1), "TargetFramework of Directory.Build.props", metadata-2)
			}
		}
	}
}

var (
	rustVersion    = re(`^rust-version\s*=\s*"(\d+\.\d+)`)
	rustChannel    = re(`^(?:channel\s*=\s*)?"?(\d+\.\d+)[\d.]*"?\s*$`)
	rustPath       = re(`\bpath\s*=\s*"(\.\.[^"]*)"`)
	cargoWorkspace = re(`^\[workspace\]`)
	protoBuild     = re(`\b(?:tonic|prost|tonic_prost)_build\b`)
)

func buildRust(u *unit) {
	manifest := u.file("Cargo.toml")
	if manifest == nil {
		return
	}
	manifest.grep("path", rustPath, func(m match) {
		if at := path.Join(u.dir, m.group(1)); strings.HasPrefix(at, "..") {
			u.trait(m, "Cargo.toml path", "outside", m.group(1))
		} else {
			u.context = common(u.context, at)
		}
	})
	upward(u.dir, func(dir string) bool {
		f := u.tree.file(dir, "Cargo.toml")
		if f == nil || dir == u.dir {
			return true
		}
		m, ok := f.find("[workspace]", cargoWorkspace)
		if ok {
			u.context = common(u.context, dir)
			u.trait(m, "Cargo.toml workspace", "workspace")
		}
		return !ok
	})
	for _, dir := range []string{u.dir, u.context} {
		u.reads(dir, "Cargo.toml", "Cargo.lock", "rust-toolchain", "rust-toolchain.toml")
		for _, name := range []string{"rust-toolchain", "rust-toolchain.toml"} {
			if f := u.tree.file(dir, name); f != nil {
				u.apply([]*file{f}, []rule{{version, name, ".", rustChannel, "", metadata + 2}})
			}
		}
	}
	u.apply([]*file{manifest}, []rule{{version, "Cargo.toml rust-version", "rust-version", rustVersion, "", metadata}})
	if f := u.file("build.rs"); f != nil {
		if m, ok := f.find("_build", protoBuild); ok {
			u.trait(m, "build.rs", "protoc")
		}
	}
}

var (
	phpRequire   = re(`"php"\s*:\s*"([^"]+)"`)
	phpExtension = re(`"ext-([a-z0-9_]+)"\s*:`)
)

func buildPHP(u *unit) {
	u.reads(u.dir, "composer.json", "composer.lock")
	f := u.file("composer.json")
	if f == nil {
		return
	}
	u.apply([]*file{f}, []rule{{version, "composer.json require", `"php"`, phpRequire, "", metadata}})
	f.grep(`"ext-`, phpExtension, func(m match) { u.trait(m, "composer.json require", "extension", m.group(1)) })
}

var (
	rubyVersion = re(`^\s*ruby\s+["'](?:~>\s*)?(\d+\.\d+)`)
	rubyServer  = re(`^\s*gem\s+["'](puma|unicorn|falcon|rackup)["']`)
	rubyLinked  = re(`^\s*gem\s+["'](pg|mysql2|rmagick|ruby-vips|sqlite3|charlock_holmes)["']`)
	rubyAssets  = re(`^\s*gem\s+["'](sprockets-rails|propshaft)["']`)
	plainRuby   = re(`^(?:ruby-)?(\d+\.\d+)`)
)

func buildRuby(u *unit) {
	u.reads(u.dir, "Gemfile", "Gemfile.lock", "config/puma.rb", "config.ru")
	if f := u.file("Gemfile"); f != nil {
		u.apply([]*file{f}, []rule{{version, "Gemfile ruby", "ruby", rubyVersion, "", metadata}})
		f.grep("gem", rubyServer, func(m match) { u.trait(m, "Gemfile", "server", m.group(1)) })
		f.grep("gem", rubyLinked, func(m match) { u.trait(m, "Gemfile", "linked", m.group(1)) })
		f.grep("gem", rubyAssets, func(m match) { u.trait(m, "Gemfile", "assets", m.group(1)) })
	}
	if f := u.file(".ruby-version"); f != nil {
		if m := plainRuby.FindStringSubmatch(f.head().quote); m != nil {
			u.add(version, f.head(), m[1], ".ruby-version", metadata+1)
		}
	}
}
