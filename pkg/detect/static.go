// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

// static knows sites: pages as they are, and pages that a tool builds.
var static = detector{name: "static", Match: matchStatic, Facts: factsStatic}

// staticConfig are the files of site generators.
var staticConfig = set("hugo.toml", "hugo.yaml", "mkdocs.yml", "docusaurus.config.js", "docusaurus.config.ts", "_config.yml",
	"vite.config.js", "vite.config.ts", "vite.config.mjs", "vite.config.mts", "angular.json")

// builders are the tools that make pages, by their package.
var builders = []struct{ library, name string }{
	{"@docusaurus/core", "docusaurus"}, {"react-scripts", "create-react-app"}, {"@angular/core", "angular"}, {"@vue/cli-service", "vue-cli"},
	{"gatsby", "gatsby"}, {"astro", "astro"}, {"@11ty/eleventy", "eleventy"}, {"vite", "vite"}, {"parcel", "parcel"},
}

// builder is the tool of a package that builds pages, which may be installed for all
// packages of a workspace; the top of one builds none unless it has pages.
func (u *unit) builder(p *packageJSON) (name string, ok bool) {
	vite := u.anyFile("vite.config.js", "vite.config.ts", "vite.config.mjs", "vite.config.mts")
	if (len(p.Workspaces) > 0 || u.file("pnpm-workspace.yaml") != nil) && !vite && !u.anyFile("index.html", "public/index.html", "angular.json") {
		return "", false
	}
	for _, b := range builders {
		if p.Dependencies[b.library] != "" || p.DevDependencies[b.library] != "" {
			return b.library, true
		}
	}
	if vite && p.Scripts["build"] != "" && u.file("index.html") != nil {
		return "vite", true
	}
	return "", false
}

func matchStatic(u *unit) {
	p, f := u.manifest()
	if p != nil {
		if library, ok := u.builder(p); ok && serverLibrary(p) == "" {
			u.add(language, f.key(library), "static", "package.json dependency", metadata)
			u.add(title, f.key("name"), p.Name, "package.json name", metadata)
		}
		return
	}
	for name := range staticConfig {
		if c := u.file(name); c != nil && name != "_config.yml" {
			u.add(language, c.head(), "static", "site generator", metadata)
		}
	}
	for _, dir := range []string{"", "public"} {
		if page := u.file(dir, "index.html"); page != nil {
			u.add(language, page.head(), "static", "index.html", hint)
		}
	}
}

func factsStatic(u *unit) {
	e, ok := u.best(language)
	if !ok {
		return
	}
	at := match{file: u.tree.file(e.File), line: e.Line, quote: e.Quote}
	u.add(protocol, at, "http", "a site", e.Confidence-5)
	u.add(port, at, "8080", "static by convention", convention)
	if p, f := u.manifest(); p != nil {
		u.packager()
		if library, ok := u.builder(p); ok {
			for _, b := range builders {
				if b.library == library {
					u.add(framework, f.key(library), b.name, "package.json dependency", metadata)
				}
			}
		}
		if s := p.Scripts["build"]; s != "" {
			u.add(entry, f.key("build"), "npm run build", "package.json scripts.build", metadata)
		}
	}
	for _, name := range []string{"index.html", "public/index.html"} {
		if page := u.file(name); page != nil {
			u.add(entry, page.head(), name, "index.html", hint)
		}
	}
	for _, generator := range []struct{ file, name string }{
		{"hugo.toml", "hugo"}, {"hugo.yaml", "hugo"}, {"mkdocs.yml", "mkdocs"},
		{"docusaurus.config.js", "docusaurus"}, {"docusaurus.config.ts", "docusaurus"},
	} {
		if c := u.file(generator.file); c != nil {
			u.add(framework, c.head(), generator.name, "site generator", metadata+2)
			u.add(entry, c.head(), generator.file, "site generator", source)
		}
	}
}
