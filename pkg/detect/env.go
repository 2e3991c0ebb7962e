// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// How much a program needs a variable, the stronger first.
const (
	required    = "required"
	optional    = "optional"
	conditional = "conditional"
	unknown     = "unknown"
)

// variable is an environment variable that a unit reads.
type variable struct {
	needs map[string]bool
	// fallback is the default that was seen first; said tells an empty one from none.
	fallback string
	said     bool
	evidence []api.DetectedEvidence
}

// envRule finds reads of the environment.
type envRule struct {
	name, needle string
	// re has the variable as its first group and may have its default as the second.
	re *pattern
	// need is what the spelling itself says; empty looks at what is around it.
	need string
}

// ours are variables that every platform sets, none of them a setting.
var ours = set("PATH", "HOME", "PWD", "USER", "SHELL", "LANG", "TMPDIR", "TERM", "HOSTNAME", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT")

// ownPort are the names of the variable that sets the port to listen on.
var ownPort = re(`^(?:HTTP_|GRPC_|SERVER_|APP_|LISTEN_|SERVICE_|WEB_)?PORT$`)

// maxVariables bounds the variables of a unit.
const maxVariables = 500

func (u *unit) environment(files []*file, rules []envRule) {
	for _, f := range files {
		less := u.penalty(f)
		for _, r := range rules {
			f.grep(r.needle, r.re, func(m match) { u.read(m, r, less) })
		}
	}
}

func (u *unit) read(m match, r envRule, less int) {
	name, fallback := m.group(1), strings.TrimSpace(m.group(2))
	if v := u.env[name]; v != nil && len(v.evidence) >= maxEvidence || v == nil && len(u.env) >= maxVariables {
		return
	}
	need := r.need
	if need == "" || need == optional && fallback == "" { // an empty default is checked for later, or fine
		if seen := around(m, name, fallback); need == "" || seen == required {
			need = seen
		}
	}
	if need == required && guarded(m, name) {
		need = conditional
	}
	u.variable(name, m, r.name, need, fallback, source-less)
	if ownPort.MatchString(name) && isPort(fallback) {
		bonus := 2
		if name != "PORT" {
			bonus = 0
		}
		u.add(port, m, fallback, "default of "+name, source+bonus-less-aside(m))
	}
}

var (
	secret      = re(`(?i)passw|secret|token|credential|(?:^|_)(?:pass|pwd|key|apikey|auth|dsn)(?:_|$)`)
	credentials = re(`://[^/\s:@]*:[^/\s@]+@|PRIVATE KEY|[Pp]assword=`)
)

// variable notes a read. One place that fails without it makes it required, and
// a default elsewhere does not help that place.
func (u *unit) variable(name string, m match, rule, need, fallback string, confidence int) {
	if ours[name] || name == "" {
		return
	}
	if secret.MatchString(name) || credentials.MatchString(fallback) {
		// Neither as a value nor as a part of the line that is shown.
		fallback, m = "", m.file.at(m.line, name)
		if m.quote != name {
			m.line, m.quote = 0, ""
		}
	}
	v := u.env[name]
	if v == nil {
		v = &variable{needs: map[string]bool{}}
		u.env[name] = v
	}
	v.needs[need] = true
	if fallback != "" && !v.said {
		v.fallback, v.said = fallback, true
	}
	v.evidence = append(v.evidence, evidence(m, need, rule, confidence))
}

var (
	fails     = re(`\bpanic\(|log\.(?:Fatal|Panic)|[oO]s\.Exit|sys\.exit|process\.exit|Environment\.Exit|System\.exit|\bthrow\b|\braise\b|\babort\b|\bdie\(|\bexit\(|t\.Fatal|return\s+(?:nil,\s*)?(?:fmt\.Errorf|errors\.New)`)
	empty     = re(`== ?""|== ?''|=== ?undefined|== ?null|is None|== ?nil|\bnot \w|!\w|IsNullOrEmpty|isEmpty|!ok|\.nil\?|\bunless\b|\bempty\(`)
	fallsBack = re(`\w+\s*:?=\s*["'\d]|\breturn\s+(?:def|fallback|"|')|\|\|=`)
	looked    = re(`^\s*\}?\s*(?:else\s+)?(?:if|elif|unless)\b`)
	another   = re(`^\s*(?:\}?\s*(?:else )?if|unless|elif)\b.*?\b([A-Z][A-Z0-9]*_[A-Z0-9_]+)\b`)
)

// around judges a read by the lines it stands among: a check for emptiness that
// ends the program makes it required, one that sets a value optional.
func around(m match, name, fallback string) string {
	if fallback != "" {
		return optional
	}
	if guarded(m, name) {
		return conditional
	}
	checked := false
	for n := m.line; n <= m.line+3; n++ {
		line := m.file.line(n)
		if n > m.line && strings.Contains(line, "env") && !strings.Contains(line, name) && !empty.MatchString(line) {
			break // the next read
		}
		if empty.MatchString(line) {
			checked = checked || n > m.line
		}
		if !empty.MatchString(line) && !checked {
			continue
		}
		if fails.MatchString(line) {
			return required
		}
		if n > m.line && fallsBack.MatchString(line) {
			return optional
		}
	}
	if checked || strings.Contains(m.file.line(m.line), `!= ""`) || looked.MatchString(m.file.line(m.line)) {
		return optional // only looked at
	}
	return unknown
}

// guarded reports whether a read happens only when another variable says so: the
// read itself, or every call in the file of the function it is in.
func guarded(m match, name string) bool {
	other := func(at match) bool {
		flag := guard(at)
		return flag != "" && flag != name
	}
	if other(m) {
		return true
	}
	calls, under := 0, 0
	if function := enclosing(m); function != "" && m.file.tree.afford(len(m.file.text())) {
		m.file.grep(function+"(", nil, func(call match) {
			if defines.MatchString(m.file.line(call.line)) {
				return
			}
			calls++
			if other(call) {
				under++
			}
		})
	}
	return calls > 0 && calls == under
}

var defines = re(`^\s*(?:async\s+)?(?:func|def|function)\s+(?:\([^)]*\)\s*)?(\w+)`)

// enclosing is the function around a line, as far as indentation tells.
func enclosing(m match) string {
	for n := m.line - 1; n >= max(1, m.line-60); n-- {
		line := m.file.line(n)
		if d := defines.FindStringSubmatch(line); d != nil && indent(line) < indent(m.file.line(m.line)) {
			return d[1]
		}
	}
	return ""
}

// guard is the variable that a condition around a line looks at.
func guard(m match) string {
	depth := indent(m.file.line(m.line))
	for n := m.line - 1; n >= max(1, m.line-8); n-- {
		line := m.file.line(n)
		if strings.TrimSpace(line) == "" || indent(line) >= depth {
			continue
		}
		if g := another.FindStringSubmatch(line); g != nil {
			return g[1]
		}
		return ""
	}
	return ""
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// variables are the unit's variables by name.
func (u *unit) variables() []api.DetectedEnv {
	out := []api.DetectedEnv{}
	for _, name := range slices.Sorted(maps.Keys(u.env)) {
		v := u.env[name]
		e := api.DetectedEnv{Name: name, Need: v.need(), Evidence: capped(rank(v.evidence))}
		if v.said {
			e.Default = &v.fallback
		}
		out = append(out, e)
	}
	return out
}

func (v *variable) need() string {
	for _, n := range []string{required, optional, conditional} {
		if v.needs[n] {
			return n
		}
	}
	return unknown
}

var shell = []envRule{
	{"shell ${X:?}", ":?", re(`\$\{([A-Z][A-Z0-9_]*):\?`), required},
	{"shell ${X:-default}", ":-", re(`\$\{([A-Z][A-Z0-9_]*):-([^}]*)\}`), optional},
}

// fromShell reads entry point scripts.
func (u *unit) fromShell() {
	u.environment(u.ending(".sh"), shell)
}

// firstRead finds a variable's first evidence.
func (u *unit) firstRead(name string) api.DetectedEvidence {
	return slices.MinFunc(u.env[name].evidence, func(a, b api.DetectedEvidence) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
}
