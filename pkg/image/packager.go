// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"path"
	"strings"
)

// packager is what installs the packages of Node.js.
type packager struct {
	name string
	// files are copied before the sources, from the folder of the lock file.
	files []string
	cache string
	// setup makes the tool, if the image has it not.
	setup string
	// all installs everything, runtime only what runs; prune takes the rest away.
	all, runtime, prune string
	// script builds.
	script string
	// unlocked says that there is no lock file.
	unlocked bool
	// runs says that the tool runs the program too, instead of Node.js.
	runs bool
}

// packager knows the tool by the lock file and by what package.json asks for.
func (r *recipe) packager() (packager, error) {
	p := packager{name: r.s.Build.String()}
	asked, _ := r.trait("package-manager")
	corepack := ""
	if strings.HasPrefix(asked, p.name+"@") {
		corepack = "corepack enable"
	}
	if p.name == "" {
		p.name = "npm"
	}
	switch p.name {
	case "pnpm":
		p.cache, p.setup = "/root/.local/share/pnpm/store", corepack
		if corepack == "" {
			p.setup = "npm install --global pnpm@" + r.pnpmRelease()
		}
		p.all, p.runtime = "pnpm install --frozen-lockfile", "pnpm install --frozen-lockfile --prod"
		p.prune, p.script = "CI=true pnpm prune --prod", "pnpm run build"
	case "yarn":
		p.cache, p.script = "/usr/local/share/.cache/yarn", "yarn run build"
		p.all, p.runtime = "yarn install --frozen-lockfile", "yarn install --frozen-lockfile --production"
		p.prune = p.runtime
		if r.has(".yarnrc.yml") || corepack != "" && !strings.HasPrefix(asked, "yarn@1") {
			if corepack == "" {
				return p, r.refuse(`"packageManager": "yarn@4.9.2" in package.json`, "expected the release of yarn in package.json, found none")
			}
			if !r.is("node-linker") {
				return p, r.refuse("nodeLinker: node-modules in .yarnrc.yml", "expected packages in node_modules, found yarn's own layout")
			}
			p.setup, p.cache = corepack, "/root/.yarn/berry/cache"
			p.all, p.runtime = "yarn install --immutable", "yarn workspaces focus --all --production"
			p.prune = p.runtime
		}
	case "bun":
		p.cache, p.script = "/root/.bun/install/cache", "bun run build"
		p.all, p.runtime = "bun install --frozen-lockfile", "bun install --frozen-lockfile --production"
		p.prune = "rm -rf node_modules && " + p.runtime
		ext := path.Ext(r.s.Entry.String())
		p.runs = strings.HasPrefix(r.s.Start.String(), "bun ") || ext == ".ts" || ext == ".mts"
	default:
		p.cache, p.all, p.runtime = "/root/.npm", "npm ci", "npm ci --omit=dev"
		p.prune, p.script = "npm prune --omit=dev", "npm run build"
	}
	r.nodeLock(&p)
	return p, nil
}

