// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"io/fs"
	"path"
	"strings"
)

// makings are what each language's image is built of. They are asked for once the
// entry is known, and not where a Dockerfile says it all.
var makings = map[string]func(*unit){
	"go": buildGo, "node": buildNode, "python": buildPython, "java": buildJava, "dotnet": buildDotnet,
	"rust": buildRust, "php": buildPHP, "ruby": buildRuby, "static": buildStatic,
}

func (u *unit) building() {
	spoken := leaders(rank(u.facts[language]))
	if len(u.facts[image]) > 0 || len(spoken) != 1 {
		return
	}
	if look := makings[spoken[0]]; look != nil {
		look(u)
	}
}

// reads notes those of the named files of a folder that are there. Their
// presence is all that counts, so that large lock files are not read.
func (u *unit) reads(dir string, names ...string) {
	for _, name := range names {
		if f := u.tree.file(dir, name); f != nil && within(u.context, f.path) {
			u.add(buildFile, match{file: f}, below(u.context, f.path), "build file", metadata)
		}
	}
}

// trait notes something about how to build.
func (u *unit) trait(m match, rule string, words ...string) {
	u.add(trait, m, strings.Join(words, " "), rule, metadata)
}

// probe finds a file in a folder that the walk leaves out, without reading it.
func (t *tree) probe(elem ...string) *file {
	name := path.Join(elem...)
	if info, err := fs.Stat(t.fsys, name); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	return &file{path: name, tree: t}
}

// common is the folder that two paths share.
func common(a, b string) string {
	for !within(a, b) {
		a = path.Dir(a)
	}
	return a
}

// upward calls yield for a folder and those above it until it returns false.
func upward(dir string, yield func(string) bool) {
	for yield(dir) && dir != "." {
		dir = path.Dir(dir)
	}
}

var (
	goVersion   = re(`^go\s+(\d+\.\d+)`)
	goToolchain = re(`^toolchain\s+go(\d+\.\d+)`)
	goReplace   = re(`=>\s+(\.\.?(?:/\S*)?)\s*$`)
	goCgo       = re(`^(?:import )?\s*"C"$`)
	// cgoModules need a C compiler without saying so in the program's own files.
	cgoModules = re(`github\.com/(?:mattn/go-sqlite3|confluentinc/confluent-kafka-go\S*|lovoo/goczmq|zeromq/goczmq\S*|godror/godror)\s`)
)

func buildGo(u *unit) {
	root := moduleOf(u.tree, u.dir)
	if root == "" {
		return
	}
	mod := u.tree.file(root, "go.mod")
	for _, v := range []rule{{version, "go.mod toolchain", "toolchain", goToolchain, "", metadata + 1}, {version, "go.mod go", "go", goVersion, "", metadata}} {
		if m, ok := mod.find(v.needle, v.re); ok {
			u.add(version, m, m.group(1), v.name, v.confidence)
		}
	}
	mod.grep("=>", goReplace, func(m match) {
		at := path.Join(root, m.group(1))
		if strings.HasPrefix(at, "..") {
			u.trait(m, "go.mod replace", "outside", m.group(1))
			return
		}
		u.context = common(u.context, at)
		u.trait(m, "go.mod replace", "local-modules")
	})
	upward(root, func(dir string) bool {
		work := u.tree.file(dir, "go.work")
		if work != nil {
			u.context = common(u.context, dir)
			u.trait(match{file: work}, "go.work", "local-modules")
		}
		return work == nil
	})
	if f := u.tree.probe(root, "vendor", "modules.txt"); f != nil {
		u.trait(match{file: f}, "vendor/modules.txt", "vendor")
	}
	u.cgo(root, mod)
	u.reads(root, "go.mod", "go.sum")
}

// cgo notes what makes a build need a C compiler, anywhere in the module: a
// program may import any of its packages.
func (u *unit) cgo(root string, mod *file) {
	if m, ok := mod.find("github.com/", cgoModules); ok {
		u.trait(m, "go.mod require", "cgo")
		return
	}
	for _, f := range u.tree.files {
		if path.Ext(f.path) != ".go" || !within(root, f.path) || isTest(f.path) {
			continue
		}
		if m, ok := f.find(`"C"`, goCgo); ok {
			u.trait(m, "import C", "cgo")
			return
		}
	}
}
