// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// nearest corrects the values of labels that nothing carries to the closest that
// something does. It returns nil when it cannot mend them all, or none is wrong.
func nearest(wanted map[string]string, carried []map[string]string) map[string]string {
	right := maps.Clone(wanted)
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		var values []string
		for _, set := range carried {
			if v, has := set[key]; has && !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
		if slices.Contains(values, wanted[key]) {
			continue
		}
		near := ref.Closest(wanted[key], values)
		if len(near) == 0 {
			return nil
		}
		right[key] = near[0]
	}
	fits := func(set map[string]string) bool { return labels.SelectorFromSet(right).Matches(labels.Set(set)) }
	if maps.Equal(right, wanted) || !slices.ContainsFunc(carried, fits) {
		return nil
	}
	return right
}

// templateLabels are the labels of the pods of a namespace, by their templates.
func templateLabels(w *rules.World, namespace string) []map[string]string {
	var out []map[string]string
	for _, wl := range w.Workloads(namespace) {
		out = append(out, wl.Template.Labels)
	}
	return out
}

// format writes labels for people: "app=cart,tier=web".
func format(set map[string]string) string { return labels.Set(set).String() }

// valueOps are the operations that correct the values of labels at a JSON Pointer.
func valueOps(at string, from, to map[string]string) []patch.Op {
	var ops []patch.Op
	for _, k := range slices.Sorted(maps.Keys(to)) {
		if from[k] != to[k] {
			ops = append(ops, patch.Op{Op: patch.Replace, Path: patch.Join(at, k), Value: to[k]})
		}
	}
	return ops
}
