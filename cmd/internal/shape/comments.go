// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package shape

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
)

// module is where the packages of the repository begin.
const module = "github.com/kubectl-micro/kubectl-micro/"

// Comments are those of the types of the repository. A package is read when the first
// of its types is asked for.
type Comments struct {
	// Root is the root of the repository.
	Root string

	packages map[string]map[string]string
}

// Type is the comment of a type; empty where it has none.
func (c *Comments) Type(t reflect.Type) (string, error) { return c.find(t, t.Name()) }

// Field is the comment of a field of a struct; empty where it has none.
func (c *Comments) Field(t reflect.Type, field string) (string, error) {
	return c.find(t, t.Name()+"."+field)
}

func (c *Comments) find(t reflect.Type, id string) (string, error) {
	path, ours := strings.CutPrefix(t.PkgPath(), module)
	if !ours {
		return "", nil
	}
	if _, known := c.packages[path]; !known {
		all, err := read(filepath.Join(c.Root, path))
		if err != nil {
			return "", err
		}
		if c.packages == nil {
			c.packages = map[string]map[string]string{}
		}
		c.packages[path] = all
	}
	return c.packages[path][id], nil
}

// read are the comments of a folder's types ("System") and fields ("System.Profile").
func read(folder string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("expected Go files in %s, found %d: %w", folder, len(files), err)
	}
	out := map[string]string{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			if d, is := d.(*ast.GenDecl); is && d.Tok == token.TYPE {
				declared(out, d)
			}
		}
	}
	return out, nil
}

// declared notes the comments of one declaration of types.
func declared(out map[string]string, d *ast.GenDecl) {
	for _, s := range d.Specs {
		t := s.(*ast.TypeSpec)
		out[t.Name.Name] = oneLine(d.Doc)
		if st, is := t.Type.(*ast.StructType); is {
			for _, field := range st.Fields.List {
				for _, n := range field.Names {
					out[t.Name.Name+"."+n.Name] = oneLine(field.Doc)
				}
			}
		}
	}
}

func oneLine(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }
