// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// manifests are objects as manifests have them. The typed ones are let go, so that
// a large system is not in memory twice.
func manifests(typed []runtime.Object) ([]map[string]any, error) {
	out, errs := make([]map[string]any, len(typed)), make([]error, len(typed))
	shared(len(typed), func(from, to int) {
		for i := from; i < to; i++ {
			out[i], errs[i] = untyped(typed[i])
			typed[i] = nil
		}
	})
	return out, errors.Join(errs...)
}

// untyped is an object as a manifest has it: without what the Go types write
// though nobody said it.
func untyped(typed runtime.Object) (map[string]any, error) {
	out, err := fields(typed)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "convert %T", typed)
	}
	delete(out, "status")
	if spec, ok := out["spec"].(map[string]any); ok && isEmpty(spec["namespaceSelector"]) {
		delete(spec, "namespaceSelector") // of a ServiceMonitor
	}
	if isEmpty(out["spec"]) {
		delete(out, "spec") // of a Namespace
	}
	if out["kind"] == "VirtualService" {
		weigh(out["spec"])
	}
	prune(out)
	return out, nil
}

// fields are those of an object as JSON has them, numbers as int64. Reflection
// takes half of the time of going by way of text, which types of protobuf and of
// our own cannot do without.
func fields(typed runtime.Object) (map[string]any, error) {
	if t := reflect.TypeOf(typed); t.Kind() == reflect.Pointer && strings.HasPrefix(t.Elem().PkgPath(), "k8s.io/api/") {
		return runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
	}
	text, err := json.Marshal(typed)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	return out, utiljson.Unmarshal(text, &out)
}

// weigh writes the weights of 0 of destinations that share a route. Istio's types
// leave them out, and who reads the route could take that for forgotten.
func weigh(value any) {
	spec, _ := value.(map[string]any)
	for _, kind := range []string{"http", "tcp"} {
		routes, _ := spec[kind].([]any)
		for _, r := range routes {
			route, _ := r.(map[string]any)
			destinations, _ := route["route"].([]any)
			for _, d := range destinations {
				if one, ok := d.(map[string]any); ok && one["weight"] == nil && len(destinations) > 1 {
					one["weight"] = int64(0)
				}
			}
		}
	}
}

// prune takes out nulls, and the structs that the types cannot leave out.
func prune(value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, child := range v {
			if child == nil || isEmpty(child) && (key == "strategy" || key == "updateStrategy" || key == "status") {
				delete(v, key)
				continue
			}
			prune(child)
		}
	case []any:
		for _, child := range v {
			prune(child)
		}
	}
}

func isEmpty(value any) bool {
	m, ok := value.(map[string]any)
	return ok && len(m) == 0
}
