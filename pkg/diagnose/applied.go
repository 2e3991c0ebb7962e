// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

// lastApplied is where kubectl apply remembers what it was given.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// Applied is the object to give to `kubectl apply --server-side` so that a change
// comes about.
//
// Server-side apply takes from an object what its manager applied before and
// does not apply again. Whoever applied the object with kubectl, client-side or
// server-side, is the manager "kubectl" to the server once kubectl has taken
// over the older fields, so that the fields of the change alone would remove all
// others. The object is therefore what was applied last, with the change in it.
// Where nothing was applied it is the change alone, which adds fields next to
// those of other managers; one that would replace a field of theirs is a
// conflict, and that is for a person to decide.
//
// That way no field of others goes, either: left names those, by JSON Pointer,
// that the change removes and the object cannot.
//
// An object that was applied server-side needs its managedFields for that: the
// fields of the manager "kubectl" are what was applied last.
func Applied(c plan.Change) (object map[string]any, left []string) {
	out, applied := configured(c.Before)
	if !applied {
		out, applied = ownedBy(c.Before, "kubectl")
	}
	if !applied {
		return minimal(c, identity(c))
	}
	if after, err := patch.Apply(out, c.Patch); err == nil {
		return after.(map[string]any), nil
	}
	object, _ = minimal(c, out)
	return object, nil // lists of another length: the change's leaves go over it whole
}

// configured is what kubectl apply was given last.
func configured(object map[string]any) (map[string]any, bool) {
	text, err := patch.Get(object, patch.Pointer("metadata", "annotations", lastApplied))
	if err != nil {
		return nil, false
	}
	data, ok := text.(string)
	if !ok {
		return nil, false
	}
	var out map[string]any
	if err := utiljson.Unmarshal([]byte(data), &out); err != nil || out == nil {
		return nil, false
	}
	return out, true
}

// identity is what names the object of a change.
func identity(c plan.Change) map[string]any {
	meta := map[string]any{"name": c.Object.Name}
	if c.Object.Namespace != "" {
		meta["namespace"] = c.Object.Namespace
	}
	return map[string]any{"apiVersion": c.After["apiVersion"], "kind": c.After["kind"], "metadata": meta}
}

// minimal puts the fields of a change into out. A list is taken whole: most
// lists of Istio's and many of Kubernetes' API are atomic.
func minimal(c plan.Change, out map[string]any) (object map[string]any, left []string) {
	for _, leaf := range c.Leaves {
		tokens, err := patch.Tokens(leaf)
		if err != nil {
			continue
		}
		if !copyField(out, c.After, tokens) {
			left = append(left, leaf)
		}
	}
	return out, left
}

// copyField copies the field that tokens lead to, or the first list on the way;
// false when there is none.
func copyField(to, from map[string]any, tokens []string) bool {
	value, has := from[tokens[0]]
	if !has {
		return false
	}
	next, isMap := value.(map[string]any)
	if len(tokens) == 1 || !isMap {
		to[tokens[0]] = value
		return true
	}
	inner, ok := to[tokens[0]].(map[string]any)
	if !ok {
		inner = map[string]any{}
		to[tokens[0]] = inner
	}
	copied := copyField(inner, next, tokens[1:])
	if len(inner) == 0 {
		delete(to, tokens[0])
	}
	return copied
}
