// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package apitest

import (
	"io"
	"net/http"
	"strconv"
	"strings"
)

// logs answers a request for pods/log, if r is one.
func (s *Server) logs(w http.ResponseWriter, r *http.Request) bool {
	path, isLog := strings.CutSuffix(r.URL.Path, "/log")
	t, served := s.target(path)
	if !isLog || !served || t.kind.Kind != "Pod" || t.name == "" {
		return false
	}
	query := r.URL.Query()
	key := t.namespace + "/" + t.name + "/" + query.Get("container")
	if query.Get("previous") == "true" {
		key += "?previous"
	}
	text, found := s.Logs[key]
	if stamped, isStamped := s.stamped(key); isStamped {
		text, found = stamped.in(query), true
	}
	if !found {
		Fail(w, http.StatusBadRequest, "BadRequest", "no log of "+key, nil)
		return true
	}
	if n, err := strconv.Atoi(query.Get("tailLines")); err == nil {
		lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
		text = strings.Join(lines[max(0, len(lines)-n):], "")
	}
	if n, err := strconv.Atoi(query.Get("limitBytes")); err == nil {
		text = text[:min(n, len(text))]
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = io.WriteString(w, text) // a client that has gone needs no answer
	return true
}
