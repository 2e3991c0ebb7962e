// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// The confidence of what comes from where, in the order of precedence. Rules
// move up and down by a few points within a tier.
const (
	declared   = 100 // micro.yaml, written for this suite
	container  = 95  // a Dockerfile
	procfile   = 85
	composed   = 80
	tooling    = 70 // func.yaml, devfile and the like
	metadata   = 60 // a package manifest
	source     = 50 // what source code looks like
	hint       = 30 // what usually means it
	convention = 10 // what a platform does when nothing is said
)

// decoyed is how much a file counts less whose name says client, debug and so on.
const decoyed = 20

// topic names a fact.
type topic string

const (
	language  topic = "language"
	framework topic = "framework"
	build     topic = "build"
	kind      topic = "kind"
	entry     topic = "entry"
	start     topic = "start"
	port      topic = "port"
	protocol  topic = "protocol"
	image     topic = "dockerfile"
	user      topic = "user"
	health    topic = "health"
	asset     topic = "asset"
	title     topic = "name" // what the manifest calls it
	version   topic = "version"
	buildFile topic = "build file"
	trait     topic = "trait"
)

// unit is a folder that may be a service, with what was observed of it.
type unit struct {
	dir, name string
	// context is the folder to build in: dir, or above it the top of its module.
	context string
	tree    *tree
	// files are those of the folder that belong to no other unit.
	files []*file
	// plain are the files that are not tests, the nearest to the top first.
	plain    []*file
	boundary []api.DetectedEvidence
	facts    map[topic][]api.DetectedEvidence
	env      map[string]*variable
	calls    map[string]*api.DetectedCall
}

func newUnit(t *tree, dir string) *unit {
	return &unit{dir: dir, context: dir, tree: t, facts: map[topic][]api.DetectedEvidence{}, env: map[string]*variable{}, calls: map[string]*api.DetectedCall{}}
}

// evidence is an observation at a match.
func evidence(m match, value, rule string, confidence int) api.DetectedEvidence {
	e := api.DetectedEvidence{Value: value, Source: rule, File: m.file.path, Confidence: max(1, confidence)}
	if m.quote != "" {
		e.Line, e.Quote = m.line, m.quote
	}
	return e
}

// maxObservations bounds those of one fact; files near the top come first.
const maxObservations = 64

// add notes an observation, once.
func (u *unit) add(t topic, m match, value, rule string, confidence int) {
	value = strings.TrimSpace(value)
	if value == "" {
		return
	}
	if len(u.facts[t]) >= maxObservations {
		return
	}
	e := evidence(m, value, rule, confidence)
	for _, old := range u.facts[t] {
		if old.Value == e.Value && old.File == e.File && (old.Line == e.Line || old.Source == e.Source) {
			return
		}
	}
	u.facts[t] = append(u.facts[t], e)
}

// file returns a file of the unit's folder, nil if there is none.
func (u *unit) file(elem ...string) *file {
	return u.tree.file(path.Join(u.dir, path.Join(elem...)))
}

// anyFile reports whether one of these files is in the unit's folder.
func (u *unit) anyFile(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return u.file(name) != nil })
}

// rel is a file's path from the unit's folder.
func (u *unit) rel(f *file) string { return below(u.dir, f.path) }

// below is p as seen from dir, which it is in.
func below(dir, p string) string {
	if dir == "." {
		return p
	}
	if p == dir {
		return "."
	}
	return strings.TrimPrefix(p, dir+"/")
}

// within reports whether p is dir or in it.
func within(dir, p string) bool {
	return dir == "." || p == dir || strings.HasPrefix(p, dir+"/")
}

// named returns the unit's files with one of these names, the nearest to its top first.
func (u *unit) named(names ...string) []*file {
	want := set(names...)
	return u.nearest(func(f *file) bool { return want[f.base()] })
}

// ending returns the unit's sources with one of these extensions, without tests.
func (u *unit) ending(extensions ...string) []*file {
	want := set(extensions...)
	var out []*file
	for _, f := range u.sources() {
		if want[path.Ext(f.path)] {
			out = append(out, f)
		}
	}
	return out
}

// sources are the unit's files that are not tests, judged once.
func (u *unit) sources() []*file {
	if u.plain == nil {
		u.plain = u.nearest(func(f *file) bool { return !isTest(u.rel(f)) })
	}
	return u.plain
}

func (u *unit) nearest(ok func(*file) bool) []*file {
	var levels [][]*file
	for _, f := range u.files {
		if !ok(f) {
			continue
		}
		depth := strings.Count(u.rel(f), "/")
		for len(levels) <= depth {
			levels = append(levels, nil)
		}
		levels[depth] = append(levels[depth], f)
	}
	var out []*file
	for _, level := range levels {
		out = append(out, level...)
	}
	return out
}

var (
	testFile  = re(`(?i)(^|/)((?:playwright|cypress|jest|vitest|karma|wdio|webpack|rollup|vite)\.[\w.-]*config\.\w+|test_[^/]*|conftest\.py|[^/]*(_test|\.test|\.spec|_spec)\.\w+|[^/]*Tests?\.(java|kt|cs|php))$`)
	decoyFile = re(`(?i)client|debug|example|sample|mock|demo_|benchmark|migrat|seed`)
)

func isTest(rel string) bool { return testFile.MatchString(rel) }

// penalty is how much less an observation in a file counts.
func penalty(rel string) int {
	if packages.MatchString(rel) {
		rel = path.Base(rel) // com.example is nobody's example
	}
	if decoyFile.MatchString(rel) {
		return decoyed
	}
	return 0
}

// penalty is that of a file, judged once.
func (u *unit) penalty(f *file) int {
	if !f.judged {
		f.judged, f.less = true, penalty(u.rel(f))
	}
	return f.less
}

// rule is one thing to look for in source code.
type rule struct {
	topic topic
	name  string
	// needle is a literal of the line, see file.grep.
	needle string
	re     *pattern
	// value is the observation; empty means the expression's first group.
	value      string
	confidence int
}

// apply runs rules over files.
func (u *unit) apply(files []*file, rules []rule) {
	for _, f := range files {
		less := u.penalty(f)
		for _, r := range rules {
			if len(u.facts[r.topic]) >= maxObservations {
				continue
			}
			f.grep(r.needle, r.re, func(m match) {
				value := r.value
				if value == "" {
					value = m.group(1)
				}
				confidence := r.confidence - less
				if r.topic == port {
					if !isPort(value) || foreign.MatchString(m.quote) {
						return
					}
					confidence -= aside(m)
				}
				u.add(r.topic, m, value, r.name, confidence)
			})
		}
	}
}

// side are the words of a port that is not the one callers use.
var side = re(`(?i)metrics|admin|prom|pprof|debug|management|healthPort`)

// foreign are names of the ports and addresses of others, which a program calls.
var foreign = re(`(?i)(?:redis|mongo|mysql|postgres|pg|sql|db|smtp|mail|amqp|rabbit\w*|kafka|nats|memcached?|elastic\w*|zipkin|jaeger|otel|otlp|statsd|dapr\w*|proxy|peer|remote|upstream|target|bad)[_-]?(?:server|http|grpc)?[_-]?(?:port|addr)`)

func aside(m match) int {
	if side.MatchString(m.file.line(m.line)) {
		return 15
	}
	return 0
}

func isPort(s string) bool {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' || n > 65535 {
			return false
		}
		n = n*10 + int(c-'0')
	}
	return n > 0 && n <= 65535 && s[0] != '0'
}
