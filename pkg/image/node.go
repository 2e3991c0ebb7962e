// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"path"
	"strings"
)

// nodes are the releases of Node.js that have an image; distroless has the first two.
var nodes = []release{{24, -1}, {22, -1}, {20, -1}, {18, -1}}

// nodeImages are the images of one release.
type nodeImages struct {
	major string
	// build has npm; run starts the file that is its argument, or has a shell too.
	build, run string
	distroless bool
}

func (r *recipe) nodeImages() (nodeImages, error) {
	text := r.s.Version.String()
	if strings.HasPrefix(text, "lts/") || text == "node" {
		text = "" // the newest one
	}
	v, known := pick(text, nodes...)
	if !known {
		return nodeImages{}, r.refuse("", "expected a release of Node.js that has an image (24, 22, 20, 18), found %s", text)
	}
	i := nodeImages{major: v.String(), build: "node:" + v.String() + "-trixie", distroless: true}
	i.run = "gcr.io/distroless/nodejs" + i.major + "-debian13:nonroot"
	if v.major < 22 {
		r.warn("Node.js "+i.major+" gets no fixes any more", "have engines.node of package.json ask for >=22")
		i.build, i.run, i.distroless = "node:"+i.major+"-bookworm", "node:"+i.major+"-bookworm-slim", false
	}
	if len(r.traits("native")) == 0 {
		i.build += "-slim" // without a C compiler
	}
	return i, nil
}

// node installs what runs, builds where there is something to build, and leaves
// the tools behind.
func node(r *recipe) error {
	images, err := r.nodeImages()
	if err != nil {
		return err
	}
	p, err := r.packager()
	if err != nil {
		return err
	}
	argv, err := r.nodeCommand(p)
	if err != nil {
		return err
	}
	if p.name == "bun" {
		images.build = "oven/bun:1-slim"
	}
	if p.runs {
		images.run = "oven/bun:1-distroless"
	}
	switch {
	case r.is("workspace"):
		err = r.nodeWorkspace(images, p)
	case r.s.Framework.String() == "next" && r.is("standalone"):
		argv = []string{"server.js"}
		r.nodeBuild(images, p)
		r.from(images.run, "")
		r.line("WORKDIR /app")
		r.line("COPY --from=build /app/.next/standalone ./")
		r.line("COPY --from=build /app/.next/static ./.next/static")
		if r.is("public") {
			r.line("COPY --from=build /app/public ./public")
		}
	case r.is("build-script"):
		r.nodeBuild(images, p, p.prune)
		r.from(images.run, "")
		r.line("WORKDIR /app")
		r.line("COPY --from=build /app ./")
	default:
		r.nodeDeps(images, p)
		r.from(images.run, "")
		r.line("WORKDIR /app")
		r.line("COPY --from=deps /app/node_modules ./node_modules")
		r.copy("./", ".")
	}
	if err != nil {
		return err
	}
	r.nodeEnv(images, p)
	r.leave("**/node_modules", "**/npm-debug.log*", "**/.npmrc", "**/*.test.*", "**/*.spec.*", "**/coverage", ".next", "dist")
	switch {
	case p.runs:
		r.start(append([]string{"bun"}, argv...)...)
	case images.distroless:
		r.command(argv...)
	default:
		r.start(append([]string{"node"}, argv...)...)
	}
	return nil
}

func (r *recipe) nodeEnv(images nodeImages, p packager) {
	pairs := []string{"NODE_ENV=production", "TMPDIR=/tmp"}
	if images.major == "24" && !p.runs {
		pairs = append(pairs, "NODE_OPTIONS=--max-old-space-size-percentage=75")
	}
	if r.s.Framework.String() == "next" {
		pairs = append(pairs, "HOSTNAME=0.0.0.0", "NEXT_TELEMETRY_DISABLED=1")
		if r.port() != "" {
			pairs = append(pairs, "PORT="+r.port())
		}
		r.warn("next writes optimised images to /app/.next/cache", "add /app/.next/cache to writablePaths of the service")
	}
	r.env(pairs...)
}

// nodeCommand is what the interpreter is given.
func (r *recipe) nodeCommand(p packager) ([]string, error) {
	framework := r.s.Framework.String()
	if framework == "next" || framework == "nuxt" {
		if r.is("workspace") {
			return nil, r.refuse("", "expected %s in a package of its own, found it in a workspace", framework)
		}
		if !r.is("build-script") {
			return nil, r.refuse(`"scripts": {"build": "`+framework+` build"} in package.json`, "expected a script that builds it, found none")
		}
	}
	switch framework {
	case "next":
		if r.is("standalone") {
			return nil, nil // its own server
		}
		r.warn("next runs from all of node_modules", "set output: 'standalone' in its configuration: the image becomes a fraction of it")
		return []string{"node_modules/next/dist/bin/next", "start"}, nil
	case "nuxt":
		return []string{".output/server/index.mjs"}, nil
	}
	entry := r.s.Entry.String()
	if entry == "" {
		return nil, r.refuse(`"scripts": {"start": "node server.js"} in package.json`, "expected a file that is started, found none")
	}
	if out, ok := r.trait("output"); ok && r.is("build-script") {
		return []string{out}, nil
	}
	if r.is("compiled") && !r.is("build-script") {
		return nil, r.refuse(`"scripts": {"build": "tsc"} in package.json`, "expected %s, or a script that builds it, found neither", entry)
	}
	if ext := path.Ext(entry); ext == ".ts" || ext == ".mts" {
		switch {
		case p.runs:
		case len(r.traits("runner")) > 0 && r.traits("runner")[len(r.traits("runner"))-1] == "tsx":
			return []string{"--import", "tsx", entry}, nil
		case strings.HasPrefix(r.s.Start.String(), "node "):
			// Node.js itself takes the types away.
		default:
			return nil, r.refuse(`"scripts": {"start": "node dist/`+strings.TrimSuffix(path.Base(entry), ext)+`.js"} in package.json, or outDir and rootDir in tsconfig.json`,
				"expected the file that %s is compiled to, found nothing that says it", entry)
		}
	}
	if strings.Contains(r.s.Start.String(), "&&") {
		r.warn("the start script does more than to start it", "do the rest in a job of its own, or write "+path.Join(r.s.Dir, "Dockerfile"))
	}
	if argv, ok := words(r.s.Start.String(), r.port()); ok && argv[0] == "node" && path.Clean(argv[len(argv)-1]) == path.Clean(entry) {
		return argv[1:], nil // with its options
	}
	return []string{entry}, nil
}
