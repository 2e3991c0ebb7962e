// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pipeline_test

import (
	"slices"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/pipeline"
)

// TestTekton wants references that lead somewhere.
func TestTekton(t *testing.T) {
	params := map[string][]string{}
	var flow map[string]any
	for _, o := range parse(t, pipeline.Tekton(shop())) {
		name := o["metadata"].(map[string]any)["name"].(string)
		if o["kind"] == "Pipeline" {
			flow = o["spec"].(map[string]any)
			continue
		}
		list, _ := o["spec"].(map[string]any)["params"].([]any)
		params[name] = names(list)
	}
	if len(params) != 4 || flow == nil {
		t.Fatalf("tasks %v, pipeline %v", params, flow)
	}
	seen := []any{}
	for _, task := range flow["tasks"].([]any) {
		one := task.(map[string]any)
		want, known := params[one["taskRef"].(map[string]any)["name"].(string)]
		given, _ := one["params"].([]any)
		if !known || !slices.Equal(want, names(given)) {
			t.Errorf("%v: known %t, takes %v, is given %v", one["name"], known, want, names(given))
		}
		after, _ := one["runAfter"].([]any)
		for _, before := range after {
			if !slices.Contains(seen, before) {
				t.Errorf("%v runs after %v, which is not before it", one["name"], before)
			}
		}
		seen = append(seen, one["name"])
	}
}

func names(list []any) []string {
	var out []string
	for _, p := range list {
		out = append(out, p.(map[string]any)["name"].(string))
	}
	return out
}
