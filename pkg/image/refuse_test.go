// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image_test

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/image"
)

// tree makes a tree of names and texts.
func tree(pairs ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return out
}

const goMain = "package main\n\nfunc main() { http.ListenAndServe(\":8080\", nil) }\n"

// TestRefusals: what cannot be built well is said, with what to do.
func TestRefusals(t *testing.T) {
	boot := "<project>\n<artifactId>app</artifactId>\n<artifactId>spring-boot-starter-web</artifactId>\n<mainClass>a.B</mainClass>\n"
	for _, c := range []struct {
		name string
		tree fstest.MapFS
		kind fault.Kind
		want string
	}{
		{"two entries", tree("go.mod", "module x\n", "cmd/a/main.go", goMain, "cmd/b/main.go", goMain), fault.Undecided,
			"x: expected one entry, found ./cmd/a and ./cmd/b | write Dockerfile: it is taken as it is"},
		{"a module elsewhere", tree("go.mod", "module x\n\nreplace y => ../y\n", "main.go", goMain), fault.Refused,
			"x: expected all modules in the folder that was scanned, found one that go.mod replaces by ../y | have the command look at a folder that has both"},
		{"an old Node.js", tree("package.json", `{"main": "server.js", "engines": {"node": "12.x"}}`, "server.js", "x.listen(1)\n"), fault.Refused,
			"app: expected a release of Node.js that has an image (24, 22, 20, 18), found 12.x | write Dockerfile: it is taken as it is"},
		{"TypeScript", tree("package.json", `{"scripts": {"start": "ts-node src/index.ts"}}`, "src/index.ts", "x.listen(1)\n"), fault.Refused,
			`app: expected the file that src/index.ts is compiled to, found nothing that says it | "scripts": {"start": "node dist/index.js"} in package.json, or outDir and rootDir in tsconfig.json`},
		{"nothing builds it", tree("package.json", `{"scripts": {"start": "node dist/index.js"}}`), fault.Refused,
			`app: expected dist/index.js, or a script that builds it, found neither | "scripts": {"build": "tsc"} in package.json`},
		{"yarn's own layout", tree("package.json", `{"main": "server.js", "packageManager": "yarn@4.9.2"}`, "yarn.lock", "", "server.js", "x.listen(1)\n"), fault.Refused,
			"app: expected packages in node_modules, found yarn's own layout | nodeLinker: node-modules in .yarnrc.yml"},
		{"a war", tree("pom.xml", boot+"<packaging>war</packaging>"), fault.Refused,
			"app: expected a program that runs by itself, found a war for an application server | write Dockerfile: it is taken as it is"},
		{"Spring without its plugin", tree("pom.xml", boot), fault.Refused,
			"app: expected the plugin that makes a jar of Spring Boot, found none | add the plugin spring-boot-maven-plugin, or org.springframework.boot"},
		{"Gradle without application", tree("build.gradle", "mainClass = 'a.B'\n"), fault.Refused,
			"app: expected the plugin application, which collects what runs, found none | plugins { id 'application' }"},
		{"a Java to come", tree("pom.xml", "<java.version>99</java.version><mainClass>a.B</mainClass>"), fault.Refused,
			"app: expected a release of Java that has an image (up to 25), found 99 | write Dockerfile: it is taken as it is"},
		{"Python without a lock file", tree("pyproject.toml", "[project]\nname = \"app\"\n", "main.py", "if __name__ == '__main__':\n    x.run(port=1)\n"), fault.Refused,
			"app: expected a lock file or requirements.txt, found neither | uv lock, and commit uv.lock"},
		{"nothing serves it", tree("requirements.txt", "flask\n", "app.py", "app = Flask(__name__)\n"), fault.Refused,
			"app: expected a server for app:app, found none among the dependencies | add gunicorn (or uvicorn) to the dependencies"},
		{"an old .NET", tree("a.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\"><TargetFramework>net6.0</TargetFramework>"), fault.Refused,
			"a: expected a release of .NET with an image (10.0, 9.0, 8.0), found 6.0 | <TargetFramework>net10.0</TargetFramework>"},
		{"a project elsewhere", tree("a.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\">\n<TargetFramework>net10.0</TargetFramework>\n<ProjectReference Include=\"..\\b\\b.csproj\" />"), fault.Refused,
			"a: expected all projects in the folder that was scanned, found a reference to ../b/b.csproj | have the command look at a folder that has both"},
		{"a crate elsewhere", tree("Cargo.toml", "[package]\nname = \"a\"\n[dependencies]\nb = { path = \"../b\" }\n", "src/main.rs", "fn main() {}\n"), fault.Refused,
			"a: expected all crates in the folder that was scanned, found ../b | have the command look at a folder that has both"},
		{"Ruby without a lock file", tree("Gemfile", "gem 'sinatra'\n", "config.ru", ""), fault.Refused,
			"app: expected a Gemfile.lock, found none | bundle lock, and commit Gemfile.lock"},
		{"an old PHP", tree("composer.json", `{"require": {"php": "^7.4"}}`, "index.php", "<?php\n"), fault.Refused,
			"app: expected a release of PHP that has an image (8.2 to 8.5), found ^7.4 | write Dockerfile: it is taken as it is"},
		{"a generator", tree("hugo.toml", "title = 'x'\n"), fault.Refused,
			"app: expected a builder of pages with a known image, found hugo | write Dockerfile: it is taken as it is"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := image.Generate(one(t, c.tree, ""))
			if got := described(err); got != c.want || fault.KindOf(err) != c.kind {
				t.Errorf("kind %d\n got %s\nwant %s", fault.KindOf(err), got, c.want)
			}
		})
	}
}

