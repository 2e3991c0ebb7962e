// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"strings"
)

var (
	requiresPython = re(`^requires-python\s*=\s*["']([^"']+)["']`)
	poetryPython   = re(`^python\s*=\s*["']([^"']+)["']`)
	pipfilePython  = re(`^python_(?:full_)?version\s*=\s*["']([^"']+)["']`)
	buildSystem    = re(`^\[build-system\]`)
	toolPackage    = re(`^package\s*=\s*(true|false)`)
	// servers are what runs an application object, as a dependency.
	servers = re(`(?i)^\s*["']?(gunicorn|uvicorn|hypercorn|granian)\b`)
	// fastapi brings uvicorn along when it is asked to.
	bundled = re(`(?i)^\s*["']?fastapi\[(?:standard|all)\b`)
	// libraries of C that a wheel does not bring along.
	linked      = re(`(?i)^\s*["']?(psycopg2|mysqlclient|psycopg\[c\]|pygraphviz|python-ldap|pyodbc)(?:["'\s=<>~!;,]|$)`)
	djangoEntry = re(`^application\s*=\s*get_(wsgi|asgi)_application\(`)
)

func buildPython(u *unit) {
	u.pythonVersion()
	u.reads(u.dir, "requirements.txt", "pyproject.toml", "uv.lock", "poetry.lock", "Pipfile", "Pipfile.lock", "setup.py", "setup.cfg", "README.md")
	for _, name := range []string{"requirements.txt", "pyproject.toml", "Pipfile"} {
		f := u.file(name)
		if f == nil {
			continue
		}
		for n := 1; n <= f.lines(); n++ {
			line := f.line(n)
			// dependencies may be a list on one line
			for _, word := range append([]string{line}, strings.Split(strings.TrimPrefix(line, "dependencies"), ",")...) {
				word = strings.TrimLeft(word, " =[")
				if m := servers.FindStringSubmatch(word); m != nil && !f.silent[n-1] {
					u.trait(f.at(n, m[1]), name, "server", strings.ToLower(m[1]))
				}
				if m := bundled.FindString(word); m != "" && !f.silent[n-1] {
					u.trait(f.at(n, m), name, "server", "uvicorn")
				}
				if m := linked.FindStringSubmatch(word); m != nil && !f.silent[n-1] {
					u.trait(f.at(n, m[1]), name, "linked", strings.ToLower(m[1]))
				}
			}
		}
	}
	u.applications()
}

func (u *unit) pythonVersion() {
	for _, v := range []struct {
		file string
		rule rule
	}{
		{"pyproject.toml", rule{version, "requires-python", "requires-python", requiresPython, "", metadata + 1}},
		{"pyproject.toml", rule{version, "poetry python", "python", poetryPython, "", metadata}},
		{"Pipfile", rule{version, "Pipfile", "python_", pipfilePython, "", metadata}},
	} {
		if f := u.file(v.file); f != nil {
			u.apply([]*file{f}, []rule{v.rule})
		}
	}
	if f := u.file(".python-version"); f != nil {
		u.add(version, f.head(), f.head().quote, ".python-version", metadata+2)
	}
	f := u.file("pyproject.toml")
	if f == nil {
		return
	}
	if m, ok := f.find("[build-system]", buildSystem); ok {
		u.trait(m, "pyproject.toml", "build-system")
	}
	if m, ok := f.find("package", toolPackage); ok && m.group(1) == "false" {
		u.trait(m, "pyproject.toml", "no-package")
	}
	if e, ok := u.best(entry); ok && e.Source == "console script" {
		u.trait(match{file: u.tree.file(e.File), line: e.Line, quote: e.Quote}, "console script", "script", e.Value)
	}
}

// applications notes the objects that a server can run, as module:name.
func (u *unit) applications() {
	for _, f := range u.ending(".py") {
		if u.penalty(f) > 0 {
			continue
		}
		module := strings.ReplaceAll(strings.TrimSuffix(u.rel(f), ".py"), "/", ".")
		module = strings.TrimSuffix(module, ".__init__")
		if m, ok := f.find("application", djangoEntry); ok {
			u.trait(m, path.Base(f.path), m.group(1), module+":application")
			continue
		}
		if m, ok := applied(f); ok && !strings.Contains(m.quote, "Celery(") {
			kind := "wsgi"
			if strings.Contains(m.quote, "FastAPI(") {
				kind = "asgi"
			}
			u.trait(m, "application object", kind, module+":"+m.group(1))
		}
	}
}
