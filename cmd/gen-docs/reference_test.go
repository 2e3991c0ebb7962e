// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/settings"
)

// sources parses what the program is made of, without tests.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	out := map[string]*ast.File{}
	for _, folder := range []string{"cmd/kubectl-micro", "pkg", "plugins"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && d.Name() == "testdata" {
				return fs.SkipDir
			}
			if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			out[path], err = parser.ParseFile(token.NewFileSet(), path, nil, 0)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(out) < 100 {
		t.Fatalf("found %d files of source", len(out))
	}
	return out
}

// TestEnvironmentIsComplete looks for every variable that the code reads.
func TestEnvironmentIsComplete(t *testing.T) {
	page := string(environmentPage(known())["docs/environment.md"])
	files := sources(t)
	constants := texts(files)
	read := map[string]string{}
	for path, file := range files {
		if strings.Contains(path, "test/") || strings.Contains(path, "/clitest/") {
			continue // helpers of tests
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, is := n.(*ast.CallExpr)
			if !is || len(call.Args) != 1 || !reads(call.Fun) {
				return true
			}
			name, known := constants.value(call.Args[0])
			if !known {
				name = fmt.Sprintf("%T", call.Args[0])
			}
			read[name] = path
			return true
		})
	}
	// A flag's own variable is computed: settings.Variable.
	if path := read["*ast.CallExpr"]; !strings.HasSuffix(path, "pkg/settings/settings.go") {
		t.Errorf("expected the variables of flags to be read in pkg/settings, found %q", path)
	}
	delete(read, "*ast.CallExpr")
	if len(read) < 12 {
		t.Errorf("found only %v", slices.Sorted(maps.Keys(read)))
	}
	for _, flag := range settings.Flags() {
		read[settings.Variable(flag)] = "pkg/settings"
	}
	for name, path := range read {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("%s reads %s, which docs/environment.md does not have", path, name)
		}
	}
}

// TestEnvironmentIsRead looks for names of ours and kubectl's that nothing reads any more.
func TestEnvironmentIsRead(t *testing.T) {
	constants := texts(sources(t))
	all := map[string]bool{"KUBECTL_MICRO_FLAG": true, "KUBECONFIG": true, "KUBECACHEDIR": true, "NO_COLOR": true} // read by libraries
	for _, value := range constants {
		all[value] = true
	}
	for _, v := range cli.Environment() {
		if !v.System && !all[v.Name] {
			t.Errorf("%s is no constant of the code: does anything read it?", v.Name)
		}
	}
}

// reads reports whether a function is one that reads the environment.
func reads(f ast.Expr) bool {
	name := ""
	switch f := f.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	return strings.EqualFold(name, "getenv") || name == "LookupEnv"
}

// values are constants of text by name, of all packages together.
type values map[string]string

func texts(files map[string]*ast.File) values {
	out := values{}
	for _, file := range files {
		for _, d := range file.Decls {
			g, is := d.(*ast.GenDecl)
			if !is || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.ValueSpec)
				for i, v := range spec.Values {
					if text, known := out.value(v); known {
						out[spec.Names[i].Name] = text
					}
				}
			}
		}
	}
	return out
}

func (v values) value(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		text, known := v[e.Name]
		return text, known
	case *ast.SelectorExpr:
		text, known := v[e.Sel.Name]
		return text, known
	}
	return "", false
}

// TestExitCodesAreComplete looks for every kind of fault, wherever one is declared.
func TestExitCodesAreComplete(t *testing.T) {
	page := string(exitCodePage(known())["docs/exit-codes.md"])
	found := 0
	for path, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, is := n.(*ast.ValueSpec)
			if !is || len(spec.Values) != 1 || !isKind(spec.Type) {
				return true
			}
			if code, is := spec.Values[0].(*ast.BasicLit); is && code.Kind == token.INT {
				found++
				if !strings.Contains(page, "\n| "+code.Value+" | ") {
					t.Errorf("%s has exit code %s, which docs/exit-codes.md does not", path, code.Value)
				}
			}
			return true
		})
	}
	if want := len(cli.ExitCodes()) - 1; found != want { // 0 is no fault
		t.Errorf("found %d kinds of faults in the code, and %d exit codes", found, want)
	}
}

// isKind reports whether a type is fault.Kind.
func isKind(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "Kind"
	case *ast.SelectorExpr:
		of, is := e.X.(*ast.Ident)
		return is && of.Name == "fault" && e.Sel.Name == "Kind"
	}
	return false
}
