// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"encoding/json"
	"path"
	"strings"
)

// node knows JavaScript and TypeScript that runs on a server, by package.json.
// A package that only builds pages is static.
var node = detector{name: "node", Match: matchNode, Facts: factsNode}

type packageJSON struct {
	Name            string            `json:"name"`
	Main            string            `json:"main"`
	PackageManager  string            `json:"packageManager"`
	Type            string            `json:"type"`
	Scripts         map[string]string `json:"scripts"`
	Engines         map[string]string `json:"engines"`
	Workspaces      json.RawMessage   `json:"workspaces"`
	Dependencies    map[string]string `json:"dependencies"`
	DevDependencies map[string]string `json:"devDependencies"`
}

// manifest reads package.json; nil if there is none that can be read. A broken
// part is left empty: other tools read it leniently too.
func (u *unit) manifest() (*packageJSON, *file) {
	f := u.file("package.json")
	if f == nil {
		return nil, nil
	}
	var p packageJSON
	if err := json.Unmarshal([]byte(f.text()), &p); err != nil && p.Name == "" && p.Scripts == nil && p.Dependencies == nil {
		return nil, f
	}
	return &p, f
}

// key finds a key of a JSON file, with the value beside it.
func (f *file) key(name string) match {
	var best match
	f.grep(`"`+name+`"`, nil, func(m match) {
		line := f.line(m.line)
		if best.file == nil && strings.Contains(line, ":") {
			best = f.at(m.line, strings.TrimSuffix(strings.TrimSpace(line), ","))
		}
	})
	if best.file == nil {
		return f.head()
	}
	return best
}

func matchNode(u *unit) {
	p, f := u.manifest()
	if p == nil || p.onScreen() {
		return
	}
	confidence := metadata - 10
	if p.Scripts["start"] != "" || p.Main != "" || serverLibrary(p) != "" {
		confidence = metadata
	}
	if _, pages := u.builder(p); pages && serverLibrary(p) == "" {
		return // static.go
	}
	u.add(language, f.head(), "node", "package.json", confidence)
	u.add(title, f.key("name"), path.Base(p.Name), "package.json name", metadata)
}

// onScreen reports whether it is an app for phones or desks, which nobody deploys.
func (p *packageJSON) onScreen() bool {
	for _, name := range []string{"react-native", "expo", "electron"} {
		if (p.Dependencies[name] != "" || p.DevDependencies[name] != "") && serverLibrary(p) == "" {
			return true
		}
	}
	return false
}

// libraries are the frameworks of servers, the more telling first.
var libraries = []string{"@nestjs/core", "next", "nuxt", "fastify", "express", "koa", "@hapi/hapi", "hono", "@grpc/grpc-js", "grpc", "restify"}

func serverLibrary(p *packageJSON) string {
	for _, name := range libraries {
		if p.Dependencies[name] != "" {
			return name
		}
	}
	return ""
}

var nodeRules = []rule{
	{framework, "express()", "express(", re(`=\s*(?:\w+\.)?express\(\)`), "express", source + 5},
	{framework, "fastify()", "astify(", re(`=\s*(?:\w+\.)?[fF]astify\(`), "fastify", source + 5},
	{framework, "new Koa()", "new Koa(", nil, "koa", source + 5},
	{framework, "NestFactory", "NestFactory.create", nil, "nestjs", metadata + 2},
	{framework, "grpc server", "Server(", re(`new (?:\w+\.)?(?:grpc\.)Server\(`), "grpc", source + 8},
	{framework, "http.createServer", "createServer(", re(`\bhttps?\.createServer\(|\bcreateServer\(`), "node:http", source - 10},
	{protocol, "grpc server", "Server(", re(`new (?:\w+\.)?(?:grpc\.)Server\(`), "grpc", source + 8},
	{protocol, "express()", "express(", re(`=\s*(?:\w+\.)?express\(\)`), "http", source + 5},
	{protocol, "fastify()", "astify(", re(`=\s*(?:\w+\.)?[fF]astify\(`), "http", source + 5},
	{protocol, "new Koa()", "new Koa(", nil, "http", source + 5},
	{protocol, "NestFactory", "NestFactory.create", nil, "http", source + 5},
	{protocol, "http.createServer", "createServer(", re(`\bhttps?\.createServer\(`), "http", source - 5},
	{protocol, "net.createServer", "net.createServer(", nil, "tcp", source - 15},
	{port, "listen", "listen(", re(`\blisten\(\s*(\d{2,5})\b`), "", source + 2},
	{port, "listen port", "port:", re(`listen\(\{[^}]*\bport:\s*(\d{2,5})`), "", source + 2},
	{port, "bindAsync", "bindAsync(", re("\\bbindAsync\\(\\s*['\"`][^'\"`]*:(\\d{2,5})['\"`]"), "", source + 2},
	{port, "default port", "ort", re(`\b(?:const|let|var)\s+(?:port|PORT|\w+Port)\s*=\s*(\d{2,5})\b`), "", source},
	{port, "default port", "PORT", re(`\b(?:const|let|var)\s+(?:\w+_)?PORT\s*=\s*['"]?(\d{2,5})\b`), "", source},
	{health, "grpc health", "grpc-health", re(`require\(['"]grpc-health-check['"]\)|from ['"]grpc-health-check['"]`), "grpc", source + 5},
	{health, "grpc health", "health", re(`\bhealth\w*(?:Proto|_proto)?\.Health\.service|grpc\.health\.v1`), "grpc", source + 5},
	{kind, "queue consumer", "consum", re(`\bconsumer\.run\(|channel\.consume\(|\.consumer\(\{`), "worker", source - 8},
	{kind, "queue worker", "Worker(", re(`new (?:Worker|Queue)\(\s*['"]`), "worker", source - 8},
	{kind, "cron", "cron.schedule(", nil, "worker", source - 8},
}

