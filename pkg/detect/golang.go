// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// golang knows Go by go.mod, and by a main function within a module above.
var golang = detector{name: "go", Match: matchGo, Facts: factsGo}

var goModule = re(`^module\s+(\S+)`)

func matchGo(u *unit) {
	if f := u.file("go.mod"); f != nil {
		if m, ok := f.find("module", goModule); ok {
			u.add(language, m, "go", "go.mod", metadata)
			u.add(title, m, path.Base(strings.Trim(m.group(1), `"`)), "go.mod module", metadata)
		}
		return
	}
	if root := moduleOf(u.tree, u.dir); root != "" {
		for _, f := range u.ending(".go") {
			if m, ok := f.find("func main()", goMain); ok {
				u.add(language, m, "go", "main function", metadata)
				return
			}
		}
	}
}

var goRules = []rule{
	{framework, "gin", "gin.", re(`\bgin\.(?:Default|New)\(`), "gin", source + 5},
	{framework, "echo", "echo.New", re(`\becho\.New\(`), "echo", source + 5},
	{framework, "chi", "chi.New", re(`\bchi\.New(?:Router|Mux)\(`), "chi", source + 5},
	{framework, "fiber", "fiber.New", re(`\bfiber\.New\(`), "fiber", source + 5},
	{framework, "gorilla/mux", "mux.NewRouter", re(`\bmux\.NewRouter\(`), "gorilla/mux", source + 5},
	{framework, "grpc server", "grpc.NewServer", re(`\bgrpc\.NewServer\(`), "grpc", source + 8},
	{framework, "net/http", "ListenAndServe", re(`\bListenAndServe(?:TLS)?\(`), "net/http", source - 5},
	{framework, "net/http server", "http.Server{", nil, "net/http", source - 5},
	{protocol, "grpc server", "grpc.NewServer", re(`\bgrpc\.NewServer\(`), "grpc", source + 8},
	{protocol, "http server", "ListenAndServe", re(`\bListenAndServe(?:TLS)?\(`), "http", source},
	{protocol, "http server", "http.Server{", nil, "http", source},
	{protocol, "http server", "http.Serve(", nil, "http", source},
	{protocol, "gin run", "gin.", re(`\bgin\.(?:Default|New)\(`), "http", source + 5},
	{protocol, "echo", "echo.New", re(`\becho\.New\(`), "http", source + 5},
	{protocol, "router", "New", re(`\bchi\.New(?:Router|Mux)\(|\bmux\.NewRouter\(`), "http", source - 3},
	{protocol, "fiber", "fiber.New", re(`\bfiber\.New\(`), "http", source + 5},
	{protocol, "tcp listener", "net.Listen", re(`\bnet\.Listen\("tcp`), "tcp", source - 15},
	{port, "listen address", "isten", re(`(?:ListenAndServe(?:TLS)?|[lL]isten(?:Packet)?)\((?:"tcp[46]?",\s*)?"[\w.\[\]:]*:(\d{2,5})"`), "", source + 2},
	{port, "run address", ".Run(", re(`\.Run\("[\w.]*:(\d{2,5})"`), "", source + 2},
	{port, "start address", ".Start(", re(`\.Start\("[\w.]*:(\d{2,5})"`), "", source + 2},
	{port, "listen address", ".Listen(", re(`\.Listen\("[\w.]*:(\d{2,5})"`), "", source + 2},
	{health, "grpc health", "RegisterHealthServer", re(`\bRegisterHealthServer\(`), "grpc", source + 5},
	{kind, "cron library", "cron.New", re(`\bcron\.New\(`), "worker", source - 5},
	{kind, "queue consumer", "Consume", re(`\.(?:Consume|ConsumePartition|ReadMessage|FetchMessage)\(`), "worker", source - 8},
}

// goPorts are where a program that listens keeps its port; in one that does not, they
// are the port of somebody who is called.
var goPorts = []rule{
	{port, "address", "ddr", re(`\b(?:\w*[aA]ddr(?:ess)?)\s*(?:string\s*)?(?::=|=|:)\s*"(?:0\.0\.0\.0|\[::\])?:(\d{2,5})"`), "", source},
	{port, "address flag", ".String", re(`\.StringP?\("[\w.-]*(?:addr|listen|bind|port)[\w.-]*",\s*(?:"\w?",\s*)?"(?:0\.0\.0\.0)?:?(\d{2,5})"`), "", source + 1},
	{port, "port flag", ".Int", re(`\.IntP?\("(?:http-?|server-?|listen-?)?port",\s*(?:"\w?",\s*)?(\d{2,5})`), "", source + 1},
	{port, "port of another flag", ".Int", re(`\.IntP?\("[\w.-]+-port",\s*(?:"\w?",\s*)?(\d{2,5})`), "", source - 14},
	{port, "default port", "ort", re(`\b(?:\w*[pP]ort|PORT)\s*(?:string\s*|int\s*)?(?::=|=)\s*"?:?(\d{2,5})"?\s*$`), "", source},
}

