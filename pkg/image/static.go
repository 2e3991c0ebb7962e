// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"cmp"
	"path"
	"strings"
)

// pages are the folders that builders of pages write to, and whether one page
// answers for all paths.
var pages = map[string]struct {
	dir    string
	single bool
}{
	"vite": {"dist", true}, "vue-cli": {"dist", true}, "create-react-app": {"build", true}, "parcel": {"dist", true},
	// Its name is the project's, of which there is one.
	"angular": {"dist/*/browser", true},
	"astro":   {"dist", false}, "gatsby": {"public", false}, "docusaurus": {"build", false}, "eleventy": {"_site", false},
}

const nginx = "nginxinc/nginx-unprivileged:1-alpine"

// static serves pages, as they are or as a tool of Node.js makes them.
func static(r *recipe) error {
	framework := r.s.Framework.String()
	if framework == "" {
		return r.plainPages()
	}
	kind, known := pages[framework]
	if !known {
		return r.refuse("", "expected a builder of pages with a known image, found %s", framework)
	}
	if !r.is("build-script") {
		return r.refuse(`"scripts": {"build": "..."} in package.json`, "expected a script that builds the pages, found none")
	}
	if r.is("workspace") {
		return r.refuse("", "expected pages in a package of their own, found them in a workspace")
	}
	images, err := r.nodeImages()
	if err != nil {
		return err
	}
	p, err := r.packager()
	if err != nil {
		return err
	}
	if p.name == "bun" {
		images.build = "oven/bun:1-slim"
	}
	images.build = "--platform=$BUILDPLATFORM " + images.build // pages are the same everywhere
	r.nodeBuild(images, p)
	r.serve("/app/"+kind.dir+"/", kind.single)
	r.leave("**/node_modules", "**/npm-debug.log*", "**/.npmrc", "**/*.test.*", "**/*.spec.*", "**/coverage", kind.dir)
	return nil
}

// plainPages compresses pages once, instead of for every request.
func (r *recipe) plainPages() error {
	root := path.Dir(r.s.Entry.String())
	if r.s.Entry.Value == nil {
		return r.refuse("", "expected an index.html, found none")
	}
	r.native("busybox:1.37", "site")
	r.line("WORKDIR /site")
	r.copy("./", root)
	r.run(nil, `find . -type f '(' -name '*.html' -o -name '*.css' -o -name '*.js' -o -name '*.svg' ')' -exec gzip -9 -k -f '{}' +`)
	r.serve("/site/", false)
	return nil
}

// serve ends the file with a web server for the pages of a stage.
func (r *recipe) serve(from string, single bool) {
	stage, fallback := "site", "=404"
	if single {
		fallback = "/index.html"
	}
	if strings.HasPrefix(from, "/app/") {
		stage = "build"
	}
	r.from(nginx, "")
	r.line("WORKDIR /usr/share/nginx/html")
	r.line("COPY <<'EOF' /etc/nginx/conf.d/default.conf")
	r.line("server {\n  listen %s;\n  root /usr/share/nginx/html;\n  server_tokens off;\n  gzip_static on;", cmp.Or(r.port(), "8080"))
	r.line("  location = /healthz {\n    access_log off;\n    return 200;\n  }\n  location / {\n    try_files $uri $uri/ %s;\n  }\n}\nEOF", fallback)
	r.line("COPY --from=%s %s ./", stage, from)
	r.env("TMPDIR=/tmp")
	r.start("nginx", "-g", "daemon off;")
}
