// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
)

// only scans a tree of one service.
func only(t *testing.T, fsys fstest.MapFS) api.DetectedService {
	t.Helper()
	d := detect.Scan(fsys, detect.Options{})
	if len(d.Services) != 1 {
		t.Fatalf("%d services:\n%s", len(d.Services), summary(d))
	}
	check(t, fsys, d)
	return d.Services[0]
}

// What is stated outranks what is looked up: each step adds a statement that
// outranks those before it.
func TestOrderOfPrecedence(t *testing.T) {
	fsys := files("svc/package.json", `{"name": "svc", "main": "server.js"}`)
	for _, step := range []struct{ name, path, text, port, source string }{
		{"source", "svc/server.js", "app.listen(1001)\n", "1001", "listen"},
		{"a start script", "svc/package.json", `{"name": "svc", "scripts": {"start": "node server.js --port 1002"}}`, "1002", "package.json scripts.start"},
		{"score", "svc/score.yaml", "service:\n  ports:\n    http: {port: 1003}\n", "1003", "score.yaml port"},
		{"compose", "compose.yaml", "services:\n  svc:\n    build: svc\n    ports: ['80:1004/tcp']\n", "1004", "compose ports"},
		{"a Procfile", "svc/Procfile", "web: node server.js --port=1005\n", "1005", "procfile command"},
		{"a Dockerfile", "svc/Dockerfile", "FROM node:24\nEXPOSE 1006/tcp\n", "1006", "dockerfile EXPOSE"},
		{"micro.yaml", "micro.yaml", "services:\n  svc:\n    source: ./svc\n    ports:\n      http: {port: 80, target: 1007}\n", "1007", "micro.yaml ports"},
	} {
		fsys[step.path] = &fstest.MapFile{Data: []byte(step.text)}
		got := only(t, fsys).Port
		if got.String() != step.port || got.Evidence[0].Source != step.source || got.Evidence[0].File != step.path {
			t.Errorf("with %s: %+v, want %s by %s", step.name, got.Evidence, step.port, step.source)
		}
	}
}

func TestTies(t *testing.T) {
	fsys := files("svc/go.mod", "module x/svc\n",
		"svc/main.go", "package main\n\nfunc main() {\n\tgo http.ListenAndServe(\":8001\", nil)\n\thttp.ListenAndServe(\":8002\", nil)\n}\n")
	d := detect.Scan(fsys, detect.Options{})
	if len(d.Ambiguous) != 1 || d.Services[0].Port.Value != nil {
		t.Fatalf("%+v", d.Ambiguous)
	}
	tie := d.Ambiguous[0]
	var got []string
	for _, e := range tie.Between {
		got = append(got, e.Value+" "+e.Quote)
	}
	want := []string{`8001 ListenAndServe(":8001"`, `8002 ListenAndServe(":8002"`}
	if diff := cmp.Diff(want, got); diff != "" || tie.Service != "svc" || tie.Fact != "port" {
		t.Errorf("%+v\n%s", tie, diff)
	}

	// A second rule that agrees decides.
	fsys["svc/Procfile"] = &fstest.MapFile{Data: []byte("web: ./svc --port 8002\n")}
	if s := only(t, fsys); s.Port.String() != "8002" {
		t.Errorf("%+v", s.Port)
	}
}

