// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package apitest

import (
	"net/url"
	"strings"
	"time"
)

// stamped is a log whose lines begin with the time at which they were written.
type stamped string

// SetLog stores what a container has written, under a name as in Logs. Each line
// begins with its time (RFC 3339) and a blank, which a client sees only if it
// asks for timestamps. It may be called while the server works.
func (s *Server) SetLog(name, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journals == nil {
		s.journals = map[string]stamped{}
	}
	s.journals[name] = stamped(text)
}

func (s *Server) stamped(name string) (stamped, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, found := s.journals[name]
	return text, found
}

// in is the log as a request asks for it: as kubelets do, from the whole second
// of sinceTime on.
func (t stamped) in(query url.Values) string {
	since, _ := time.Parse(time.RFC3339, query.Get("sinceTime")) // none is the beginning
	var out strings.Builder
	for line := range strings.Lines(string(t)) {
		stamp, text, _ := strings.Cut(line, " ")
		at, err := time.Parse(time.RFC3339Nano, stamp)
		if err == nil && at.Before(since) {
			continue
		}
		if err == nil && query.Get("timestamps") != "true" {
			line = text
		}
		out.WriteString(line)
	}
	return out.String()
}
