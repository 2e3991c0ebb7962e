// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"slices"
	"strings"
)

// routes are the usual paths of health endpoints, as literals of a router.
var routes = re("[\"'`(](/?(?:_?healthz?|livez?|liveness|readyz?|readiness|_?status|_?ping|health/(?:live|ready|liveness|readiness)|healthz/(?:live|ready)))/?[\"'`)]")

// asks are lines that call a health endpoint of somebody else.
var asks = re(`(?i)\b(?:fetch|axios|requests?\.(?:get|head)|http\.(?:Get|Head)|curl|wget|GetAsync|HttpClient|reqwest|Net::HTTP|urlopen|file_get_contents)\b|self\.client|://`)

// registers are lines that look like a router's; elsewhere the literal counts less.
var registers = re(`(?i)\bhandle|route|mapget|maphealth|\.(?:get|all|any|use|add_api_route)\(|mapping|\bpath\(|@(?:get|path)|#\[get|\bget ['"]|=>`)

// words are needles for routes: every route holds one of them.
var words = []string{"health", "live", "ready", "readiness", "status", "ping"}

// healthRoutes looks for routes in source code.
func (u *unit) healthRoutes() {
	for _, f := range u.ending(".go", ".js", ".mjs", ".cjs", ".ts", ".py", ".java", ".kt", ".cs", ".rs", ".php", ".rb", ".ru") {
		less := u.penalty(f)
		for _, word := range words {
			f.grep(word, routes, func(m match) { u.healthRoute(m, less) })
		}
	}
}

func (u *unit) healthRoute(m match, less int) {
	line := m.file.line(m.line)
	path := m.group(1)
	if asks.MatchString(line) || !registers.MatchString(line) {
		return
	}
	if !strings.HasPrefix(path, "/") {
		if !strings.Contains(line, "path(") && !strings.Contains(line, "apping(") {
			return
		}
		path = "/" + path
	}
	confidence := source
	if strings.Contains(path, "status") || strings.Contains(path, "ping") {
		confidence = hint // often something else
	}
	u.add(health, m, path, "route", confidence-less)
}

// concludeKind says whether somebody can call it. A port that is stated, or a
// server of a framework, makes a service; a library for jobs alone, a worker.
func (u *unit) concludeKind() {
	for _, e := range u.facts[port] {
		if e.Confidence > convention {
			u.conclude("service", e.Source, e.File, e.Line, e.Quote, e.Confidence)
		}
	}
	for _, e := range u.facts[protocol] {
		u.conclude("service", e.Source, e.File, e.Line, e.Quote, e.Confidence)
	}
	if len(u.facts[kind]) > 0 {
		return
	}
	if !slices.ContainsFunc(u.files, func(f *file) bool { return sourceFile[path.Ext(f.path)] }) {
		return // nothing was read that might listen
	}
	for _, t := range []topic{entry, start, image} {
		if e, ok := u.best(t); ok {
			u.conclude("worker", "nothing listens", e.File, e.Line, e.Quote, hint)
			return
		}
	}
}

func (u *unit) conclude(value, rule, file string, line int, quote string, confidence int) {
	u.add(kind, match{file: u.tree.file(file), line: line, quote: quote}, value, rule, confidence)
}
