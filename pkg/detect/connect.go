// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"regexp"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// address is a variable that takes the address of something.
var address = re(`^(.+?)_(?:(?:SERVICE|SVC|GRPC|HTTP|BASE|API)_)?(?:ADDR|ADDRESS|URL|HOST|HOSTNAME|ENDPOINT|URI|TARGET)$`)

// stem is a name without what tells spellings apart: ORDER_HISTORY is orderhistoryservice.
func stem(name string) string {
	name = strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(name))
	for _, suffix := range []string{"service", "svc"} {
		if s := strings.TrimSuffix(name, suffix); s != "" {
			name = s
		}
	}
	return name
}

// maxSiblings is up to how many services their names are searched for in all sources.
const maxSiblings = 64

// connect finds the calls between units, and to backing stores.
func (s *scan) connect() {
	names := map[string]string{} // by stem
	kinds := map[string]int{}
	for _, b := range s.backing {
		kinds[b.Store]++
	}
	for _, b := range s.backing {
		if kinds[b.Store] == 1 {
			names[b.Store] = b.Name // REDIS_ADDR, where there is one redis
		}
	}
	for _, b := range s.backing {
		names[stem(b.Name)] = b.Name
	}
	for _, u := range s.units {
		names[stem(u.name)] = u.name
		for _, e := range u.facts[title] {
			if names[stem(e.Value)] == "" && !strings.Contains(e.Value, "/") {
				names[stem(e.Value)] = u.name
			}
		}
	}
	for _, u := range s.units {
		u.callsByEnv(names)
		u.callsByLiteral(names)
		s.callsByCompose(u, names)
	}
}

func (u *unit) call(to, env string, e api.DetectedEvidence) {
	if to == "" || to == u.name {
		return
	}
	c := u.calls[to+" "+env]
	if c == nil {
		c = &api.DetectedCall{To: to, Env: env}
		u.calls[to+" "+env] = c
	}
	e.Value = to
	c.Evidence = append(c.Evidence, e)
}

// callsByEnv looks at the variables: by the name first, then by the host of the default.
func (u *unit) callsByEnv(names map[string]string) {
	for name, v := range u.env {
		e := u.firstRead(name)
		e.Source, e.Confidence = "name of "+name, min(e.Confidence, metadata)
		if m := address.FindStringSubmatch(name); m != nil {
			if to := names[stem(m[1])]; to != "" {
				u.call(to, name, e)
				continue
			}
		}
		if m := hostPort.FindStringSubmatch(v.fallback); m != nil && names[stem(m[1])] != "" {
			e.Source = "value of " + name
			u.call(names[stem(m[1])], name, e)
		}
	}
}

var (
	hostPort = re(`^(?:[a-z][a-z0-9+]*://)?(?:[^@/\s]*@)?([a-z][a-z0-9-]*)(?:\.[\w.-]+)?(?::\d+)?(?:/.*)?$`)
	inURL    = re(`\b(?:https?|grpc|tcp|amqp|redis|postgres(?:ql)?|mysql|mongodb|nats|dns)://(?:[^@/\s"'` + "`" + `]*@)?/?([a-z][a-z0-9-]*)(?:\.[\w.-]+)?(?::\d+|[/"'` + "`" + `]|$)`)
)

// spoken are the files in which an address may be a literal.
var spoken = []string{".go", ".js", ".mjs", ".cjs", ".ts", ".tsx", ".py", ".java", ".kt", ".cs", ".rs", ".php", ".rb", ".properties", ".yml", ".yaml", ".json", ".conf"}

// callsByLiteral looks for the names of others in sources, as hosts.
func (u *unit) callsByLiteral(names map[string]string) {
	known := map[string]bool{}
	for _, c := range u.calls {
		known[c.To] = true
	}
	hosts := map[string]*pattern{}
	for _, to := range names {
		if !known[to] && len(names) <= maxSiblings {
			hosts[to] = quoted(to)
		}
	}
	for _, f := range u.ending(spoken...) {
		if base := f.base(); strings.Contains(base, "lock") || composeFile.MatchString(base) || base == "package.json" {
			continue
		}
		less := u.penalty(f) / 2
		f.grep("://", inURL, func(m match) {
			if to := names[stem(m.group(1))]; to != "" && !known[to] {
				u.call(to, "", evidence(m, to, "url", source-less))
			}
		})
		if path.Ext(f.path) == ".json" {
			continue
		}
		for to, re := range hosts {
			f.grep(to+":", re, func(m match) { u.call(to, "", evidence(m, to, "host and port", source-5-less)) })
		}
	}
}

// quoted matches a name as the host of an address.
func quoted(name string) *pattern {
	return re(`["'` + "`" + `/]` + regexp.QuoteMeta(name) + `:\d{2,5}\b`)
}

// callsByCompose takes depends_on and links as weak edges: they are an order of
// starting, often more than there are calls.
func (s *scan) callsByCompose(u *unit, names map[string]string) {
	known := map[string]bool{}
	for _, c := range u.calls {
		known[c.To] = true
	}
	for _, c := range s.composed {
		if c.dir != u.dir {
			continue
		}
		list := field(c.node, "depends_on")
		if list == nil {
			continue
		}
		targets := list.Content
		if ps := pairs(list); ps != nil {
			targets = nil
			for _, p := range ps {
				targets = append(targets, p.key)
			}
		}
		for _, t := range targets {
			if to := names[stem(t.Value)]; to != "" && !known[to] {
				u.call(to, "", evidence(c.file.at(t.Line, t.Value), to, "compose depends_on", hint))
			}
		}
	}
}
