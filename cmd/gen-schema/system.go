// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

// systemFile is where the JSON Schema of app files goes, from the root of the
// repository; the types with their comments are in apiFolder.
const systemFile, apiFolder = "pkg/api/system.schema.json", "pkg/api"

// shorts are the types that a file may write as one value.
var shorts = map[reflect.Type]map[string]any{
	reflect.TypeFor[api.SystemPort](): portNumber, reflect.TypeFor[api.Dependency](): {"type": "string"},
}

var portNumber = map[string]any{"type": "integer", "minimum": 1, "maximum": 65535}

// words are the fields that take one of a few, as pkg/app checks.
var words = map[string][]string{
	"System.Profile": {"dev", "standard", "hardened"}, "Platform.Mesh": {"none", "sidecar", "ambient"}, "Ingress.API": {"gateway", "ingress", "istio"},
	"SystemService.Kind": {"service", "worker", "job", "cronjob", "stateful"}, "SystemService.ServiceType": {"ClusterIP", "NodePort", "LoadBalancer"},
	"SystemPort.Protocol": {"TCP", "UDP", "SCTP"}, "Dependency.Format": {"url", "host", "hostport", "port"},
	"Traffic.LoadBalancer": {"LEAST_REQUEST", "ROUND_ROBIN", "RANDOM"}, "External.Protocol": {"https", "http", "grpc", "tls", "tcp"},
	"TypeMeta.APIVersion": {api.Version}, "TypeMeta.Kind": {api.KindSystem},
}

// optional are fields that the types always write and a file may leave out: an
// image where each version has one.
var optional = []string{"SystemService.Image"}

// systemSchema is the JSON Schema of app files, made of the Go types and their
// comments in a folder. It is of draft 7, which editors know.
func systemSchema(folder string) ([]byte, error) {
	comments, err := readComments(folder)
	if err != nil {
		return nil, err
	}
	root := shapes{comments}.of(reflect.TypeFor[api.System]())
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = "micro.yaml"
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err = e.Encode(root)
	return out.Bytes(), err
}

// readComments are the comments of types ("System") and fields ("System.Profile").
func readComments(folder string) (map[string]string, error) {
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
		ast.Inspect(f, func(n ast.Node) bool {
			d, is := n.(*ast.GenDecl)
			if !is {
				return true
			}
			for _, s := range d.Specs {
				t, isType := s.(*ast.TypeSpec)
				if !isType {
					continue
				}
				out[t.Name.Name] = strings.Join(strings.Fields(d.Doc.Text()), " ")
				if st, isStruct := t.Type.(*ast.StructType); isStruct {
					for _, field := range st.Fields.List {
						for _, n := range field.Names {
							out[t.Name.Name+"."+n.Name] = strings.Join(strings.Fields(field.Doc.Text()), " ")
						}
					}
				}
			}
			return false
		})
	}
	return out, nil
}

// shapes makes schemas of types.
type shapes struct{ comments map[string]string }

func (s shapes) of(t reflect.Type) map[string]any {
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Slice:
		return map[string]any{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Struct:
		out := s.object(t)
		if short := shorts[t]; short != nil {
			return map[string]any{"oneOf": []any{short, out}}
		}
		return out
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int32:
		return map[string]any{"type": "integer"}
	case reflect.String:
		return map[string]any{"type": "string"}
	}
	return map[string]any{} // anything
}

// object is a mapping with no other fields than those of the type.
func (s shapes) object(t reflect.Type) map[string]any {
	properties := map[string]any{}
	required := []string{}
	s.fields(t, properties, &required)
	out := map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		slices.Sort(required)
		out["required"] = required
	}
	return out
}

func (s shapes) fields(t reflect.Type, properties map[string]any, required *[]string) {
	for f := range t.Fields() {
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
			continue
		case f.Anonymous:
			s.fields(f.Type, properties, required)
			continue
		}
		id := t.Name() + "." + f.Name
		one := s.of(f.Type)
		if known := words[id]; known != nil {
			one["enum"] = known
		}
		if id == "System.With" {
			one["items"] = map[string]any{"type": "string", "enum": addonWords()}
		}
		if f.Type.Kind() == reflect.Int32 && (f.Name == "Port" || f.Name == "Target") {
			one["minimum"], one["maximum"] = portNumber["minimum"], portNumber["maximum"]
		}
		if text := s.describe(t, id); text != "" {
			one["description"] = text
		}
		properties[name] = one
		if !strings.Contains(rest, "omit") && !slices.Contains(optional, id) {
			*required = append(*required, name)
		}
	}
}

// describe is the comment of a field, with the fields of its type called as a file
// calls them.
func (s shapes) describe(t reflect.Type, id string) string {
	text := s.comments[id]
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			text = regexp.MustCompile(`\b`+f.Name+`\b( [A-Z])?`).ReplaceAllStringFunc(text, func(found string) string {
				if found != f.Name { // it is a part of another name
					return found
				}
				return name
			})
		}
	}
	return text
}

// addonWords are what "with" may name.
func addonWords() []string {
	var out []string
	for _, a := range app.Addons() {
		out = append(out, a.Name)
		for _, v := range a.Variants {
			out = append(out, a.Name+"="+v)
		}
	}
	return out
}
