// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package layout

import "github.com/kubectl-micro/kubectl-micro/pkg/app"

// overlays are the environments, with what makes their kustomization and returns
// the comment above it. Only dev differs by itself: what is else in staging and in
// production is known to those who run them.
var overlays = map[string]func(k map[string]any, objects []map[string]any) string{
	"dev": dev,
	"staging": func(map[string]any, []map[string]any) string {
		return "# What staging has of its own goes here: images, replicas, hosts.\n"
	},
	"prod": func(map[string]any, []map[string]any) string {
		return "# What production has of its own goes here: images by digest, replicas, hosts.\n"
	},
}

// dev runs one pod of everything. A budget for disruptions would then keep nodes
// from being drained, or protect nothing.
func dev(k map[string]any, objects []map[string]any) string {
	var counts, patches []any
	autoscaled, budgets := false, false
	for _, o := range objects {
		meta, _ := o["metadata"].(map[string]any)
		spec, _ := o["spec"].(map[string]any)
		switch o["kind"] {
		case "HorizontalPodAutoscaler":
			autoscaled = true
		case "PodDisruptionBudget":
			budgets = true
		case "Deployment", "StatefulSet":
			if _, fixed := spec["replicas"]; fixed { // else an autoscaler counts them
				counts = append(counts, map[string]any{"name": meta["name"], "count": 1})
			}
		}
	}
	if autoscaled {
		patches = append(patches, map[string]any{
			"patch":  "- op: add\n  path: /spec/minReplicas\n  value: 1\n",
			"target": map[string]any{"kind": "HorizontalPodAutoscaler"},
		})
	}
	if budgets {
		remove := map[string]any{"$patch": "delete", "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": map[string]any{"name": "any"}}
		patches = append(patches, map[string]any{
			"patch":  string(app.YAML(remove)[len("---\n"):]),
			"target": map[string]any{"kind": "PodDisruptionBudget"},
		})
	}
	if counts != nil {
		k["replicas"] = counts
	}
	if patches != nil {
		k["patches"] = patches
	}
	return "# One pod of each, which may be gone for a while.\n"
}
