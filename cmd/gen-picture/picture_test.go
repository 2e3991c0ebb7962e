// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The picture in the repository is that of its packages.
func TestPictureIsUpToDate(t *testing.T) {
	root := "../.."
	want, err := draw(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, "docs", "architecture.svg"))
	if err != nil {
		t.Fatalf("%v; make generate", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("docs/architecture.svg is not what go list says (make generate):\n%s", diff)
	}
	if err := run(t.Context(), root, true); err != nil {
		t.Errorf("-check: %v", err)
	}
	for d := xml.NewDecoder(bytes.NewReader(want)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the picture is no XML: %v", err)
		}
	}
}

func TestReadOrder(t *testing.T) {
	for name, c := range map[string]struct{ source, want string }{
		"nothing declared": {"package p", "families: expected a literal, found <nil>"},
		"two at once":      {"package p\nconst families, pluginFloor = \"pkg/rules/\", 5", "families: expected a literal"},
		"no map":           {"package p\nconst families = \"pkg/rules/\"\nconst pluginFloor = 5\nvar floors = read()", "floors: expected a map literal"},
		"a computed floor": {"package p\nconst families = \"pkg/rules/\"\nconst pluginFloor = 5\nvar floors = map[string]int{\"pkg/x\": top}", "floors: pkg/x: expected a literal, found *ast.Ident"},
		"no Go":            {"floors", "expected 'package'"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "arch_test.go")
			if err := os.WriteFile(file, []byte(c.source), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := readOrder(file); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// module makes what go list says of packages of one module, "path: imports".
func module(lines ...string) []goPackage {
	var out []goPackage
	for _, line := range lines {
		path, imports, _ := strings.Cut(line, ":")
		p := goPackage{ImportPath: "example.com/m/" + path}
		p.Module.Path = "example.com/m"
		for _, i := range strings.Fields(imports) {
			p.Imports = append(p.Imports, "example.com/m/"+i)
		}
		p.Imports = append(p.Imports, "fmt")
		out = append(out, p)
	}
	return out
}

func TestBuild(t *testing.T) {
	o := order{floors: map[string]int{"pkg/ref": 0, "pkg/model": 1, "pkg/rules": 2, "pkg/cli": 4}, families: "pkg/rules/", plugins: 5}
	got, err := build(o, module(
		"plugins/canary: pkg/cli pkg/ref",
		"pkg/cli: pkg/rules/services pkg/ref",
		"pkg/rules/services: pkg/rules pkg/model",
		"pkg/rules: pkg/model",
		"pkg/model: pkg/ref",
		"pkg/ref:",
	))
	if err != nil {
		t.Fatal(err)
	}
	want := []floor{
		{5, []string{"plugins/canary"}, map[int]int{4: 1, 0: 1}},
		{4, []string{"cli"}, map[int]int{2: 1, 0: 1}},
		{2, []string{"rules", "rules/services"}, map[int]int{1: 2}},
		{1, []string{"model"}, map[int]int{0: 1}},
		{0, []string{"ref"}, map[int]int{}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(floor{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := build(o, module("pkg/stray:")); err == nil || !strings.Contains(err.Error(), "pkg/stray has no floor") {
		t.Errorf("a package without a floor: got %v", err)
	}
}

// Nothing is set beyond the room or over something else.
func TestPlace(t *testing.T) {
	names := strings.Fields(strings.Repeat("a rules/scheduling internal/policytest cmd/kubectl-micro ", 9))
	chips := place(names)
	for i, c := range chips {
		if c.name != names[i] || c.x < 0 || c.x+c.width > roomWidth || float64(c.width) < float64(len(c.name))*charWidth {
			t.Errorf("%+v is out of place", c)
		}
		if i == 0 {
			continue
		}
		before := chips[i-1]
		if beside := c.y == before.y && c.x >= before.x+before.width; !beside && (c.y < before.bottom() || c.x != 0) {
			t.Errorf("%+v stands over %+v", c, before)
		}
	}
}

func TestForTests(t *testing.T) {
	for name, want := range map[string]bool{
		"clitest": true, "cluster/apitest": true, "internal/arch": true, "cmd/internal/shape": false, "verdict": false, "testing": false,
	} {
		if forTests(name) != want {
			t.Errorf("%s: got %t", name, !want)
		}
	}
}