var goEnv = []envRule{
	{"must", "ust", re(`\b\w*[mM]ust\w*\((?:[^()]*,\s*)?"([A-Z][A-Z0-9_]+)"`), required},
	{"get with default", "nv", re(`\b(?i:get_?env\w*|env_?or\w*|env(?:String|Int|Bool|Default)|lookup_?env_?or\w*)\((?:ctx,\s*)?"([A-Z][A-Z0-9_]+)",\s*"?([^")]*)"?\)`), optional},
	{"os.Getenv", "os.Getenv", re(`\bos\.Getenv\("([A-Z][A-Z0-9_]*)"\)`), ""},
	{"os.LookupEnv", "os.LookupEnv", re(`\bos\.LookupEnv\("([A-Z][A-Z0-9_]*)"\)`), ""},
	{"env tag", "env:\"", re("\\benv:\"([A-Z][A-Z0-9_]+)(?:,required|,notEmpty)+\""), required},
	{"env tag with a default in it", "default=", re("\\benv:\"([A-Z][A-Z0-9_]+),\\s*default=([^\",]*)"), optional},
	{"env tag with default", "envDefault:", re("\\benv:\"([A-Z][A-Z0-9_]+)\"[^`]*envDefault:\"([^\"]*)\""), optional},
	{"envconfig tag", "required:\"true\"", re("\\benvconfig:\"([A-Z][A-Z0-9_]+)\"[^`]*required:\"true\""), required},
	{"envconfig tag with default", "default:", re("\\benvconfig:\"([A-Z][A-Z0-9_]+)\"[^`]*default:\"([^\"]*)\""), optional},
}

var goAssets = []rule{
	{asset, "templates", "Parse", re(`\bParse(?:Glob|Files)\("([^"*]+)`), "", source},
	{asset, "http.Dir", "http.Dir", re(`\bhttp\.Dir\("([^"]+)"`), "", source},
	{asset, "read file", "os.", re(`\b(?:os|ioutil)\.(?:ReadFile|Open|ReadDir|DirFS)\("([^"]+)"`), "", source},
	{asset, "read file", "ioutil.ReadFile", re(`\bioutil\.ReadFile\("([^"]+)"`), "", source},
	{asset, "serve file", "ServeFile", re(`\bServeFile\([^"]*"([^"]+)"`), "", source},
	{asset, "static files", ".Static", re(`\.Static\("[^"]*",\s*"([^"]+)"`), "", source},
}

func factsGo(u *unit) {
	files := u.ending(".go")
	u.apply(files, goRules)
	shared := u.imported(files)
	if slices.ContainsFunc(slices.Concat(files, shared), (*file).serves) {
		u.apply(files, goPorts)
	}
	u.environment(files, goEnv)
	u.environment(shared, goEnv)
	u.assets(files, goAssets)
	if root := moduleOf(u.tree, u.dir); root != "" {
		u.context = root
		u.add(build, u.tree.file(root, "go.mod").head(), "go", "go.mod", metadata)
	}
	u.goEntries(files)
}

// maxImported bounds the packages that one program is searched in besides its own.
const maxImported = 128

// imported are the files of packages of the same module that the unit's files
// import, directly or not, from outside of the unit: an environment is often read
// in a package that several programs share.
func (u *unit) imported(files []*file) []*file {
	root := moduleOf(u.tree, u.dir)
	if root == "" {
		return nil
	}
	m, ok := u.tree.file(root, "go.mod").find("module", goModule)
	if !ok {
		return nil
	}
	module := strings.Trim(m.group(1), `"`)
	ours := re(`"` + regexp.QuoteMeta(module) + `/([\w./-]+)"`)
	var out []*file
	seen := map[string]bool{}
	for queue := files; len(queue) > 0; queue = queue[1:] {
		f := queue[0]
		if !u.tree.afford(len(f.text())) {
			return out
		}
		f.grep(`"`+module+`/`, ours, func(m match) {
			dir := path.Join(root, m.group(1))
			if seen[dir] || within(u.dir, dir) || len(seen) == maxImported {
				return
			}
			seen[dir] = true
			for _, shared := range u.tree.sourcesIn(dir) {
				out, queue = append(out, shared), append(queue, shared)
			}
		})
	}
	return out
}

// listens are what a program that serves says.
var listens = re(`ListenAndServe|net\.Listen\(|\.Serve\(|\b(?:r|e|g|s|svc|service|app|router|engine|server|srv)\.(?:Run|Start|Listen)\(\S`)

// goEntries finds the main packages. The folder that is named after the unit
// wins, then the top; a package whose files listen counts more than one whose
// do not, and one that is a tool by its name less.
func (u *unit) goEntries(files []*file) {
	var mains []match
	serving := map[string]bool{}
	for _, f := range files {
		if m, ok := f.find("func main()", goMain); ok {
			mains = append(mains, m)
			serving[f.dir()] = false
		}
	}
	for _, f := range files {
		if done, main := serving[f.dir()]; main && !done {
			serving[f.dir()] = f.serves()
		}
	}
	for _, m := range mains {
		f := m.file
		dir := below(u.dir, f.dir())
		value, confidence := "./"+dir, source
		switch {
		case dir == ".":
			value, confidence = ".", source+2
		case stem(path.Base(dir)) == stem(u.guess()):
			confidence = source + 8
		}
		if strings.Contains(f.text(), "//go:build ignore") || goTool.MatchString(dir) {
			confidence -= decoyed
		}
		if serving[f.dir()] {
			confidence += 4
		} else if aids.MatchString(f.dir()) {
			continue
		}
		u.add(entry, m, value, "main package", confidence-penalty(dir))
	}
}

var goTool = re(`(?:^|/)(?:tools?|hack|scripts?|gen\w*|mocks?|loadtest|bench|cli|ctl)(?:/|$)`)

// aids are folders of what is run by who works on the sources.
var aids = re(`(?:^|/)(?:tools?|hack|scripts?)(?:/|$)`)

// guess is what the unit will probably be called, before units have names.
func (u *unit) guess() string {
	if e, ok := u.best(title); ok {
		return e.Value
	}
	return path.Base(u.dir)
}
