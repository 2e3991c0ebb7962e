// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

// objectPatch is one line of the patch format when there are several changes.
type objectPatch struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Namespace  string     `json:"namespace,omitempty"`
	Name       string     `json:"name"`
	Patch      []patch.Op `json:"patch"`
}

// Patches prints a plan's changes as JSON Patches (RFC 6902). A single change
// is the bare array, ready for
//
//	kubectl patch virtualservice x --type=json --patch-file=/dev/stdin
//
// and several are one line of JSON each: apiVersion, kind, namespace, name and
// patch. No change prints an empty array. A change that applies or deletes a
// whole object has no patch and is an error: kubectl patch could not do it.
func Patches(w io.Writer, p plan.Plan) error {
	var lines []objectPatch
	for _, change := range p.Changes {
		if change.Noop() {
			continue
		}
		if change.Verb != plan.Patch {
			return fault.Usagef("%s is a change of verb %s, which a JSON Patch cannot express", change.Object, change.Verb).
				Try("-o yaml")
		}
		object := change.Object
		lines = append(lines, objectPatch{object.APIVersion(), object.Kind, object.Namespace, object.Name, change.Patch})
	}
	switch len(lines) {
	case 0:
		return writeJSON(w, []patch.Op{}, "  ")
	case 1:
		return writeJSON(w, lines[0].Patch, "  ")
	}
	for _, line := range lines {
		if err := writeJSON(w, line, ""); err != nil {
			return err
		}
	}
	return nil
}

// writeJSON prints v and a line break, with <, > and & as themselves: the
// output goes to people and programs, not into HTML.
func writeJSON(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(v); err != nil {
		return fault.Wrap(fault.Failed, err, "encode %T", v)
	}
	_, err := w.Write(b.Bytes())
	return err
}
