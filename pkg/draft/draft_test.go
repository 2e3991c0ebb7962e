// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package draft_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
	"github.com/kubectl-micro/kubectl-micro/pkg/draft"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// open reads a tree of an archive; its file "want" is not part of it.
func open(t testing.TB, name string) (*txtar.Archive, fstest.MapFS) {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for _, f := range archive.Files {
		if f.Name != "want" && f.Name != "open" {
			fsys[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return archive, fsys
}

// TestTrees compares what is drafted of each tree of testdata with its files
// "want" and "open".
func TestTrees(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no trees: %v", err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, fsys := open(t, name)
			got, err := draft.System(detect.Scan(fsys, detect.Options{}), draft.Options{Name: "shop"})
			if err != nil {
				t.Fatal(err)
			}
			texts := map[string]string{"want": string(got.Data), "open": strings.Join(append(got.Open, ""), "\n")}
			for i, f := range archive.Files {
				text, expected := texts[f.Name]
				if !expected {
					continue
				}
				if diff := cmp.Diff(strings.Split(string(f.Data), "\n"), strings.Split(text, "\n")); diff != "" && !*update {
					t.Errorf("%s (-want +got)\n%s", f.Name, diff)
				}
				archive.Files[i].Data = []byte(text)
			}
			if *update {
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestReads: the suite itself reads what it drafts, of all trees that detection
// and images are tested with, and generates objects of those without ties.
func TestReads(t *testing.T) {
	var names []string
	for _, pattern := range []string{"testdata/*.txtar", "../detect/testdata/*.txtar", "../image/testdata/*/tree.txtar"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no trees in %s: %v", pattern, err)
		}
		names = append(names, found...)
	}
	generated := 0
	for _, name := range names {
		_, fsys := open(t, name)
		d := detect.Scan(fsys, detect.Options{})
		file, err := draft.System(d, draft.Options{Name: "shop"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s, err := app.Read("micro.yaml", file.Data)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, file.Data)
			continue
		}
		if len(s.Services) != len(d.Services) {
			t.Errorf("%s: %d services of %d", name, len(s.Services), len(d.Services))
		}
		if _, err := app.Generate(s, app.Options{}); err == nil {
			generated++
		} else if len(d.Ambiguous) == 0 && !strings.Contains(string(file.Data), "not found: a port") {
			t.Errorf("%s: %v\n%s", name, err, file.Data)
		}
	}
	if generated < len(names)*9/10 {
		t.Errorf("objects of %d in %d trees", generated, len(names))
	}
}

// TestSecrets: what the app file must not have as a value is never one.
func TestSecrets(t *testing.T) {
	for _, name := range []string{"DB_PASSWORD", "PASSPHRASE", "DB_PWD", "APP_SECRETS", "SESSION_TOKEN", "AWS_CREDENTIALS", "API_KEY", "APIKEY", "DATABASE_DSN"} {
		fsys := fstest.MapFS{
			"package.json": {Data: []byte(`{"main": "server.js"}`)},
			"server.js":    {Data: []byte("const v = process.env." + name + ";\nif (!v) throw new Error('no');\napp.listen(8080)\n")},
		}
		file, err := draft.System(detect.Scan(fsys, detect.Options{}), draft.Options{Name: "shop"})
		if err != nil {
			t.Fatal(err)
		}
		s, err := app.Read("micro.yaml", file.Data)
		if err != nil {
			t.Fatalf("%v\n%s", err, file.Data)
		}
		one := s.Services["app"]
		if len(one.Env) != 0 || len(one.Secrets) != 1 || len(one.Secrets[0].Files) != 1 {
			t.Errorf("%s:\n%s", name, file.Data)
		}
		if _, err := app.Generate(s, app.Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestComments: neither passwords nor other ends of a line get into them.
func TestComments(t *testing.T) {
	fsys := fstest.MapFS{
		"package.json": {Data: []byte(`{"main": "server.js"}`)},
		"server.js":    {Data: []byte("app.listen(8080)\napp.get('/health\u0085x: y', 'http://u:hunter2@db/')\n")},
		"Dockerfile":   {Data: []byte("FROM node:24\nCMD [\"node\", \"server.js\", \"--db=postgres://u:hunter2@db/x\", \"\u0085services: {}\"]\n")},
	}
	file, err := draft.System(detect.Scan(fsys, detect.Options{}), draft.Options{Name: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"hunter2", "\u0085"} {
		if strings.Contains(string(file.Data), bad) {
			t.Errorf("%q in\n%s", bad, file.Data)
		}
	}
}

// TestClashes: names and variables that mean two things are there once.
func TestClashes(t *testing.T) {
	fsys := fstest.MapFS{
		"redis/package.json": {Data: []byte(`{"main": "a.js"}`)}, "redis/a.js": {Data: []byte("app.listen(1)\n")},
		"compose.yaml": {Data: []byte("services:\n  redis: {image: redis}\n")},
	}
	d := detect.Scan(fsys, detect.Options{})
	port := "80"
	fact := api.DetectedFact{Value: &port}
	d.Services = append(d.Services, api.DetectedService{Name: "stock", Dir: "stock", Port: fact}, api.DetectedService{Name: "users", Dir: "users", Port: fact}, api.DetectedService{
		Name: "web", Dir: "web", Port: fact,
		Calls: []api.DetectedCall{{To: "stock", Env: "X_URL"}, {To: "users", Env: "X_URL"}},
	})
	file, err := draft.System(d, draft.Options{Name: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := app.Read("micro.yaml", file.Data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.Generate(s, app.Options{}); err != nil {
		t.Errorf("%v\n%s", err, file.Data)
	}
	if _, apart := s.Backing["redis-store"]; !apart || len(s.Services["web"].DependsOn) != 1 || !strings.Contains(string(file.Data), "# calls users, and has X_URL for something else") {
		t.Errorf("%s", file.Data)
	}
}

func TestNothing(t *testing.T) {
	_, err := draft.System(detect.Scan(fstest.MapFS{}, detect.Options{}), draft.Options{Name: "shop"})
	if fault.KindOf(err) != fault.Undecided {
		t.Errorf("%v", err)
	}
}

// FuzzReads puts any text into a source: what is drafted is still one System, and
// a comment stays one.
func FuzzReads(f *testing.F) {
	f.Add("server.js", "app.listen(8080); // \u0085services: {}\n")
	f.Add("server.js", "const u = process.env.A_URL || 'http://a\\n\"';\napp.listen(1)\n")
	f.Add("main.py", "x = os.environ['DB_PASSWORD']\ny = os.environ['Y_' ]\napp.run(port=5000)\n")
	f.Add("Dockerfile", "FROM node:24\nENV A=\"b: c\" B='#'\nEXPOSE 80\nCMD [\"node\", \"a #b\"]\n")
	f.Add("compose.yaml", "services:\n  a:\n    build: .\n    environment: {X_Y: \"1e3\", Z: 'yes'}\n  My_DB: {image: postgres}\n")
	f.Fuzz(func(t *testing.T, name, text string) {
		fsys := fstest.MapFS{
			"package.json": {Data: []byte(`{"main": "server.js"}`)}, "server.js": {Data: []byte("app.listen(8080)\n")},
		}
		if !filepath.IsLocal(name) || strings.ContainsAny(name, "/\\\x00") || name == "." {
			return
		}
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
		d := detect.Scan(fsys, detect.Options{})
		file, err := draft.System(d, draft.Options{Name: "shop"})
		if err != nil {
			return
		}
		s, err := app.Read("micro.yaml", file.Data)
		if err != nil {
			t.Fatalf("%v\n%s", err, file.Data)
		}
		if len(s.Services) != len(d.Services) {
			t.Errorf("%d services of %d\n%s", len(s.Services), len(d.Services), file.Data)
		}
	})
}
