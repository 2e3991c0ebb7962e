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

// addEnums adds the values of enumerations, which the OpenAPI document in
// Kubernetes' repository leaves out, from the Go code that a server makes its own
// document with. There is a function for every type:
//
//	func schema_k8sio_api_core_v1_Container(...) ... {
//		return ...{Properties: map[string]spec.Schema{
//			"imagePullPolicy": {SchemaProps: spec.SchemaProps{Enum: []interface{}{"Always", ...}}},
func addEnums(known map[string]openapi, file string) error {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	added := 0
	for _, decl := range parsed.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		name, ok := strings.CutPrefix(f.Name.Name, "schema_k8sio_api_")
		if !ok {
			continue
		}
		s, has := known[apiPrefix+strings.ReplaceAll(name, "_", ".")]
		if !has {
			continue
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			property, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			field, quoted := text(property.Key)
			if schema, has := s.Properties[field]; quoted && has {
				if values, inItems := enumOf(property.Value); values != nil {
					s.Properties[field] = withEnum(schema, values, inItems)
					added++
				}
			}
			return true
		})
	}
	if added == 0 {
		return fmt.Errorf("%s: expected enumerations, found none: the generated code has another form", file)
	}
	return nil
}

// withEnum restricts a field, or the items of it, to values.
func withEnum(s openapi, values []any, items bool) openapi {
	switch {
	case !items && s.Type == "string":
		s.Enum = values
	case items && s.Items != nil && s.Items.Type == "string":
		of := *s.Items
		of.Enum = values
		s.Items = &of
	}
	return s
}

// enumOf finds the enumeration of a property, and whether it is that of its items.
func enumOf(e ast.Expr) (values []any, items bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		kv, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		key, _ := kv.Key.(*ast.Ident)
		switch {
		case key == nil:
		case key.Name == "Items":
			values, _ = enumOf(kv.Value)
			items = true
			return false
		case key.Name == "Enum":
			list, _ := kv.Value.(*ast.CompositeLit)
			for _, element := range list.Elts {
				if value, ok := text(element); ok {
					values = append(values, value)
				}
			}
		}
		return true
	})
	return values, items
}

// text is the value of a string literal.
func text(e ast.Expr) (string, bool) {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	value, err := strconv.Unquote(literal.Value)
	return value, err == nil
}
