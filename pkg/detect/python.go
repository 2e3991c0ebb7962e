// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"strings"
)

// python knows Python by its manifests.
var python = detector{name: "python", Match: matchPython, Facts: factsPython}

// pipers are the manifests and lock files, the more telling first.
var pipers = []struct {
	file, tool string
	confidence int
}{
	{"uv.lock", "uv", metadata + 4}, {"poetry.lock", "poetry", metadata + 4}, {"Pipfile.lock", "pipenv", metadata + 4}, {"Pipfile", "pipenv", metadata + 2},
	{"requirements.txt", "pip", metadata}, {"pyproject.toml", "pip", metadata - 5}, {"setup.py", "pip", metadata - 5},
}

func matchPython(u *unit) {
	for _, p := range pipers {
		if f := u.file(p.file); f != nil {
			u.add(language, f.head(), "python", p.file, metadata)
			u.add(build, f.head(), p.tool, p.file, p.confidence)
		}
	}
	if f := u.file("pyproject.toml"); f != nil {
		if m, ok := f.find("name", re(`^name\s*=\s*["']([\w.-]+)["']`)); ok {
			u.add(title, m, m.group(1), "pyproject.toml name", metadata)
		}
	}
}

var pythonRules = []rule{
	{framework, "Flask()", "Flask(", re(`=\s*(?:flask\.)?Flask\(`), "flask", source + 5},
	{framework, "FastAPI()", "FastAPI(", re(`=\s*(?:fastapi\.)?FastAPI\(`), "fastapi", source + 6},
	{framework, "Django settings", "DJANGO_SETTINGS_MODULE", nil, "django", source + 6},
	{framework, "grpc server", "grpc.", re(`\bgrpc\.(?:aio\.)?server\(`), "grpc", source + 8},
	{framework, "aiohttp", "web.Application(", nil, "aiohttp", source + 5},
	{framework, "tornado", "tornado.web.Application(", nil, "tornado", source + 6},
	{framework, "Celery()", "Celery(", re(`=\s*(?:celery\.)?Celery\(`), "celery", source},
	{framework, "locust", "locust", re(`^(?:from locust|import locust)\b`), "locust", source},
	{framework, "http.server", "HTTPServer(", re(`\b(?:Threading)?HTTPServer\(`), "http.server", source - 5},
	{protocol, "grpc server", "grpc.", re(`\bgrpc\.(?:aio\.)?server\(`), "grpc", source + 8},
	{protocol, "Flask()", "Flask(", re(`=\s*(?:flask\.)?Flask\(`), "http", source + 5},
	{protocol, "FastAPI()", "FastAPI(", re(`=\s*(?:fastapi\.)?FastAPI\(`), "http", source + 5},
	{protocol, "Django settings", "DJANGO_SETTINGS_MODULE", nil, "http", source + 5},
	{protocol, "aiohttp", "web.Application(", nil, "http", source + 5},
	{protocol, "http.server", "HTTPServer(", re(`\b(?:Threading)?HTTPServer\(`), "http", source},
	{protocol, "tcp server", "TCPServer(", re(`\bsocketserver\.(?:Threading)?TCPServer\(|\bTCPServer\(\(`), "tcp", source - 15},
	{protocol, "tcp server", "asyncio.start_server(", nil, "tcp", source - 15},
	{protocol, "FastMCP()", "FastMCP(", re(`=\s*(?:\w+\.)*FastMCP\(`), "http", source - 5},
	{protocol, "gradio", "gr.", re(`\bgr\.(?:Blocks|Interface|ChatInterface)\(`), "http", source},
	{protocol, "streamlit", "streamlit", re(`^import streamlit\b`), "http", source},
	{port, "run port", "port", re(`\brun(?:_app|_simple)?\([^)]*\bport\s*=\s*(?:int\()?(\d{2,5})`), "", source + 2},
	{port, "insecure port", "_port(", re(`add_(?:in)?secure_port\(\s*f?["'][^"']*:(\d{2,5})["']`), "", source + 2},
	{port, "listen", ".listen(", re(`\.listen\((\d{2,5})\b`), "", source + 2},
	{port, "server address", "Server(", re(`Server\(\(\s*["'][^"']*["'],\s*(\d{2,5})\)`), "", source + 2},
	{port, "default port", "ort", re(`(?i)^\s*\w*port\s*(?::\s*\w+\s*)?=\s*["']?(\d{2,5})["']?\s*$`), "", source},
	{health, "grpc health", "health_pb2_grpc", re(`\bhealth_pb2_grpc\.(?:add_HealthServicer_to_server|HealthServicer)\b`), "grpc", source + 5},
	{health, "grpc health", "HealthServicer", re(`\bhealth\.(?:aio\.)?HealthServicer\(`), "grpc", source + 5},
	{kind, "celery", "Celery(", re(`=\s*(?:celery\.)?Celery\(`), "worker", source},
	{kind, "locust", "locust", re(`^(?:from locust|import locust)\b`), "worker", source},
	{kind, "queue consumer", "onsum", re(`\b(?:KafkaConsumer\(|\.basic_consume\(|\.start_consuming\()`), "worker", source - 5},
	{kind, "scheduler", "Scheduler(", re(`\bB(?:locking|ackground)Scheduler\(`), "worker", source - 8},
}

