// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// TestPatterns compiles the expressions that the package compiles only when a tree
// needs them.
func TestPatterns(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, is := n.(*ast.CallExpr)
			if !is || len(call.Args) != 1 {
				return true
			}
			name, is := call.Fun.(*ast.Ident)
			literal, isLiteral := call.Args[0].(*ast.BasicLit)
			if !is || name.Name != "re" || !isLiteral {
				return true
			}
			seen++
			expression, err := strconv.Unquote(literal.Value)
			if err == nil {
				_, err = regexp.Compile(expression)
			}
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
			return true
		})
	}
	if seen < 300 {
		t.Errorf("found %d expressions, expected hundreds", seen)
	}
}