var nodeEnv = []envRule{
	{"process.env with default", "process.env", re("process\\.env(?:\\.|\\[['\"])([A-Z][A-Z0-9_]*)(?:['\"]\\])?\\s*(?:\\|\\||\\?\\?)\\s*['\"`]?([^'\"`;,)\\s]+)"), optional},
	{"process.env", "process.env", re(`process\.env(?:\.|\[['"])([A-Z][A-Z0-9_]*)\b(?:['"]\])?(?:\s*[^|?'"\s]|\s*$)`), ""},
	{"required by name", "nv(", re(`\b(?:require[dD]?_?[eE]nv|assertEnv)\(\s*['"]([A-Z][A-Z0-9_]+)['"]`), required},
	{"must", "must", re(`\bmust\w*\(\s*['"]([A-Z][A-Z0-9_]+)['"]`), required},
	{"joi", "oi.", re(`\b([A-Z][A-Z0-9_]+):\s*[jJ]oi\.[^,]*\.required\(`), required},
	{"joi with default", "oi.", re(`\b([A-Z][A-Z0-9_]+):\s*[jJ]oi\.[^,]*\.default\(\s*['"]?([^'")]*)`), optional},
	{"zod with default", "z.", re(`\b([A-Z][A-Z0-9_]+):\s*z\..*\.default\(\s*['"]?([^'")]*)`), optional},
	{"zod optional", "optional(", re(`\b([A-Z][A-Z0-9_]+):\s*z\..*\.optional\(`), optional},
	{"zod", "z.", re(`\b([A-Z][A-Z0-9_]+):\s*z\.(?:coerce\.)?\w+\([^)]*\)(?:\.(?:url|min|max|email|int|positive|nonempty)\([^)]*\))*,?\s*$`), required},
	{"envalid with default", "default", re(`\b([A-Z][A-Z0-9_]+):\s*(?:str|num|port|url|bool|host)\(\{[^}]*\bdefault:\s*['"]?([^'"},]*)`), optional},
	{"envalid", "(),", re(`\b([A-Z][A-Z0-9_]+):\s*(?:str|num|port|url|bool|host)\(\),`), required},
}

var nodeAssets = []rule{
	{asset, "proto", ".proto", re("['\"`]([\\w./-]+\\.proto)['\"`]"), "", source},
	{asset, "path.join", "__dirname", re(`path\.(?:join|resolve)\(__dirname,\s*['"]([^'"]+)['"]\)`), "", source},
	{asset, "express.static", "static(", re(`\bstatic\(\s*['"]([^'"]+)['"]`), "", source},
	{asset, "read file", "readFile", re(`\breadFile(?:Sync)?\(\s*['"]([^'"]+)['"]`), "", source},
	{asset, "require data", "require(", re(`\brequire\(['"]([\w./-]+\.json)['"]\)`), "", source},
	{asset, "views", "'views'", re(`set\(\s*'views',\s*'([^']+)'`), "", source},
}