var pythonEnv = []envRule{
	{"environ with default", "environ.get", re(`\benviron\.get\(\s*["']([A-Z][A-Z0-9_]*)["'],\s*(?:default=)?f?["']?([^"')]*)`), optional},
	{"environ.get", "environ.get", re(`\benviron\.get\(\s*["']([A-Z][A-Z0-9_]*)["']\s*\)`), ""},
	{"getenv with default", "getenv", re(`\bgetenv\(\s*["']([A-Z][A-Z0-9_]*)["'],\s*(?:default=)?f?["']?([^"')]*)`), optional},
	{"getenv", "getenv", re(`\bgetenv\(\s*["']([A-Z][A-Z0-9_]*)["']\s*\)`), ""},
	{"must", "ust", re(`\b(?:must|require)\w*\(\s*["']([A-Z][A-Z0-9_]+)["']`), required},
}

// indexed is a read that raises KeyError, unless somebody catches it.
var indexed = re(`\benviron\[\s*["']([A-Z][A-Z0-9_]*)["']\s*\](?:\s*[^=\s]|\s*==|\s*$)`)

var pythonAssets = []rule{
	{asset, "templates", "render_template(", nil, "templates", source},
	{asset, "static files", "url_for('static'", nil, "static", source},
	{asset, "template folder", "template_folder", re(`template_folder\s*=\s*["']([^"']+)["']`), "", source},
	{asset, "static folder", "static_folder", re(`static_folder\s*=\s*["']([^"']+)["']`), "", source},
	{asset, "jinja2 loader", "FileSystemLoader(", re(`\bFileSystemLoader\(\s*["']([^"']+)["']`), "", source},
	{asset, "open", "open(", re(`\bopen\(\s*["']([^"']+)["'](?:,\s*["']rb?["'])?[,)]`), "", source},
	{asset, "static mount", "StaticFiles(", re(`\bStaticFiles\(directory\s*=\s*["']([^"']+)["']`), "", source},
}

