// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/dockerfile"
)

// markers are the files that begin a unit of building, by name.
var markers = set("package.json", "go.mod", "pom.xml", "build.gradle", "build.gradle.kts",
	"pyproject.toml", "requirements.txt", "Pipfile", "setup.py", "Cargo.toml",
	"composer.json", "artisan", "Gemfile", "config.ru", "Procfile")

// maxUnits bounds the folders that are looked at as services.
const maxUnits = 1000

// isMarker reports whether a file begins a unit.
func isMarker(f *file) bool {
	base := f.base()
	return markers[base] || strings.HasSuffix(base, ".csproj") || strings.HasSuffix(base, ".fsproj")
}

// isDockerfile knows Dockerfile, Containerfile and their variants.
func isDockerfile(f *file) bool {
	return dockerfile.Named(f.path) && !testImage.MatchString(f.base())
}

// testImage are Dockerfiles of what tests a service.
var testImage = re(`(?i)[.-](?:tests?|e2e|playwright|cypress)\b|^(?:tests?|e2e|playwright|cypress)[.-]`)

// boundaries finds the folders that may be services.
func (s *scan) boundaries() []*unit {
	begin := map[string][]match{}
	docker := map[string]*file{}
	code := map[string]bool{} // folders with source code in or below them
	for _, f := range s.tree.files {
		switch dir := f.dir(); {
		case isMarker(f):
			begin[dir] = append(begin[dir], f.head())
		case isDockerfile(f):
			if !s.store(f) && (docker[dir] == nil || f.base() == "Dockerfile") {
				docker[dir] = f
			}
		case sourceFile[path.Ext(f.path)]:
			markUp(code, dir)
		}
	}
	s.goServices(begin)
	for dir, at := range s.contexts {
		begin[dir] = append(begin[dir], at)
	}
	for _, dir := range slices.Sorted(maps.Keys(docker)) {
		if len(begin[dir]) > 0 || code[dir] || nearestOf(begin, dir) == "" {
			begin[dir] = append(begin[dir], docker[dir].head())
		}
	}
	s.pages(begin)
	return s.cut(begin, docker)
}

// cut makes units of the folders where something begins, and gives each its files.
func (s *scan) cut(begin map[string][]match, docker map[string]*file) []*unit {
	images := map[string]bool{} // folders with a Dockerfile below them
	for dir := range docker {
		if dir != "." {
			markUp(images, path.Dir(dir))
		}
	}
	var units []*unit
	for _, dir := range slices.Sorted(maps.Keys(begin)) {
		if above := nearestOf(begin, dir); above != "" && docker[above] != nil && !images[above] && s.contexts[dir].file == nil {
			continue // one image is built of it all
		}
		if len(units) == maxUnits {
			s.tree.note("%s: stopped after %d folders that may be services", dir, maxUnits)
			break
		}
		u := newUnit(s.tree, dir)
		for _, m := range begin[dir] {
			u.boundary = append(u.boundary, evidence(m, dir, "build marker "+m.file.base(), metadata))
		}
		units = append(units, u)
	}
	owners := map[string]*unit{}
	for _, u := range units {
		owners[u.dir] = u
	}
	for _, f := range s.tree.files {
		for dir := f.dir(); ; dir = path.Dir(dir) {
			if u := owners[dir]; u != nil {
				u.files = append(u.files, f)
				break
			}
			if dir == "." {
				break
			}
		}
	}
	return units
}

// nearestOf is the folder above dir where something begins; empty if there is none.
func nearestOf(begin map[string][]match, dir string) string {
	for dir != "." {
		dir = path.Dir(dir)
		if len(begin[dir]) > 0 {
			return dir
		}
	}
	return ""
}

// markUp marks a folder and all above it.
func markUp(marks map[string]bool, dir string) {
	for !marks[dir] {
		marks[dir] = true
		dir = path.Dir(dir)
	}
}

var sourceFile = set(".go", ".js", ".mjs", ".ts", ".py", ".java", ".kt", ".cs", ".rs", ".php", ".rb", ".html")

// holders are folders that hold services side by side.
var holders = set("services", "service", "apps", "microservices", "src")

// goServices splits a Go module whose services are folders of a holder: one
// module, several programs that are deployed each on its own.
func (s *scan) goServices(begin map[string][]match) {
	for _, f := range s.tree.files {
		if path.Ext(f.path) != ".go" || isTest(f.path) {
			continue
		}
		root := moduleOf(s.tree, f.dir())
		if root == "" || root == f.dir() {
			continue
		}
		parts := strings.Split(below(root, f.dir()), "/")
		if len(parts) < 2 || !holders[parts[0]] || decoyFile.MatchString(parts[1]) {
			continue
		}
		dir := path.Join(root, parts[0], parts[1])
		if m, ok := f.find("func main()", goMain); ok && len(begin[dir]) == 0 {
			begin[dir] = append(begin[dir], m)
		}
	}
}

var goMain = re(`^func main\(\)`)

// moduleOf is the folder of the go.mod that a folder belongs to.
func moduleOf(t *tree, dir string) string {
	for {
		if t.file(dir, "go.mod") != nil {
			return dir
		}
		if dir == "." {
			return ""
		}
		dir = path.Dir(dir)
	}
}

// pages begins units at pages that nothing else serves.
func (s *scan) pages(begin map[string][]match) {
	for _, f := range s.tree.files {
		if f.base() != "index.html" && f.base() != "index.php" && !staticConfig[f.base()] {
			continue
		}
		dir := f.dir()
		if path.Base(dir) == "public" {
			dir = path.Dir(dir)
		}
		if len(begin[dir]) == 0 && nearestOf(begin, dir) == "" {
			begin[dir] = append(begin[dir], f.head())
		}
	}
}

// inner are folders that say nothing about what is in them.
var inner = set("src", "app", "main", "source", "code", "server", "cmd", "api", "html", "www", "static", "public")

// call names the units, after their folders and, at the top, their manifests.
func (s *scan) call() {
	taken := map[string]bool{}
	for _, u := range s.units {
		dir := u.dir
		for inner[path.Base(dir)] && path.Dir(dir) != "." && !holders[path.Base(path.Dir(dir))] {
			dir = path.Dir(dir)
		}
		name := path.Base(dir)
		if dir == "." || inner[dir] && len(s.units) == 1 {
			name = s.name
			if e, ok := u.best(title); ok {
				name = e.Value
			}
		}
		u.name = Label(name)
		if taken[u.name] {
			u.name = Label(strings.ReplaceAll(u.dir, "/", "-"))
		}
		for n := 2; taken[u.name]; n++ {
			u.name = Label("app-" + strconv.Itoa(n) + "-" + u.dir)
		}
		taken[u.name] = true
	}
}

var notLabel = re(`[^a-z0-9]+`)

// Label makes a DNS label that begins with a letter of a name: it will be the name
// of objects.
func Label(name string) string {
	name = strings.Trim(notLabel.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if name != "" && name[0] <= '9' {
		name = "app-" + name
	}
	name = strings.Trim(name[:min(len(name), 63)], "-")
	if name == "" {
		return "app"
	}
	return name
}