func TestNeeds(t *testing.T) {
	for _, c := range []struct{ file, text, need, fallback string }{
		{"main.go", "v := os.Getenv(\"X_Y\")\nif v == \"\" {\n\tlog.Fatal(\"no\")\n}\n", "required", ""},
		{"main.go", "v := os.Getenv(\"X_Y\")\nif v == \"\" {\n\tv = \"z\"\n}\n", "optional", ""},
		{"main.go", "v := os.Getenv(\"X_Y\")\nuse(v)\nrun()\nexit()\n", "unknown", ""},
		{"main.go", "if os.Getenv(\"ON_OFF\") == \"1\" {\n\tuse(os.Getenv(\"X_Y\"))\n}\n", "conditional", ""},
		{"main.go", "v := mustGet(\"X_Y\")\n", "required", ""},
		{"main.go", "v := getEnv(\"X_Y\", \"z\")\n", "optional", "z"},
		{"main.py", "v = os.environ['X_Y']\n", "required", ""},
		{"main.py", "try:\n    v = os.environ['X_Y']\nexcept KeyError:\n    v = None\n", "optional", ""},
		{"main.go", "if os.Getenv(\"ON_OFF\") == \"1\" {\n\ttrace()\n}\n\nfunc trace() {\n\tmustGet(\"X_Y\")\n}\n", "conditional", ""},
		{"main.go", "trace()\nif os.Getenv(\"ON_OFF\") == \"1\" {\n\ttrace()\n}\n\nfunc trace() {\n\tmustGet(\"X_Y\")\n}\n", "required", ""},
		{"main.py", "try:\n    if os.environ['X_Y'] == '1':\n        run()\n        run()\nexcept (KeyError, OSError):\n    pass\n", "optional", ""},
		{"main.py", "try:\n    v = os.environ['X_Y']\nexcept OSError:\n    pass\n", "required", ""},
		{"main.js", "if(process.env.X_Y) {\n  go();\n}\n", "optional", ""},
		{"main.py", "v = os.environ.get('X_Y', 'z')\n", "optional", "z"},
		{"main.py", "v = os.getenv('X_Y')\nif not v:\n    raise ValueError('no')\n", "required", ""},
		{"main.js", "const v = process.env.X_Y ?? 'z';\n", "optional", "z"},
		{"main.js", "const v = process.env['X_Y'];\nif (!v) throw new Error('no');\n", "required", ""},
		{"main.js", "const schema = Joi.object({\n  X_Y: Joi.string().required(),\n});\n", "required", ""},
		{"main.js", "const env = cleanEnv(process.env, {\n  X_Y: str({ default: 'z' }),\n});\n", "optional", "z"},
		{"run.sh", "exec app --to \"${X_Y:?is needed}\"\n", "required", ""},
		{"run.sh", "exec app --to \"${X_Y:-z}\"\n", "optional", "z"},
	} {
		fsys := files("go.mod", "module x\n", "Dockerfile", "FROM golang:1.26\nCMD [\"app\"]\n", c.file, c.text)
		switch {
		case strings.HasSuffix(c.file, ".py"):
			fsys = files("requirements.txt", "flask\n", "Dockerfile", "FROM python:3.14\nCMD [\"app\"]\n", c.file, c.text)
		case strings.HasSuffix(c.file, ".js"):
			fsys = files("package.json", `{"main": "main.js"}`, c.file, c.text)
		}
		s := only(t, fsys)
		found := false
		for _, e := range s.Env {
			if e.Name != "X_Y" {
				continue
			}
			found = true
			fallback := ""
			if e.Default != nil {
				fallback = *e.Default
			}
			if e.Need != c.need || fallback != c.fallback {
				t.Errorf("%q: %s %q, want %s %q", c.text, e.Need, fallback, c.need, c.fallback)
			}
		}
		if !found {
			t.Errorf("%q: not found", c.text)
		}
	}
}

