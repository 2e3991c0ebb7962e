// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// untyped is an object as a manifest has it: without what the Go types write
// though nobody said it.
func untyped(typed runtime.Object) (map[string]any, error) {
	text, err := json.Marshal(typed)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "encode %T", typed)
	}
	var out map[string]any
	if err := utiljson.Unmarshal(text, &out); err != nil { // numbers become int64
		return nil, fault.Wrap(fault.Failed, err, "decode %T", typed)
	}
	delete(out, "status")
	if spec, ok := out["spec"].(map[string]any); ok && isEmpty(spec["namespaceSelector"]) {
		delete(spec, "namespaceSelector") // of a ServiceMonitor
	}
	if isEmpty(out["spec"]) {
		delete(out, "spec") // of a Namespace
	}
	prune(out)
	return out, nil
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