func described(err error) string {
	var typed *fault.Error
	if !errors.As(err, &typed) {
		return "no error with a hint"
	}
	return typed.Error() + " | " + typed.Hint
}

func TestAdopted(t *testing.T) {
	s := one(t, tree("svc/go.mod", "module svc\n", "svc/main.go", goMain, "svc/Dockerfile", "FROM golang:1.26\nCMD [\"x\"]\n"), "")
	f, err := image.Generate(s)
	if err != nil || f.Adopted != "svc/Dockerfile" || f.Dockerfile.Data != nil || f.Ignore.Data != nil {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestVersions: the image has the release that the manifest asks for.
func TestVersions(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"go.mod", "module x\n\ngo 1.13\n", "golang:1.26-trixie"},
		{"go.mod", "module x\n\ngo 1.26\n\ntoolchain go1.28.1\n", "golang:1.28-trixie"},
		{"package.json", `{"main": "server.js"}`, "node:24-trixie-slim"},
		{"package.json", `{"main": "server.js", "engines": {"node": ">=18"}}`, "node:24-trixie-slim"},
		{"package.json", `{"main": "server.js", "engines": {"node": "^22.11.0"}}`, "node:22-trixie-slim"},
		{"package.json", `{"main": "server.js", "engines": {"node": "20 || 22"}}`, "node:22-trixie-slim"},
		{"package.json", `{"main": "server.js", "engines": {"node": ">= 20.9 < 22"}}`, "node:20-bookworm"},
		{"package.json", `{"main": "server.js", "engines": {"node": "18 - 22"}}`, "node:22-trixie-slim"},
		{"package.json", `{"main": "server.js", "engines": {"node": "22.x"}}`, "node:22-trixie-slim"},
		{".python-version", "3.12.4\n", "python:3.12-slim-trixie"},
		{"pyproject.toml", "requires-python = \"~=3.11\"\n", "python:3.14-slim-trixie"},
		{"pyproject.toml", "requires-python = \"==3.12.*\"\n", "python:3.12-slim-trixie"},
		{"pyproject.toml", "requires-python = \">=3.10, <3.13, !=3.12.1\"\n", "python:3.12-slim-trixie"},
		{"pyproject.toml", "requires-python = \">=3.10,<3.13.0\"\n", "python:3.12-slim-trixie"},
		{"pyproject.toml", "[tool.poetry.dependencies]\npython = \"~3.11\"\n", "python:3.11-slim-trixie"},
	} {
		fsys := tree(c.file, c.text)
		switch {
		case c.file == "go.mod":
			fsys["main.go"] = &fstest.MapFile{Data: []byte(goMain)}
		case c.file == "package.json":
			fsys["server.js"] = &fstest.MapFile{Data: []byte("x.listen(1)\n")}
		default:
			fsys["requirements.txt"] = &fstest.MapFile{Data: []byte("grpcio\n")}
			fsys["main.py"] = &fstest.MapFile{Data: []byte("if __name__ == '__main__':\n    server.serve_forever()\n")}
		}
		f, err := image.Generate(one(t, fsys, ""))
		if err != nil || !strings.Contains(string(f.Dockerfile.Data), c.want) {
			t.Errorf("%s %q: want %s, got %s%v", c.file, c.text, c.want, f.Dockerfile.Data, err)
		}
	}
}