// Secrets of the tree stay there.
func TestSecretsAreNotShown(t *testing.T) {
	fsys := files("package.json", `{"main": "server.js"}`,
		"server.js", "const a = process.env.DB_PASSWORD || 'hunter2';\nconst b = process.env.DB_URL || 'pg://app:hunter2@db/x';\napp.listen(1234);\n",
		"Dockerfile", "FROM node:24\nENV API_TOKEN=hunter2\nCMD [\"node\", \"server.js\"]\n",
		"compose.yaml", "services:\n  web:\n    build: .\n    environment:\n      SESSION_SECRET: hunter2\n")
	s := only(t, fsys)
	if len(s.Env) != 4 {
		t.Errorf("%+v", s.Env)
	}
	for _, e := range s.Env {
		if e.Default != nil {
			t.Errorf("%s has a default", e.Name)
		}
		for _, v := range e.Evidence {
			if strings.Contains(v.Quote, "hunter2") {
				t.Errorf("%s: %s", e.Name, v.Quote)
			}
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		name string
		fsys fstest.MapFS
		want string
	}{
		{"a manifest", files("go.mod", "module example.com/x/Order_API\n", "main.go", "package main\n\nfunc main() {}\n"), "order-api"},
		{"nothing", files("index.html", "<p>"), "given"},
		{"an inner folder", files("cart/src/package.json", `{"main": "a.js"}`, "cart/src/a.js", ""), "cart"},
		{"a digit first", files("2048/package.json", `{"main": "a.js"}`, "2048/a.js", ""), "app-2048"},
		{"a folder of services", files("src/cart/package.json", `{"main": "a.js"}`, "src/cart/a.js", ""), "cart"},
	} {
		d := detect.Scan(c.fsys, detect.Options{Name: "given"})
		if len(d.Services) != 1 || d.Services[0].Name != c.want {
			t.Errorf("%s: %s, want %s", c.name, summary(d), c.want)
		}
	}
}

// Names are those of objects: each is a label, and each is there once.
func TestNamesAreApart(t *testing.T) {
	main := `{"main": "a.js"}`
	d := detect.Scan(files("a/api/package.json", main, "a/api/a.js", "", "b/api/package.json", main, "b/api/a.js", "", "b_api/package.json", main, "b_api/a.js", "",
		"compose.yaml", "services:\n  My_DB: {image: postgres}\n"), detect.Options{})
	var got []string
	for _, s := range d.Services {
		got = append(got, s.Name)
	}
	for _, b := range d.Backing {
		got = append(got, b.Name)
	}
	if diff := cmp.Diff([]string{"a", "b", "b-api", "my-db"}, got); diff != "" {
		t.Error(diff)
	}
	long := strings.Repeat("x", 70)
	d = detect.Scan(files(long+"1/p/package.json", main, long+"1/p/a.js", "", long+"2/p/package.json", main, long+"2/p/a.js", "", long+"3/p/package.json", main, long+"3/p/a.js", ""), detect.Options{})
	seen := map[string]bool{}
	for _, s := range d.Services {
		if seen[s.Name] || s.Name != detect.Label(s.Name) {
			t.Errorf("%q", s.Name)
		}
		seen[s.Name] = true
	}
	if len(seen) != 3 {
		t.Errorf("%v", seen)
	}
}

// What a program needs may be read in a package that it shares with others.
func TestSharedPackages(t *testing.T) {
	main := func(imports string) string {
		return "package main\n\nimport \"" + imports + "\"\n\nfunc main() { http.ListenAndServe(\":8080\", nil) }\n"
	}
	fsys := files("go.mod", "module example.com/x\n",
		"services/a/main.go", main("example.com/x/internal/server"),
		"services/b/main.go", main("example.com/y/internal/server"),
		"internal/server/server.go", "package server\n\nimport \"example.com/x/internal/config\"\n",
		"services/a/own/own.go", "package own\n\nvar v = mustGet(\"OWN\")\n",
		"internal/server/extra.go", "package server\n\nimport \"example.com/x/services/a/own\"\n",
		"internal/server/server_test.go", "package server\n\nvar v = mustGet(\"ONLY_IN_TESTS\")\n",
		"internal/server/other/other.go", "package other\n\nvar v = mustGet(\"NOT_IMPORTED\")\n",
		"internal/config/config.go", "package config\n\nimport \"example.com/x/internal/server\"\n\nvar v = mustGet(\"QUEUE_NAME\")\n")
	d := detect.Scan(fsys, detect.Options{})
	check(t, fsys, d)
	got := map[string]string{}
	for _, s := range d.Services {
		for _, e := range s.Env {
			if got[s.Name+" "+e.Name] = e.Need; len(e.Evidence) != 1 {
				t.Errorf("%s is read once, not so: %+v", e.Name, e.Evidence)
			}
		}
	}
	if diff := cmp.Diff(map[string]string{"a OWN": "required", "a QUEUE_NAME": "required"}, got); diff != "" {
		t.Error(diff)
	}
}
