// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/image"
)

// TestHostileNames: a name of the tree is a name, whatever it says.
func TestHostileNames(t *testing.T) {
	const hostile = "x\nUSER root\nRUN $(id)"
	for name, change := range map[string]func(*api.DetectedService){
		"folder":     func(s *api.DetectedService) { s.Dir, s.Context = hostile, hostile },
		"blanks":     func(s *api.DetectedService) { s.Dir = "a b" },
		"entry":      func(s *api.DetectedService) { v := "./cmd/x;id"; s.Entry.Value = &v },
		"build file": func(s *api.DetectedService) { s.BuildFiles[0].Value = "$(id)/go.mod" },
		"trait":      func(s *api.DetectedService) { s.Traits = append(s.Traits, api.DetectedEvidence{Value: "package `id`"}) },
	} {
		s := one(t, tree("go.mod", "module x\n", "main.go", goMain), "")
		change(&s)
		if f, err := image.Generate(s); fault.KindOf(err) != fault.Refused {
			t.Errorf("%s: %v\n%s", name, err, f.Dockerfile.Data)
		}
	}
	s := one(t, tree("go.mod", "module x\n", "main.go", goMain), "")
	s.Assets = []api.DetectedEvidence{{Value: hostile}, {Value: "static"}, {Value: "static/css"}}
	f, err := image.Generate(s)
	if text := string(f.Dockerfile.Data); err != nil || strings.Contains(text, "USER root") || !strings.Contains(text, "COPY static ./static\n") || strings.Contains(text, "css") || len(f.Warnings) != 1 {
		t.Errorf("%v %v\n%s", err, f.Warnings, text)
	}
}

// TestStated: a command that the tree states is what runs, where no shell is
// needed to read it.
func TestStated(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"gunicorn -b 0.0.0.0:$PORT main:app", `ENTRYPOINT ["/venv/bin/gunicorn", "-b", "0.0.0.0:5000", "main:app"]`},
		{"python3 main.py --fast", `ENTRYPOINT ["/venv/bin/python", "main.py", "--fast"]`},
		{"./run.sh now", `ENTRYPOINT ["./run.sh", "now"]`},
		{"gunicorn --bind=:80 main:app", `ENTRYPOINT ["/venv/bin/gunicorn", "--bind=:80", "main:app"]`},
		// What needs a shell: the file is started instead.
		{"DEBUG=1 python main.py", `ENTRYPOINT ["/venv/bin/python", "main.py"]`},
		{"python main.py && sleep 1", `ENTRYPOINT ["/venv/bin/python", "main.py"]`},
		{"python main.py --name $NAME", `ENTRYPOINT ["/venv/bin/python", "main.py"]`},
		{"python main.py 'a b'", `ENTRYPOINT ["/venv/bin/python", "main.py"]`},
	} {
		s := one(t, tree("requirements.txt", "grpcio\n", "Procfile", "web: "+c.line+"\n",
			"main.py", "if __name__ == '__main__':\n    server.serve_forever()\n"), "")
		port, entry := "5000", "main.py"
		s.Port.Value, s.Entry = &port, api.DetectedFact{Value: &entry}
		f, err := image.Generate(s)
		if err != nil || !strings.HasSuffix(string(f.Dockerfile.Data), "\n"+c.want+"\n") {
			t.Errorf("%s: want %s, got %s%v", c.line, c.want, f.Dockerfile.Data, err)
		}
	}
}

// TestPaths: what several services share a context for has a list of its own.
func TestPaths(t *testing.T) {
	for _, c := range cases(t) {
		dockerfile, ignore := "Dockerfile", ".dockerignore"
		if c.service.Dir != "." {
			dockerfile = c.service.Dir + "/Dockerfile"
		}
		if c.service.Dir != c.files.Context {
			ignore = dockerfile + ".dockerignore"
		}
		if c.files.Dockerfile.Path != dockerfile || c.files.Ignore.Path != ignore {
			t.Errorf("%s: %s and %s", c.name, c.files.Dockerfile.Path, c.files.Ignore.Path)
		}
	}
}

// TestPackagers: the tool is the one that wrote the lock file.
func TestPackagers(t *testing.T) {
	for _, c := range []struct {
		name string
		more fstest.MapFS
		want string
	}{
		{"pnpm of old", tree("pnpm-lock.yaml", "lockfileVersion: '6.0'\n"), "npm install --global pnpm@8"},
		{"pnpm", tree("pnpm-lock.yaml", "lockfileVersion: '9.0'\n"), "npm install --global pnpm@10"},
		{"yarn", tree("yarn.lock", ""), "yarn install --frozen-lockfile --production"},
		{"no lock file", tree(), "# There is no lock file: this installs what is newest on that day.\nRUN --mount=type=cache,target=/root/.npm \\\n    npm install --omit=dev"},
	} {
		c.more["package.json"] = &fstest.MapFile{Data: []byte(`{"main": "server.js"}`)}
		c.more["server.js"] = &fstest.MapFile{Data: []byte("x.listen(1)\n")}
		f, err := image.Generate(one(t, c.more, ""))
		if err != nil || !strings.Contains(string(f.Dockerfile.Data), c.want) {
			t.Errorf("%s: want %s, got %s%v", c.name, c.want, f.Dockerfile.Data, err)
		}
	}
}
