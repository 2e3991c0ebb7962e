// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package arch_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sources calls visit with every parsed non-test Go file of the suite.
func sources(t *testing.T, visit func(path string, fset *token.FileSet, file *ast.File)) {
	t.Helper()
	root := "../../.."
	fset := token.NewFileSet()
	for _, dir := range []string{"pkg", "plugins", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
			if err == nil {
				rel, _ := filepath.Rel(root, path)
				visit(rel, fset, file)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func floorOfFile(path string) int {
	floor, _ := floorOf(filepath.ToSlash(filepath.Dir(path)))
	return floor
}

// calls reports whether a call expression is pkg.name.
func calls(n ast.Node, pkg, name string) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && id.Name == pkg && (name == "" || sel.Sel.Name == name)
}

// Calls that would make a decision depend on the world, print past the injected
// streams, or end the process behind main's back.
func TestForbiddenCalls(t *testing.T) {
	sources(t, func(path string, fset *token.FileSet, file *ast.File) {
		floor := floorOfFile(path)
		ast.Inspect(file, func(n ast.Node) bool {
			at := func(what string) {
				t.Errorf("%s: %s", fset.Position(n.Pos()), what)
			}
			switch {
			case n == nil:
			case floor <= 2 && calls(n, "time", "Now"):
				at("a decision reads the clock: take the time as an argument")
			case floor <= 2 && (calls(n, "fmt", "Print") || calls(n, "fmt", "Printf") || calls(n, "fmt", "Println")):
				at("a decision prints")
			case floor < 7 && calls(n, "os", "Exit"):
				at("os.Exit outside main")
			case floor < 7 && (calls(n, "context", "Background") || calls(n, "context", "TODO")):
				at("a context that nobody can cancel: pass the caller's")
			case calls(n, "log", "Fatal") || calls(n, "log", "Fatalf"):
				at("log.Fatal")
			}
			if call, ok := n.(*ast.CallExpr); ok {
				if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "panic" {
					at("panic: return an error")
				}
			}
			return true
		})
	})
}

// Every file states its licence, every package says what it is.
func TestHeadersAndPackageDocs(t *testing.T) {
	documented := map[string]bool{}
	sources(t, func(path string, _ *token.FileSet, file *ast.File) {
		dir := filepath.Dir(path)
		documented[dir] = documented[dir] || file.Doc != nil
		if len(file.Comments) == 0 || !strings.Contains(file.Comments[0].Text(), "SPDX-License-Identifier: Apache-2.0") {
			t.Errorf("%s does not start with the SPDX lines", path)
		}
	})
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

// The limits of what a reader can hold in mind. A file or function that must be
// longer is listed with its reason.
const (
	maxFile     = 300
	maxFunction = 60
)

var longFiles = map[string]string{}

func TestSizes(t *testing.T) {
	met := map[string]bool{}
	sources(t, func(path string, fset *token.FileSet, file *ast.File) {
		if lines := fset.Position(file.End()).Line; lines > maxFile {
			met[path] = true
			if longFiles[path] == "" {
				t.Errorf("%s has %d lines, more than %d", path, lines, maxFile)
			}
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := fset.Position(f.End()).Line - fset.Position(f.Pos()).Line + 1; n > maxFunction {
				t.Errorf("%s: %s has %d lines, more than %d", fset.Position(f.Pos()), f.Name.Name, n, maxFunction)
			}
		}
	})
	for path := range longFiles {
		if !met[path] {
			t.Errorf("%s is listed as long but is not: remove it", path)
		}
	}
}

// Tests are read as often as what they test. Their tables may make functions long.
func TestSizesOfTests(t *testing.T) {
	for _, dir := range []string{"cmd", "krew", "pkg", "plugins", "test"} {
		err := filepath.WalkDir(filepath.Join("../../..", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if lines := bytes.Count(text, []byte("\n")); lines > maxFile {
				t.Errorf("%s has %d lines, more than %d", path, lines, maxFile)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
