// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

var procLine = re(`^([A-Za-z][\w-]*):\s*(\S.*)$`)

// fromProcfile reads a Procfile: "web" is a service; any other process alone in
// it makes a worker, and beside "web" is another start command of less weight.
func (u *unit) fromProcfile() {
	f := u.file("Procfile")
	if f == nil {
		return
	}
	for n := 1; n <= f.lines(); n++ {
		p := procLine.FindStringSubmatch(f.line(n))
		if p == nil || p[1] == "release" {
			continue
		}
		confidence := procfile - 5
		if p[1] == "web" {
			confidence = procfile
			u.add(kind, f.at(n, "web"), "service", "procfile web", procfile)
		} else {
			u.add(kind, f.at(n, p[1]), "worker", "procfile "+p[1], confidence)
		}
		line := strings.TrimSpace(p[2])
		u.add(start, f.at(n, line), line, "procfile "+p[1], confidence)
		u.fromLine(f.at(n, line), line, "procfile command", confidence)
	}
}

// lines are what a command line says by itself.
var lines = []struct {
	topic topic
	re    *pattern
	value string
}{
	{port, re(`(?:--port|--bind|-b|--http-port|--urls|--listen|-p)[= ](?:https?://)?(?:[\w.*\[\]:]*:)?(\d{2,5})\b`), ""},
	{entry, re(`^(?:\S*/)?(?:node|tsx|ts-node|bun)(?: +(?:-r|--(?:require|import|loader|env-file)) +\S+| +-\S+)* +([\w./-]+\.[cm]?[jt]s)\b`), ""},
	{entry, re(`^(?:\S*/)?python3?(?: +-u)? +([\w./-]+\.py)\b`), ""},
	{entry, re(`(?:uvicorn|gunicorn|hypercorn)\b.*?\s([\w.]+:\w+)`), ""},
	{entry, re(`^(?:\S*/)?ruby +(?:-\S+ +)*([\w./-]+\.rb)\b`), ""},
	{entry, re(`^(?:\S*/)?dotnet +([\w./-]+\.dll)\b`), ""},
	{kind, re(`\b(?:celery|sidekiq|rq worker|queue:work|locust|resque)\b`), "worker"},
	{kind, re(`\b(?:uvicorn|gunicorn|hypercorn|puma|rackup|runserver)\b`), "service"},
}

// fromLine notes what a command line says about entry, port and kind.
func (u *unit) fromLine(at match, line, rule string, confidence int) {
	for _, l := range lines {
		m := l.re.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		value := l.value
		if value == "" {
			value = m[1]
		}
		if l.topic == entry {
			value = strings.TrimPrefix(strings.TrimPrefix(value, "./"), "/app/")
		}
		if l.topic != port || isPort(value) {
			u.add(l.topic, at, value, rule, confidence)
		}
	}
}

// fromFunc reads a Knative func.yaml and a Score file.
func (u *unit) fromFunc() {
	if f := u.file("func.yaml"); f != nil {
		if n := document(f); n != nil {
			if v := field(n, "runtime"); v != nil {
				u.add(language, f.at(v.Line, v.Value), strings.TrimSuffix(v.Value, "script"), "func.yaml runtime", tooling)
			}
			u.add(kind, f.head(), "service", "func.yaml", tooling)
		}
	}
	if f := u.file("score.yaml"); f != nil {
		n := document(f)
		for _, p := range pairs(field(n, "service", "ports")) {
			for _, name := range []string{"targetPort", "port"} {
				if v := field(p.value, name); v != nil && isPort(v.Value) {
					u.add(port, f.at(v.Line, v.Value), v.Value, "score.yaml "+name, tooling)
					break
				}
			}
		}
	}
}

// document is the root of a YAML file's first document; nil if it is none.
// Aliases stay what they are: a file that explodes is not expanded.
func document(f *file) *yaml.Node {
	var n yaml.Node
	if yaml.Unmarshal([]byte(f.text()), &n) != nil || len(n.Content) == 0 {
		return nil
	}
	return n.Content[0]
}

// field follows keys into mappings; nil where there is none.
func field(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var next *yaml.Node
		for _, p := range pairs(n) {
			if p.key.Value == key {
				next = p.value
			}
		}
		n = next
	}
	return n
}

type pair struct{ key, value *yaml.Node }

// pairs are the keys and values of a mapping; none of anything else.
func pairs(n *yaml.Node) []pair {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	var out []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		out = append(out, pair{n.Content[i], n.Content[i+1]})
	}
	return out
}
