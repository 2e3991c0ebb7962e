// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// release drops the demand for a label that no node carries. To ask for a label
// that may serve instead would not do: its values are others. Where it is known
// which pods belong together, they are spread over its values instead.
func release(o *model.Object, u keyUse, k nodeKey) []rules.Fix {
	spec := templates[o.Ref.GroupKind()] + "/spec"
	demand := u.at
	if !u.isEntry {
		demand, _ = patch.Split(u.at) // the expression
	}
	if operator := mapping(o.Raw(), demand)["operator"]; operator == "NotIn" || operator == "DoesNotExist" {
		return nil // every node meets it
	}
	if !strings.HasPrefix(u.at, spec+"/nodeSelector/") && !strings.Contains(u.at, "/nodeSelectorTerms/") {
		return nil // a wish, which holds up nothing
	}
	drop := patch.Op{Op: patch.Remove, Path: emptied(o.Raw(), demand, spec)}
	labels := mapping(o.Raw(), "/spec/selector/matchLabels")
	at := spec + "/topologySpreadConstraints"
	if _, err := patch.Get(o.Raw(), at); err == nil || k.near == "" || len(labels) == 0 || o.Ref.Kind == model.DaemonSets.Kind.Kind {
		return []rules.Fix{rules.Change(rules.Review, "drop the demand for "+u.key, o, drop)}
	}
	constraint := map[string]any{
		"maxSkew": int64(1), "topologyKey": k.near, "whenUnsatisfiable": "ScheduleAnyway",
		"labelSelector": map[string]any{"matchLabels": labels},
	}
	return []rules.Fix{rules.Change(rules.Review, "spread the pods over "+k.near+" instead", o,
		drop, patch.Op{Op: patch.Add, Path: at, Value: []any{constraint}})}
}

// emptied climbs from a value to the outermost one below a mapping in which there
// is nothing else.
func emptied(raw map[string]any, pointer, below string) string {
	for {
		parent, _ := patch.Split(pointer)
		value, err := patch.Get(raw, parent)
		if err != nil || parent == below || size(value) != 1 {
			return pointer
		}
		pointer = parent
	}
}

func size(v any) int {
	switch v := v.(type) {
	case map[string]any:
		return len(v)
	case []any:
		return len(v)
	}
	return 0
}