func factsNode(u *unit) {
	p, f := u.manifest()
	u.packager()
	files := u.ending(".js", ".mjs", ".cjs", ".ts")
	u.apply(files, nodeRules)
	u.environment(files, nodeEnv)
	u.assets(files, nodeAssets)
	if p == nil || p.onScreen() {
		return
	}
	if name := serverLibrary(p); name != "" {
		value := map[string]string{"@nestjs/core": "nestjs", "@hapi/hapi": "hapi", "@grpc/grpc-js": "grpc"}[name]
		if value == "" {
			value = name
		}
		u.add(framework, f.key(name), value, "package.json dependency", source-5)
		if name == "next" || name == "nuxt" {
			u.add(protocol, f.key(name), "http", "package.json dependency", source)
			u.add(port, f.key(name), "3000", name+" by convention", convention)
		}
	}
	if p.Dependencies["fastify-cli"] != "" && fastifyStart.MatchString(p.Scripts["start"]) {
		at := f.key("start")
		u.add(protocol, at, "http", "fastify start", metadata)
		u.add(port, at, "3000", "fastify start by convention", convention)
	}
	u.followed(files, nodeListens, nodeDefault)
	u.nodeEntries(p, f, files)
}

var fastifyStart = re(`^fastify\s+start\b`)

var nodeCommand = re(`(?:^|&&\s*|\s)(?:node|tsx|ts-node|bun|nodemon)(?:\s+(?:-r|--(?:require|import|loader|env-file))\s+\S+|\s+-\S+)*\s+([\w./][\w./-]*)`)

// nodeEntries finds the file that is started: what "start:prod" or "start" runs,
// what "main" names when it is there, then files of the usual names that listen.
func (u *unit) nodeEntries(p *packageJSON, f *file, files []*file) {
	if s := p.Scripts["start"]; s != "" && (len(p.Workspaces) == 0 || nodeCommand.MatchString(s)) { // not one that starts a package below
		at := f.key("start")
		u.add(start, at, s, "package.json scripts.start", metadata)
		u.fromLine(at, s, "package.json scripts.start", metadata)
		if m := nodeCommand.FindStringSubmatch(s); m != nil {
			u.add(entry, at, path.Clean(m[1]), "package.json scripts.start", metadata+2)
		}
	}
	if m := nodeCommand.FindStringSubmatch(p.Scripts["start:prod"]); m != nil {
		u.add(entry, f.key("start:prod"), path.Clean(m[1]), "package.json scripts.start:prod", metadata+3)
	}
	if p.Main != "" {
		// A tool that is started in its stead loads it as a part.
		loaded := p.Scripts["start"] != "" && !nodeCommand.MatchString(p.Scripts["start"])
		if main := u.file(p.Main); main != nil && (!loaded || nodeServes.MatchString(main.text())) {
			u.add(entry, f.key("main"), path.Clean(p.Main), "package.json main", metadata-5)
		}
	}
	for _, s := range files {
		rel := u.rel(s)
		stem := strings.TrimSuffix(s.base(), path.Ext(s.base()))
		if usual := set("server", "app", "main", "index"); !usual[stem] || strings.Count(rel, "/") > 1 {
			continue
		}
		m, ok := s.find("", nodeServes)
		if !ok {
			continue
		}
		u.add(entry, m, rel, "a server in a usual file", source-penalty(rel)-5*strings.Count(rel, "/"))
	}
}

var nodeServes = re(`\.listen\(|bindAsync\(|NestFactory\.create`)

// packagers are the lock files, and what writes each.
var packagers = []struct{ file, name string }{
	{"pnpm-lock.yaml", "pnpm"}, {"yarn.lock", "yarn"}, {"bun.lock", "bun"}, {"bun.lockb", "bun"}, {"package-lock.json", "npm"}, {"npm-shrinkwrap.json", "npm"},
}

// packager tells npm from its peers by the lock file, here or at the top of a workspace.
func (u *unit) packager() {
	for dir, less := u.dir, 0; ; dir, less = path.Dir(dir), less+5 {
		for _, l := range packagers {
			if f := u.tree.file(dir, l.file); f != nil {
				u.add(build, match{file: f}, l.name, "lock file", metadata-less)
			}
		}
		if dir == "." || less > 15 {
			break
		}
	}
	if f := u.file("package.json"); f != nil {
		u.add(build, f.head(), "npm", "package.json without a lock file", hint)
	}
}
