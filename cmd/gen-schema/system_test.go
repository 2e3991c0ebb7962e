// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestSystemSchema compares what is shipped with what the types say.
func TestSystemSchema(t *testing.T) {
	got, err := systemSchema("../..")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("../../"+systemFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(api.SystemSchema, string(got)); diff != "" && !*update {
		t.Errorf("%s (-want +got), make generate writes it:\n%s", systemFile, diff)
	}
}

const head = "apiVersion: kubectl-micro.dev/v1alpha1\nkind: System\nmetadata: {name: shop}\n"

// TestSystemSchemaJudges has it agree with the reader about what is wrong.
func TestSystemSchemaJudges(t *testing.T) {
	const web = "services:\n  web:\n    image: web:1\n    ports: {http: 8080}\n"
	for _, c := range []struct{ text, want string }{
		{head + web, ""},
		{head + web + "    dependsOn: [users, {service: orders, format: host}]\n    replicas: 3\n    env: {A: b}\n    scale: {min: 1, max: 3}\n", ""},
		{head + web + "    versions: {v1: {weight: 100}}\n    traffic: {retries: {attempts: 2}}\n    volumes: [{name: a, mount: /a, size: 1Gi}]\n", ""},
		{head + web + "patches: [{kind: Deployment, name: web, merge: {spec: {replicas: 5, x: [1, {y: null}]}}}]\nexternal: {pay: {host: a.b, port: 443}}\n", ""},
		{web, "apiVersion, kind, metadata: missing"},
		{head, "services: missing"},
		{head + web + "    dependOn: [users]\n", "services/web/dependOn: unknown"},
		{head + web + "    replicas: three\n", "services/web/replicas: not integer"},
		{head + web + "    kind: deamon\n", "services/web/kind: none of service, worker, job, cronjob, stateful"},
		{head + "services: {web: {image: a, ports: {http: 70000}}}\n", "services/web/ports/http: fits 0 of 2"},
		{head + "services: {web: {image: a, ports: {http: {target: 80}}}}\n", "services/web/ports/http: fits 0 of 2"},
		{head + web + "    dependsOn: [{port: http}]\n", "services/web/dependsOn/0: fits 0 of 2"},
		{head + web + "    env: {A: 1}\n", "services/web/env/A: not string"},
		{head + web + "with: [monitorin]\n", "with/0: none of"},
		{strings.Replace(head, "System", "Sistem", 1) + web, "kind: none of System"},
	} {
		var value any
		if err := yaml.Unmarshal([]byte(c.text), &value); err != nil {
			t.Fatal(err)
		}
		var schema map[string]any
		if err := json.Unmarshal([]byte(api.SystemSchema), &schema); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(judge(schema, value, ""), "\n")
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s\nwant %q, got %q", c.text, c.want, got)
		}
		if _, err := app.Read("m.yaml", []byte(c.text)); c.want == "" && err != nil {
			t.Errorf("the reader refuses\n%s: %v", c.text, err)
		}
	}
}

// judge holds a value against the part of JSON Schema that systemSchema writes; what
// else is in a schema fails.
func judge(schema map[string]any, value any, at string) []string {
	var out []string
	say := func(format string, args ...any) {
		out = append(out, strings.TrimPrefix(at, "/")+": "+fmt.Sprintf(format, args...))
	}
	for key, rule := range schema {
		switch key {
		case "$schema", "title", "description", "properties":
		case "type":
			if !is(value, rule.(string)) {
				say("not %s", rule)
			}
		case "enum":
			if !slices.Contains(rule.([]any), value) {
				say("none of %s", strings.Trim(strings.ReplaceAll(fmt.Sprint(rule), " ", ", "), "[]"))
			}
		case "minimum", "maximum":
			if n, isNumber := value.(float64); isNumber && (key == "minimum") == (n < rule.(float64)) && n != rule.(float64) {
				say("%s %v", key, rule)
			}
		case "items":
			items, _ := value.([]any)
			for i, item := range items {
				out = append(out, judge(rule.(map[string]any), item, fmt.Sprintf("%s/%d", at, i))...)
			}
		case "oneOf":
			fits := 0
			for _, one := range rule.([]any) {
				if len(judge(one.(map[string]any), value, at)) == 0 {
					fits++
				}
			}
			if fits != 1 {
				say("fits %d of %d", fits, len(rule.([]any)))
			}
		case "additionalProperties":
			out = append(out, judgeFields(schema, value, at)...)
		case "required":
			fields, _ := value.(map[string]any)
			var missing []string
			for _, name := range rule.([]any) {
				if _, has := fields[name.(string)]; !has {
					missing = append(missing, name.(string))
				}
			}
			if len(missing) > 0 {
				out = append(out, strings.TrimPrefix(at+"/"+strings.Join(missing, ", "), "/")+": missing")
			}
		default:
			say("the schema has %s", key)
		}
	}
	return out
}

// judgeFields holds a mapping against properties and additionalProperties.
func judgeFields(schema map[string]any, value any, at string) []string {
	var out []string
	known, _ := schema["properties"].(map[string]any)
	fields, _ := value.(map[string]any)
	for name, field := range fields {
		one, isKnown := known[name].(map[string]any)
		if !isKnown {
			one, isKnown = schema["additionalProperties"].(map[string]any)
		}
		if !isKnown {
			out = append(out, strings.TrimPrefix(at+"/"+name, "/")+": unknown")
			continue
		}
		out = append(out, judge(one, field, at+"/"+name)...)
	}
	return out
}

func is(value any, kind string) bool {
	switch v := value.(type) {
	case map[string]any:
		return kind == "object"
	case []any:
		return kind == "array"
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case float64:
		return kind == "number" || kind == "integer" && v == float64(int64(v))
	}
	return false
}