// nodeLock finds the files that installing reads. Without a lock file it installs
// what there is on that day.
func (r *recipe) nodeLock(p *packager) {
	p.files = r.among(".", "package.json", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", "yarn.lock", ".yarnrc.yml", "bun.lock", "bun.lockb")
	for _, f := range p.files {
		if base := path.Base(f); base != "package.json" && base != ".yarnrc.yml" && base != "pnpm-workspace.yaml" {
			return
		}
	}
	p.all, p.runtime, p.unlocked = "npm install", "npm install --omit=dev", true
	r.warn("no lock file: every build installs what is newest", "npm install, and commit package-lock.json")
}

// pnpmRelease is one that reads the lock file.
func (r *recipe) pnpmRelease() string {
	if v, _ := r.trait("lock-version"); v == "6" {
		return "8"
	}
	return "10"
}

// nodeMounts are those of an installation. Settings with tokens are there for its
// time only, when the build is given them.
func (r *recipe) nodeMounts(p packager) []string {
	mounts := cache(p.cache)
	if r.has(".npmrc") {
		mounts = append(mounts, "type=secret,id=npmrc,target=/app/.npmrc")
		r.warn(".npmrc may hold tokens, and is not copied", "docker build --secret id=npmrc,src=.npmrc")
	}
	return mounts
}

func (r *recipe) unlocked(p packager) {
	if p.unlocked {
		r.line(noLock)
	}
}

// noLock is the comment above what installs without a lock file.
const noLock = "# There is no lock file: this installs what is newest on that day."

func (r *recipe) nodeSetup(p packager) {
	if p.setup != "" {
		r.run(nil, p.setup)
	}
}

func (r *recipe) nodeDeps(images nodeImages, p packager) {
	r.from(images.build, "deps")
	r.line("WORKDIR /app")
	r.nodeSetup(p)
	r.copy("./", p.files...)
	r.unlocked(p)
	commands := []string{p.runtime}
	if r.is("alone") {
		commands = append(commands, "mkdir -p node_modules") // which is not made for nothing
	}
	r.run(r.nodeMounts(p), commands...)
}

// nodeBuild installs everything and builds; then come the last commands.
func (r *recipe) nodeBuild(images nodeImages, p packager, last ...string) {
	r.from(images.build, "build")
	r.line("WORKDIR /app")
	r.nodeSetup(p)
	r.copy("./", p.files...)
	mounts := r.nodeMounts(p)
	r.unlocked(p)
	r.run(mounts, p.all)
	r.copy("./", ".")
	r.run(mounts, append([]string{p.script}, last...)...)
}

// nodeWorkspace builds one package among others, with those it needs.
func (r *recipe) nodeWorkspace(images nodeImages, p packager) error {
	name, named := r.trait("package")
	r.from(images.build, "build")
	r.line("WORKDIR /app")
	r.nodeSetup(p)
	switch p.name {
	case "pnpm":
		if !named {
			return r.refuse("give it a name in its package.json", "expected a name of the package in the workspace, found none")
		}
		r.copy("./", p.files...)
		r.run(r.nodeMounts(p), "pnpm fetch")
		r.copy("./", ".")
		commands := []string{"pnpm install --frozen-lockfile --offline"}
		if r.is("build-script") {
			commands = append(commands, "pnpm --filter '"+name+"...' run --if-present build")
		}
		legacy := " --legacy"
		if asked, _ := r.trait("package-manager"); strings.HasPrefix(asked, "pnpm@8") || strings.HasPrefix(asked, "pnpm@9") || r.pnpmRelease() == "8" {
			legacy = "" // what older releases do anyhow
		}
		commands = append(commands, "pnpm --filter '"+name+"' deploy --prod"+legacy+" /out")
		if dist := r.nodeOutputDir(); dist != "" {
			// deploy leaves out what .gitignore names, as packing does
			commands = append(commands, "cp -a "+path.Join(r.dir(), dist)+" /out/")
		}
		r.run(cache(p.cache), commands...)
		r.from(images.run, "")
		r.line("WORKDIR /app")
		r.line("COPY --from=build /out ./")
	case "npm":
		r.copy("./", ".")
		r.unlocked(p)
		commands := []string{p.all}
		if r.is("build-script") {
			commands = append(commands, "npm run build --workspaces --if-present")
		}
		r.run(r.nodeMounts(p), append(commands, p.prune)...)
		r.from(images.run, "")
		r.line("WORKDIR /app")
		r.line("COPY --from=build /app ./")
		r.line("WORKDIR %s", path.Join("/app", r.dir()))
	default:
		return r.refuse("", "expected a workspace of pnpm or npm, found one of %s", p.name)
	}
	return nil
}

// nodeOutputDir is the folder that is built, which is not in the tree.
func (r *recipe) nodeOutputDir() string {
	entry := r.s.Entry.String()
	if out, ok := r.trait("output"); ok {
		entry = out
	} else if !r.is("compiled") {
		return ""
	}
	dir, _, inside := strings.Cut(entry, "/")
	if !inside {
		return ""
	}
	return dir
}