func factsPython(u *unit) {
	files := u.ending(".py")
	u.apply(files, pythonRules)
	u.environment(files, pythonEnv)
	for _, f := range files {
		f.grep("environ[", indexed, func(m match) {
			need := required
			if caught(m) {
				need = optional
			}
			u.read(m, envRule{name: "environ[]", need: need}, u.penalty(f))
		})
	}
	u.assets(files, pythonAssets)
	if e, ok := u.best(framework); ok && e.Value == "flask" {
		for _, dir := range []string{"templates", "static"} {
			u.asset(match{file: u.tree.file(e.File), line: e.Line, quote: e.Quote}, dir, "flask convention", hint)
		}
	}
	u.pythonEntries(files)
	told := u.followed(files, pythonListens, pythonDefault)
	if e, ok := u.best(framework); ok && len(u.facts[port]) == 0 && !told {
		if usual := map[string]string{"fastapi": "8000", "django": "8000", "flask": "5000"}[e.Value]; usual != "" {
			u.add(port, match{file: u.tree.file(e.File), line: e.Line, quote: e.Quote}, usual, e.Value+" by convention", convention)
		}
	}
}

// caught reports whether a line is in a try block that takes KeyError.
func caught(m match) bool {
	depth := indent(m.file.line(m.line))
	for n := m.line - 1; n >= max(1, m.line-20) && depth > 0; n-- {
		line := m.file.line(n)
		if strings.TrimSpace(line) == "" || indent(line) >= depth {
			continue
		}
		depth = indent(line)
		if strings.TrimSpace(line) == "try:" && takesKeyError(m, depth) {
			return true
		}
	}
	return false
}

// takesKeyError looks at the except clauses of the try block of that depth.
func takesKeyError(m match, depth int) bool {
	for n := m.line + 1; n <= m.line+60; n++ {
		line := m.file.line(n)
		t := strings.TrimSpace(line)
		switch {
		case t == "" || indent(line) > depth:
			continue
		case indent(line) < depth || !strings.HasPrefix(t, "except"):
			return false
		case t == "except:" || strings.Contains(t, "KeyError") || strings.Contains(t, "Exception"):
			return true
		}
	}
	return false
}

var (
	mainGuard     = re(`^if __name__ == ["']__main__["']`)
	pythonServes  = re(`\.run\(|serve_forever|add_(?:in)?secure_port|run_app|\.listen\(|server\.start\(|uvicorn\.run`)
	consoleScript = re(`^([\w.-]+)\s*=\s*["']([\w.]+):(\w+)["']`)
	application   = re(`^(\w+)\s*=\s*(?:flask\.|fastapi\.|web\.)?(?:Flask|FastAPI|Application|Celery)\(`)
)

// applied finds the application object of a module.
func applied(f *file) (match, bool) {
	for _, needle := range []string{"Flask(", "FastAPI(", "Application(", "Celery("} {
		if m, ok := f.find(needle, application); ok {
			return m, true
		}
	}
	return match{}, false
}

// pythonEntries finds what is run: a console script, Django's manage.py, a
// module with a main guard that serves, then one that only has an application.
func (u *unit) pythonEntries(files []*file) {
	if f := u.file("pyproject.toml"); f != nil {
		scripts := false
		for n := 1; n <= f.lines(); n++ {
			line := strings.TrimSpace(f.line(n))
			if strings.HasPrefix(line, "[") {
				scripts = line == "[project.scripts]" || line == "[tool.poetry.scripts]"
			}
			if m := consoleScript.FindStringSubmatch(line); scripts && m != nil {
				u.add(entry, f.at(n, line), m[1], "console script", metadata-penalty(m[1]))
			}
		}
	}
	for _, f := range files {
		rel := u.rel(f)
		less := penalty(rel) + 2*strings.Count(rel, "/")
		if f.base() == "manage.py" {
			u.add(entry, f.head(), rel, "manage.py", source+5-less)
			continue
		}
		if m, ok := f.find("__main__", mainGuard); ok {
			confidence := source - 8
			if pythonServes.MatchString(f.text()) {
				confidence = source + 5
			} else if aids.MatchString(f.dir()) {
				continue
			}
			u.add(entry, m, rel, "main guard", confidence-less)
		} else if m, ok := applied(f); ok {
			u.add(entry, m, rel, "application object", source-5-less)
		} else if path.Base(rel) == "locustfile.py" {
			u.add(entry, f.head(), rel, "locustfile", source-less)
		}
	}
}
