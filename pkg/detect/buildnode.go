// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"
)

// natives are packages that are compiled when they are installed, on the libc of
// where that happens.
var natives = set("bcrypt", "sqlite3", "better-sqlite3", "canvas", "node-rdkafka", "argon2", "re2", "zeromq", "grpc", "node-sass", "libxmljs", "bufferutil", "utf-8-validate")

// runners start TypeScript as it is.
var runners = set("tsx", "ts-node", "bun")

func buildNode(u *unit) {
	p, f := u.manifest()
	if p == nil {
		return
	}
	u.nodeInputs(p, f)
	for _, name := range slices.Sorted(maps.Keys(p.Dependencies)) {
		if natives[name] {
			u.trait(f.key(name), "package.json dependency", "native", name)
		}
		if runners[name] {
			u.trait(f.key(name), "package.json dependency", "runner", name)
		}
	}
	if len(p.Dependencies) == 0 {
		u.trait(f.head(), "package.json without dependencies", "alone")
	}
	u.nodeOutput()
	for _, name := range []string{"next.config.js", "next.config.mjs", "next.config.ts"} {
		if c := u.file(name); c != nil {
			if m, ok := c.find("standalone", re(`output\s*:\s*['"]standalone['"]`)); ok {
				u.trait(m, "next.config output", "standalone")
			}
		}
	}
	if u.tree.has(u.dir, "public") {
		u.trait(match{file: f}, "folder public", "public")
	}
}

// nodeInputs notes what installs and builds a package: for programs and pages.
func (u *unit) nodeInputs(p *packageJSON, f *file) {
	top := u.dir
	if e, ok := u.best(build); ok && path.Dir(e.File) != u.dir {
		top = path.Dir(e.File) // where the lock file is
		u.context = common(u.context, top)
		u.trait(match{file: u.tree.file(e.File)}, "lock file of a workspace", "workspace")
	}
	packages := []*packageJSON{p}
	places := []*file{f}
	if above := u.tree.file(top, "package.json"); above != nil && above != f {
		var q packageJSON
		_ = json.Unmarshal([]byte(above.text()), &q) // what can be read of it
		packages, places = append(packages, &q), append(places, above)
	}
	for i, q := range packages {
		if q.Engines["node"] != "" {
			u.add(version, places[i].key("node"), q.Engines["node"], "package.json engines", metadata-i)
		}
		if managed.MatchString(q.PackageManager) {
			u.trait(places[i].key("packageManager"), "package.json packageManager", "package-manager", managed.FindString(q.PackageManager))
		}
	}
	for i, dir := range []string{u.dir, top} {
		for _, name := range []string{".nvmrc", ".node-version"} {
			if c := u.tree.file(dir, name); c != nil {
				u.add(version, c.head(), c.head().quote, name, metadata+2-i)
			}
		}
		u.reads(dir, "package.json", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", "yarn.lock", ".yarnrc.yml", "bun.lock", "bun.lockb", ".npmrc")
		if c := u.tree.file(dir, ".yarnrc.yml"); c != nil {
			if m, ok := c.find("nodeLinker", re(`^nodeLinker:\s*['"]?node-modules`)); ok {
				u.trait(m, ".yarnrc.yml nodeLinker", "node-linker")
			}
		}
	}
	u.pnpmLock(u.tree.file(top, "pnpm-lock.yaml"))
	if p.Scripts["build"] != "" {
		u.trait(f.key("build"), "package.json scripts.build", "build-script")
	}
	if name := packageName.FindString(p.Name); name != "" {
		u.trait(f.key("name"), "package.json name", "package", name)
	}
}

var (
	managed     = re(`^(?:npm|pnpm|yarn|bun)@\d[\w.-]*`)
	packageName = re(`^(?:@[\w.-]+/)?[\w.-]+$`)
	lockVersion = re(`^lockfileVersion:\s*'?(\d+)`)
)

// pnpmLock tells which pnpm can read a lock file: by its first line, as there may
// be a hundred thousand.
func (u *unit) pnpmLock(f *file) {
	if f == nil {
		return
	}
	first, _, _ := strings.Cut(u.tree.peek(f.path), "\n")
	first = strings.TrimSpace(first)
	if m := lockVersion.FindStringSubmatch(first); m != nil {
		u.trait(match{file: f, line: 1, quote: first}, "pnpm-lock.yaml", "lock-version", m[1])
	}
}

var (
	outDir  = re(`"outDir"\s*:\s*"(?:\./)?([\w.-]+)/?"`)
	rootDir = re(`"rootDir"\s*:\s*"(?:\./)?([\w.-]*)/?"`)
)

// nodeOutput notes where what is started comes from: it is not in the tree when
// it is compiled, or it is TypeScript.
func (u *unit) nodeOutput() {
	e, ok := u.best(entry)
	if !ok {
		return
	}
	at := match{file: u.tree.file(e.File), line: e.Line, quote: e.Quote}
	if at.file == nil {
		return
	}
	if u.file(e.Value) == nil && u.file(e.Value+".js") == nil && u.file(e.Value, "index.js") == nil {
		u.trait(at, e.Source, "compiled")
	}
	c := u.file("tsconfig.json")
	if ext := path.Ext(e.Value); c == nil || ext != ".ts" && ext != ".mts" {
		return
	}
	out, hasOut := c.find("outDir", outDir)
	root, hasRoot := c.find("rootDir", rootDir)
	if hasOut && hasRoot {
		rel := strings.TrimPrefix(e.Value, root.group(1)+"/")
		u.trait(out, "tsconfig.json outDir, rootDir", "output", path.Join(out.group(1), strings.TrimSuffix(rel, path.Ext(rel))+strings.Replace(path.Ext(rel), "ts", "js", 1)))
	}
}

func buildStatic(u *unit) {
	if p, f := u.manifest(); p != nil {
		u.nodeInputs(p, f)
		return
	}
	for _, name := range []string{"index.html", "public/index.html"} {
		u.reads(u.dir, name)
	}
}
