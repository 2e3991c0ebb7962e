// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package apitest

import (
	"encoding/json"
	"net/http"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
)

// Later stores objects when something is watched for the first time: what a
// client lists before that does not hold them.
func (s *Server) Later(objects ...map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.later = append(s.later, objects...)
}

// watch answers a watch, if r is one: it tells what there is, as a server does
// that is given no resourceVersion, and then nothing, until the client goes.
func (s *Server) watch(w http.ResponseWriter, r *http.Request) bool {
	query := r.URL.Query()
	t, served := s.target(r.URL.Path)
	if query.Get("watch") != "true" || !served || t.name != "" {
		return false
	}
	selector, err := labels.Parse(query.Get("labelSelector"))
	if err != nil {
		Fail(w, http.StatusBadRequest, "BadRequest", err.Error(), nil)
		return true
	}
	w.Header().Set("Content-Type", "application/json")
	s.mu.Lock()
	for _, o := range s.later {
		s.put(o)
	}
	s.later = nil
	for _, at := range s.sorted() {
		u := unstructured.Unstructured{Object: s.objects[at]}
		if at.GroupKind() == t.kind.GroupKind && (t.namespace == "" || at.Namespace == t.namespace) && selector.Matches(labels.Set(u.GetLabels())) {
			_ = json.NewEncoder(w).Encode(map[string]any{"type": "ADDED", "object": t.in(u.Object)}) // the client has gone
		}
	}
	s.mu.Unlock()
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	<-r.Context().Done()
	return true
}
