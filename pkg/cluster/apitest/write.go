// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package apitest

import (
	"encoding/json"
	"io"
	"net/http"

	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// patch carries out a JSON Patch, or stores a server-side apply as it is:
// which fields conflict is what a test says in On.
func (s *Server) patch(w http.ResponseWriter, r *http.Request, t target) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		Fail(w, http.StatusBadRequest, "BadRequest", err.Error(), nil)
		return
	}
	old := s.objects[key(t.ref())]
	var next any
	switch kind := r.Header.Get("Content-Type"); kind {
	case "application/json-patch+json":
		var ops []patch.Op
		if err := utiljson.Unmarshal(body, &ops); err != nil {
			Fail(w, http.StatusBadRequest, "BadRequest", err.Error(), nil)
			return
		}
		if next, err = patch.Apply(old, ops); err != nil {
			RejectPatch(w)
			return
		}
	case "application/apply-patch+yaml":
		if r.URL.Query().Get("fieldManager") == "" {
			Fail(w, http.StatusBadRequest, "BadRequest", "fieldManager is required for apply patch", nil)
			return
		}
		var object map[string]any
		if err := utiljson.Unmarshal(body, &object); err != nil {
			Fail(w, http.StatusBadRequest, "BadRequest", err.Error(), nil)
			return
		}
		next = object
	default:
		Fail(w, http.StatusUnsupportedMediaType, "UnsupportedMediaType", "no patch of type "+kind, nil)
		return
	}
	object := next.(map[string]any)
	if r.URL.Query().Get("dryRun") == "" && !patch.Equal(object, old) {
		object = s.put(object)
	}
	answer(w, t.in(object))
}

// RejectPatch answers as kube-apiserver does when a test of a JSON Patch fails
// or a path does not exist: 422, and not a word on what it was.
func RejectPatch(w http.ResponseWriter) {
	Fail(w, http.StatusUnprocessableEntity, "Invalid", "the server rejected our request due to an error in our request", nil)
}

// delete honours the options of the body only, as kube-apiserver does when there
// is a body.
func (s *Server) delete(w http.ResponseWriter, r *http.Request, t target) {
	var options struct {
		Preconditions struct{ UID, ResourceVersion string } `json:"preconditions"`
		DryRun        []string                              `json:"dryRun"`
	}
	if err := json.NewDecoder(r.Body).Decode(&options); err != nil {
		Fail(w, http.StatusBadRequest, "BadRequest", err.Error(), nil)
		return
	}
	m, _ := s.objects[key(t.ref())]["metadata"].(map[string]any)
	for field, want := range map[string]string{"uid": options.Preconditions.UID, "resourceVersion": options.Preconditions.ResourceVersion} {
		if want != "" && m[field] != want {
			Fail(w, http.StatusConflict, "Conflict", "Operation cannot be fulfilled on "+t.kind.Resource+" \""+t.name+
				"\": the "+field+" in the precondition does not match", map[string]any{"name": t.name, "kind": t.kind.Kind})
			return
		}
	}
	if len(options.DryRun) == 0 {
		delete(s.objects, key(t.ref()))
	}
	answer(w, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Success"})
}
