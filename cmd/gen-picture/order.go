// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// order says on which floor a package stands. It is read from the test that
// enforces it: a copy of the table here could say something else.
type order struct {
	// floors has packages by their path in the module.
	floors map[string]int
	// families is the folder whose packages stand where its own package does, with a slash.
	families string
	// plugins is the floor of each folder of plugins.
	plugins int
}

// readOrder reads the declarations floors, families and pluginFloor of a Go file.
func readOrder(file string) (order, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		return order{}, err
	}
	values := map[string]ast.Expr{}
	for _, d := range parsed.Decls {
		group, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range group.Specs {
			if v, ok := s.(*ast.ValueSpec); ok && len(v.Names) == 1 && len(v.Values) == 1 {
				values[v.Names[0].Name] = v.Values[0]
			}
		}
	}
	o := order{floors: map[string]int{}}
	if o.families, err = literal(values["families"], strconv.Unquote); err != nil {
		return o, fmt.Errorf("%s: families: %w", file, err)
	}
	if o.plugins, err = literal(values["pluginFloor"], strconv.Atoi); err != nil {
		return o, fmt.Errorf("%s: pluginFloor: %w", file, err)
	}
	table, ok := values["floors"].(*ast.CompositeLit)
	if !ok {
		return o, fmt.Errorf("%s: floors: expected a map literal, found none", file)
	}
	for _, e := range table.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return o, fmt.Errorf("%s: floors: expected keys with values", file)
		}
		path, err := literal(pair.Key, strconv.Unquote)
		if err != nil {
			return o, fmt.Errorf("%s: floors: %w", file, err)
		}
		if o.floors[path], err = literal(pair.Value, strconv.Atoi); err != nil {
			return o, fmt.Errorf("%s: floors: %s: %w", file, path, err)
		}
	}
	return o, nil
}

// literal reads a string or a number that stands in the source.
func literal[T any](e ast.Expr, read func(string) (T, error)) (T, error) {
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		var none T
		return none, fmt.Errorf("expected a literal, found %T", e)
	}
	return read(lit.Value)
}

// of returns the floor of a package of the module.
func (o order) of(path string) (int, error) {
	if strings.HasPrefix(path, "plugins/") {
		return o.plugins, nil
	}
	if f, ok := o.floors[path]; ok {
		return f, nil
	}
	if strings.HasPrefix(path, o.families) {
		return o.floors[strings.TrimSuffix(o.families, "/")], nil
	}
	return 0, fmt.Errorf("%s has no floor: add it to floors in pkg/internal/arch", path)
}
