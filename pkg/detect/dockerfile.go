// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/dockerfile"
)

// instruction is one of a Dockerfile.
type instruction struct {
	dockerfile.Instruction
	file *file
}

// where is the line of an instruction on which a literal stands; its first line
// when the literal is spelled otherwise.
func (i instruction) where(literal string) match {
	line, _ := i.Place(literal)
	return i.file.at(line, literal)
}

// Bounds of what a Dockerfile is: more is there to keep somebody busy.
const (
	maxStages = 64
	maxWords  = 64
)

// stages reads a Dockerfile. Of very many stages it returns the last ones.
func stages(f *file) []dockerfile.Stage {
	out := dockerfile.Parse([]byte(f.text())).Stages()
	return out[max(0, len(out)-maxStages):]
}

// fromDockerfiles notes what the unit's Dockerfiles state.
func (s *scan) fromDockerfiles(u *unit) {
	for _, f := range u.nearest(isDockerfile) {
		if s.store(f) {
			continue
		}
		all := stages(f)
		if len(all) == 0 {
			continue
		}
		confidence := container - 5*strings.Count(u.rel(f), "/") - u.penalty(f)
		if f.base() != "Dockerfile" {
			confidence -= 2 // a variant, such as Dockerfile.dev
		}
		final := all[len(all)-1].Instructions[0]
		u.add(image, instruction{final, f}.where(""), u.rel(f), "dockerfile", confidence)
		u.spokenIn(f, all, confidence)
		lineage := dockerfile.Lineage(all)
		for _, stage := range lineage {
			u.fromStage(f, stage, confidence)
		}
		u.runsAs(f, lineage, confidence)
	}
}

func (u *unit) fromStage(f *file, stage dockerfile.Stage, confidence int) {
	var command, arguments *instruction
	for _, one := range stage.Instructions {
		i := instruction{one, f}
		switch i.Word {
		case "EXPOSE":
			words := strings.Fields(i.Text)
			for _, word := range words[:min(len(words), maxWords)] {
				number, proto, _ := strings.Cut(word, "/")
				if isPort(number) && !strings.EqualFold(proto, "udp") {
					u.add(port, i.where(word), number, "dockerfile EXPOSE", confidence-aside(i.where(word)))
				}
			}
		case "ENV":
			u.fromEnv(i, confidence)
		case "ENTRYPOINT":
			command = &i
		case "CMD":
			arguments = &i
		}
	}
	u.fromCommand(command, arguments, confidence)
}

// runsAs is the last USER: those before it are for a RUN.
func (u *unit) runsAs(f *file, lineage []dockerfile.Stage, confidence int) {
	for _, stage := range lineage {
		for _, one := range slices.Backward(stage.Instructions) {
			if i := (instruction{one, f}); i.Word == "USER" {
				u.add(user, i.where(i.Text), i.Text, "dockerfile USER", confidence)
				return
			}
		}
	}
}

// fromCommand puts ENTRYPOINT and CMD together, as a container would.
func (u *unit) fromCommand(command, arguments *instruction, confidence int) {
	var words []string
	var at match
	for _, i := range []*instruction{command, arguments} {
		if i == nil {
			continue
		}
		if at.file == nil {
			at = i.where(i.Text)
		}
		if exec, is := i.Exec(); is {
			words = append(words, exec...)
		} else {
			words = append(words, i.Text)
		}
	}
	if len(words) == 0 {
		return
	}
	line := strings.Join(words, " ")
	u.add(start, at, line, "dockerfile ENTRYPOINT, CMD", confidence)
	u.fromLine(at, line, "dockerfile command", confidence)
	for _, i := range []*instruction{command, arguments} {
		if i == nil || strings.HasPrefix(i.Text, "[") {
			continue // nothing expands variables in an exec form
		}
		for _, v := range expanded.FindAllStringSubmatch(i.Text, 16) {
			need := unknown
			if v[2] != "" {
				need = optional
			}
			u.variable(v[1], i.where(v[0]), "dockerfile command", need, v[3], confidence)
		}
	}
}

// expanded is a variable in a shell's command line, with its default.
var expanded = re(`\$\{?([A-Z][A-Z0-9_]*)(?:(:?-)([^}]*)\})?`)

func (u *unit) fromEnv(i instruction, confidence int) {
	pairs := i.Pairs()
	for _, p := range pairs[:min(len(pairs), maxWords)] {
		at := i.where(p.Literal)
		switch {
		case ownPort.MatchString(p.Name) || p.Name == "ASPNETCORE_HTTP_PORTS" || p.Name == "ASPNETCORE_URLS":
			if m := lastNumber.FindStringSubmatch(p.Value); m != nil && isPort(m[1]) {
				u.add(port, at, m[1], "dockerfile ENV "+p.Name, confidence-1)
			}
		case runtime.MatchString(p.Name):
			continue
		}
		u.variable(p.Name, at, "dockerfile ENV", optional, p.Value, confidence)
	}
}

var (
	lastNumber = re(`(\d+)/?$`)
	// runtime are variables of an interpreter, not of the program.
	runtime = re(`^(?:PYTHON|PIP_|NODE_OPTIONS|GO(?:PATH|FLAGS|TRACEBACK|OS|ARCH)$|CGO_|JAVA_|DOTNET_|ASPNETCORE_|BUNDLE_|GEM_|DEBIAN_|LC_|TZ$|NPM_|UV_|POETRY_|LD_)`)
)

// imageOf is the language of what a base image runs.
type imageOf struct {
	language string
	re       *pattern
}

// images tell the language by the base image's name.
var images = []imageOf{
	{"go", re(`(?:^|/)golang\b`)},
	{"python", re(`(?:^|/)python`)},
	{"node", re(`(?:^|/)(?:node|nodejs\d*|bun)\b`)},
	{"java", re(`(?:^|/)(?:eclipse-temurin|openjdk|amazoncorretto|maven|gradle|java\d*|open-liberty|tomcat)\b`)},
	{"dotnet", re(`dotnet/(?:aspnet|sdk|runtime)`)},
	{"rust", re(`(?:^|/)rust\b`)},
	{"php", re(`(?:^|/)(?:php|frankenphp|composer)\b`)},
	{"ruby", re(`(?:^|/)ruby\b`)},
	{"static", re(`(?:^|/)(?:nginx|nginx-unprivileged|caddy|httpd)\b`)},
}

// apache are images with a web server in them that listens where none says so.
var apache = re(`(?:^|/)php:[\w.-]*apache`)

// spokenIn tells the language by the last stage whose image has one: the final
// stage of a compiled language has none.
func (u *unit) spokenIn(f *file, all []dockerfile.Stage, confidence int) {
	for _, stage := range slices.Backward(all) {
		name, _, _ := strings.Cut(stage.Image, "@")
		for _, i := range images {
			if i.re.MatchString(name) {
				if i.language == "static" && !u.hasPages() {
					return // a proxy
				}
				at := instruction{stage.Instructions[0], f}.where(name)
				u.add(language, at, i.language, "dockerfile FROM", confidence)
				if apache.MatchString(name) {
					u.add(port, at, "80", "dockerfile FROM", hint)
					u.add(protocol, at, "http", "dockerfile FROM", source)
				}
				return
			}
		}
	}
}

// hasPages reports whether there is something for a web server to serve.
func (u *unit) hasPages() bool {
	return slices.ContainsFunc(u.files, func(f *file) bool {
		return path.Ext(f.path) == ".html" || f.base() == "package.json" || staticConfig[f.base()]
	})
}