// TestNeededIsNotIgnored: a pattern makes way for what the program needs.
func TestNeededIsNotIgnored(t *testing.T) {
	fsys := tree("requirements.txt", "grpcio\n", "main.py", "if __name__ == '__main__':\n    open('k8s/jobs/job.yaml')\n    server.serve_forever()\n", "k8s/jobs/job.yaml", "")
	s := one(t, fsys, "")
	s.Entry.Evidence[0].File = "venv/main.py"
	f, err := image.Generate(s)
	if err != nil {
		t.Fatal(err)
	}
	hidden := hides(string(f.Ignore.Data))
	for _, name := range []string{"venv/main.py", "k8s/jobs/job.yaml"} {
		if hidden(name) {
			t.Errorf("%s is ignored by\n%s", name, f.Ignore.Data)
		}
	}
}

// FuzzGenerate puts any text into any file of a tree: what is written still has
// nothing but the instructions that are meant, and the user.
func FuzzGenerate(f *testing.F) {
	for _, c := range cases(f) {
		for name, file := range c.tree {
			f.Add(c.name, name, file.Data)
		}
	}
	f.Add("go", "cmd/x$(id)/main.go", []byte(goMain))
	f.Add("python", "app.py", []byte("app = Flask(__name__)\nopen('a b\\nUSER root')\n"))
	f.Add("node", "package.json", []byte("{\"main\": \"a\\nUSER root\", \"scripts\": {\"start\": \"node `id`\"}}"))
	all := map[string]built{}
	for _, c := range cases(f) {
		all[c.name] = c
	}
	known := []string{"FROM", "WORKDIR", "COPY", "RUN", "ARG", "ENV", "USER", "EXPOSE", "ENTRYPOINT", "CMD"}
	f.Fuzz(func(t *testing.T, base, name string, data []byte) {
		c, ok := all[base]
		if !ok || !fs.ValidPath(name) || path.Base(name) == "." {
			return
		}
		fsys := fstest.MapFS{}
		for n, file := range c.tree {
			fsys[n] = file
		}
		fsys[name] = &fstest.MapFile{Data: data}
		for _, s := range detect.Scan(fsys, detect.Options{}).Services {
			checkHostile(t, s, known)
		}
	})
}

func checkHostile(t *testing.T, s api.DetectedService, known []string) {
	t.Helper()
	files, err := image.Generate(s)
	if err != nil || files.Adopted != "" {
		return
	}
	var users []string
	for _, step := range steps(string(files.Dockerfile.Data)) {
		if !slices.Contains(known, step.word) {
			t.Errorf("%s %s in\n%s", step.word, step.rest, files.Dockerfile.Data)
		}
		if step.word == "USER" {
			users = append(users, step.rest)
		}
		if step.word == "RUN" && strings.ContainsAny(step.rest, "`;") || strings.Contains(step.rest, "$(") {
			t.Errorf("%s %s", step.word, step.rest)
		}
	}
	if !slices.Equal(users, []string{"65532:65532"}) {
		t.Errorf("users %q", users)
	}
}
