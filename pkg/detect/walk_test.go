// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
)

func files(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

// served is a service that has to be found beside whatever else there is.
func served() fstest.MapFS {
	return files("svc/package.json", `{"name": "svc", "main": "server.js"}`, "svc/server.js", "app.listen(8080)\n")
}

// shut is a tree in which some paths cannot be opened, and reading is counted.
type shut struct {
	fstest.MapFS
	closed map[string]bool
	opened map[string]int
}

func (s shut) Open(name string) (fs.File, error) {
	s.opened[name]++
	if s.closed[name] {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return s.MapFS.Open(name)
}

func TestHostileTrees(t *testing.T) {
	for _, c := range []struct {
		name   string
		limits detect.Limits
		change func(fstest.MapFS)
		note   string
	}{
		{"a link to the top", detect.Limits{}, func(m fstest.MapFS) {
			m["svc/loop"] = &fstest.MapFile{Data: []byte(".."), Mode: fs.ModeSymlink | 0o777}
		}, "svc/loop: a link, not followed"},
		{"a huge file", detect.Limits{FileBytes: 1000}, func(m fstest.MapFS) {
			m["svc/big.js"] = &fstest.MapFile{Data: []byte(strings.Repeat("app.listen(9999)\n", 100))}
		}, "svc/big.js: larger than 1000 bytes, not read"},
		{"a binary", detect.Limits{}, func(m fstest.MapFS) {
			m["svc/index.js"] = &fstest.MapFile{Data: []byte("\x7fELF\x00app.listen(9999)")}
		}, ""},
		{"a pipe", detect.Limits{}, func(m fstest.MapFS) {
			m["svc/index.js"] = &fstest.MapFile{Data: []byte("app.listen(9999)"), Mode: fs.ModeNamedPipe}
		}, ""},
		{"a deep folder", detect.Limits{Depth: 3}, func(m fstest.MapFS) {
			m["svc/a/b/c/d/server.js"] = &fstest.MapFile{Data: []byte("app.listen(9999)")}
		}, "svc/a/b/c: deeper than 3 folders, not looked into"},
		{"many files", detect.Limits{Files: 100}, func(m fstest.MapFS) {
			for i := range 200 {
				m[fmt.Sprintf("zz/%03d.js", i)] = &fstest.MapFile{Data: []byte("app.listen(9999)")}
			}
		}, "zz: stopped after 100 files and folders"},
		{"a file in a folder of dependencies", detect.Limits{}, func(m fstest.MapFS) {
			m["svc/node_modules/x/index.js"] = &fstest.MapFile{Data: []byte("app.listen(9999)")}
		}, ""},
		{"lines without an end", detect.Limits{}, func(m fstest.MapFS) {
			m["svc/index.js"] = &fstest.MapFile{Data: []byte(strings.Repeat("x=1;", 1000) + "app.listen(9999)")}
		}, ""},
		{"YAML that explodes", detect.Limits{}, func(m fstest.MapFS) {
			bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
			for c := 'b'; c < 'z'; c++ {
				bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 9))
			}
			m["compose.yaml"] = &fstest.MapFile{Data: []byte(bomb + "services: *y\n")}
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := served()
			c.change(fsys)
			d := detect.Scan(fsys, detect.Options{Limits: c.limits})
			if len(d.Services) != 1 || d.Services[0].Name != "svc" || d.Services[0].Port.String() != "8080" || len(d.Services[0].MorePorts) > 0 {
				t.Errorf("%s", summary(d))
			}
			if notes := strings.Join(d.Notes, "\n"); c.note != "" && !strings.Contains(notes, c.note) || c.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
			check(t, fsys, d)
		})
	}
}

func TestUnreadable(t *testing.T) {
	fsys := shut{served(), map[string]bool{"locked": true, "svc/index.js": true}, map[string]int{}}
	fsys.MapFS["locked/package.json"] = &fstest.MapFile{Data: []byte("{}")}
	fsys.MapFS["svc/index.js"] = &fstest.MapFile{Data: []byte("app.listen(9999)")}
	d := detect.Scan(fsys, detect.Options{})
	notes := strings.Join(d.Notes, "\n")
	for _, want := range []string{"locked: cannot be read: permission denied", "svc/index.js: cannot be read: permission denied"} {
		if !strings.Contains(notes, want) {
			t.Errorf("%q is not in %q", want, notes)
		}
	}
	if len(d.Services) != 1 || d.Services[0].Port.String() != "8080" {
		t.Error(summary(d))
	}
}

// A folder of a hundred thousand files is given up on, and what came before it is not.
func TestHundredThousandFiles(t *testing.T) {
	m := served()
	for i := range 100_000 {
		m[fmt.Sprintf("zz/f%d", i)] = &fstest.MapFile{}
	}
	fsys := shut{m, nil, map[string]int{}}
	d := detect.Scan(fsys, detect.Options{})
	if len(d.Services) != 1 || len(d.Notes) != 1 {
		t.Error(summary(d))
	}
	if len(fsys.opened) > 10 {
		t.Errorf("%d files were opened", len(fsys.opened))
	}
}

// The number of bytes read in all is bounded, however many files there are.
func TestBytes(t *testing.T) {
	m := served()
	for i := range 50 {
		m[fmt.Sprintf("svc/lib/f%02d.js", i)] = &fstest.MapFile{Data: []byte(strings.Repeat("// nothing\n", 100))}
	}
	fsys := shut{m, nil, map[string]int{}}
	d := detect.Scan(fsys, detect.Options{Limits: detect.Limits{Bytes: 5000}})
	if notes := strings.Join(d.Notes, "\n"); !strings.Contains(notes, "5000 bytes are enough") {
		t.Errorf("notes %q", notes)
	}
	if len(d.Notes) > 25 {
		t.Errorf("%d notes", len(d.Notes))
	}
}

// Files that are made to keep a reader busy: each would take minutes if anything
// in it was gone through once for each of its lines.
func TestBusyFiles(t *testing.T) {
	var chain, again strings.Builder
	for i := range 25_000 {
		fmt.Fprintf(&chain, "FROM s%d AS s%d\n", i, i+1)
		if i < 10_000 {
			fmt.Fprintf(&again, "func f%d() {\n\tmustGet(\"A_%d\")\n}\n", i, i%150)
		}
	}
	for name, text := range map[string]string{
		"Dockerfile":         chain.String(),
		"Containerfile":      "FROM x\nEXPOSE \\\n" + strings.Repeat(" 8080 \\\n", 40_000),
		"Dockerfile.env":     "FROM x\nENV \\\n" + strings.Repeat(" A=1 \\\n", 40_000),
		"lib/again.go":       again.String(),
		"docker-compose.yml": "services:\n  a: " + strings.Repeat("[", 100_000),
		"package-lock.json":  strings.Repeat("{\"a\":", 50_000),
	} {
		t.Run(name, func(t *testing.T) {
			fsys := files("go.mod", "module x/svc\n", "main.go", "package main\n\nfunc main() { http.ListenAndServe(\":8080\", nil) }\n", name, text)
			began := time.Now()
			d := detect.Scan(fsys, detect.Options{})
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
			if len(d.Services) != 1 || d.Services[0].Name != "svc" {
				t.Error(summary(d))
			}
		})
	}
}

func TestEmpty(t *testing.T) {
	d := detect.Scan(fstest.MapFS{}, detect.Options{})
	if len(d.Services)+len(d.Backing)+len(d.Ambiguous)+len(d.Notes) > 0 || d.Kind != "Detection" {
		t.Errorf("%+v", d)
	}
}
