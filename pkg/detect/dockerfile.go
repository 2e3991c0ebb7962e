// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
)

// instruction is one of a Dockerfile, put together from its lines.
type instruction struct {
	word, rest string
	file       *file
	// from and to are its lines.
	from, to int
}

// where is the line of an instruction on which a literal stands; its first line
// when the literal is spelled otherwise.
func (i instruction) where(literal string) match {
	for n := i.from; n <= i.to && literal != ""; n++ {
		if strings.Contains(i.file.line(n), literal) {
			return i.file.at(n, literal)
		}
	}
	return i.file.at(i.from, "")
}

var dockerWord = regexp.MustCompile(`^\s*([A-Za-z]+)\s+(.*)$`)

// instructions reads a Dockerfile: continued lines, comments between them, and
// the bodies of here-documents left out.
func instructions(f *file) []instruction {
	var out []instruction
	var open *instruction
	until := ""
	for n := 1; n <= f.lines(); n++ {
		line := f.line(n)
		trimmed := strings.TrimSpace(line)
		if until != "" {
			if trimmed == until {
				until = ""
			}
			continue
		}
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		more := strings.HasSuffix(trimmed, `\`)
		text := strings.TrimSuffix(trimmed, `\`)
		if open == nil {
			m := dockerWord.FindStringSubmatch(text)
			if m == nil {
				continue
			}
			out = append(out, instruction{word: strings.ToUpper(m[1]), rest: m[2], file: f, from: n, to: n})
			open = &out[len(out)-1]
		} else {
			if len(open.rest) < maxInstruction {
				open.rest += " " + text
			}
			open.to = n
		}
		if h := heredoc.FindStringSubmatch(text); h != nil && (open.word == "RUN" || open.word == "COPY") {
			until = h[1]
		}
		if !more {
			open = nil
		}
	}
	return out
}

var heredoc = regexp.MustCompile(`<<-?["']?(\w+)["']?`)

// Bounds of what a Dockerfile is: more is there to keep somebody busy.
const (
	maxInstruction = 16 << 10
	maxStages      = 64
	maxWords       = 64
)

// stages splits instructions at FROM; each stage begins with its FROM. Of very
// many it returns the last ones.
func stages(all []instruction) [][]instruction {
	var out [][]instruction
	for _, i := range all {
		if i.word == "FROM" {
			out = append(out, nil)
		}
		if len(out) > 0 {
			out[len(out)-1] = append(out[len(out)-1], i)
		}
	}
	return out[max(0, len(out)-maxStages):]
}

// base is the image, and the name of the stage, of a FROM.
func (i instruction) base() (image, name string) {
	words := strings.Fields(i.rest)
	for len(words) > 0 && strings.HasPrefix(words[0], "--") {
		words = words[1:]
	}
	if len(words) == 0 {
		return "", ""
	}
	if len(words) >= 3 && strings.EqualFold(words[1], "as") {
		name = words[2]
	}
	return words[0], name
}

// fromDockerfiles notes what the unit's Dockerfiles state.
func (s *scan) fromDockerfiles(u *unit) {
	for _, f := range u.nearest(isDockerfile) {
		if s.store(f) {
			continue
		}
		all := stages(instructions(f))
		if len(all) == 0 {
			continue
		}
		confidence := container - 5*strings.Count(u.rel(f), "/") - u.penalty(f)
		if f.base() != "Dockerfile" {
			confidence -= 2 // a variant, such as Dockerfile.dev
		}
		final := all[len(all)-1]
		u.add(image, final[0].where(""), u.rel(f), "dockerfile", confidence)
		u.spokenIn(all, confidence)
		for _, stage := range inherited(all) {
			u.fromStage(stage, confidence)
		}
	}
}

// inherited are the final stage and those it is built FROM, the final one first.
func inherited(all [][]instruction) [][]instruction {
	out := [][]instruction{all[len(all)-1]}
	for range all {
		base, _ := out[len(out)-1][0].base()
		i := slices.IndexFunc(all, func(stage []instruction) bool {
			_, name := stage[0].base()
			return name != "" && strings.EqualFold(name, base)
		})
		if i < 0 || slices.ContainsFunc(out, func(s []instruction) bool { return s[0].from == all[i][0].from }) {
			return out
		}
		out = append(out, all[i])
	}
	return out
}

func (u *unit) fromStage(stage []instruction, confidence int) {
	var command, arguments *instruction
	for n, i := range stage {
		switch i.word {
		case "EXPOSE":
			words := strings.Fields(i.rest)
			for _, word := range words[:min(len(words), maxWords)] {
				number, proto, _ := strings.Cut(word, "/")
				if isPort(number) && !strings.EqualFold(proto, "udp") {
					u.add(port, i.where(word), number, "dockerfile EXPOSE", confidence-aside(i.where(word)))
				}
			}
		case "ENV":
			u.fromEnv(i, confidence)
		case "USER":
			u.add(user, i.where(i.rest), i.rest, "dockerfile USER", confidence)
		case "ENTRYPOINT":
			command = &stage[n]
		case "CMD":
			arguments = &stage[n]
		}
	}
	u.fromCommand(command, arguments, confidence)
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
			at = i.where(i.rest)
		}
		words = append(words, argv(i.rest)...)
	}
	if len(words) == 0 {
		return
	}
	line := strings.Join(words, " ")
	u.add(start, at, line, "dockerfile ENTRYPOINT, CMD", confidence)
	u.fromLine(at, line, "dockerfile command", confidence)
	for _, i := range []*instruction{command, arguments} {
		if i == nil || strings.HasPrefix(strings.TrimSpace(i.rest), "[") {
			continue // nothing expands variables in an exec form
		}
		for _, v := range expanded.FindAllStringSubmatch(i.rest, 16) {
			need := unknown
			if v[2] != "" {
				need = optional
			}
			u.variable(v[1], i.where(v[0]), "dockerfile command", need, v[3], confidence)
		}
	}
}

// expanded is a variable in a shell's command line, with its default.
var expanded = regexp.MustCompile(`\$\{?([A-Z][A-Z0-9_]*)(?:(:?-)([^}]*)\})?`)

// argv is the words of an exec form, or a shell form as it stands.
func argv(s string) []string {
	var words []string
	if json.Unmarshal([]byte(s), &words) == nil {
		return words
	}
	return []string{strings.TrimSpace(s)}
}

var assignment = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_]*)=("[^"]*"|'[^']*'|[^\s]*)`)

func (u *unit) fromEnv(i instruction, confidence int) {
	pairs := assignment.FindAllStringSubmatch(i.rest, 64)
	if pairs == nil { // the old form, ENV NAME value
		name, value, _ := strings.Cut(i.rest, " ")
		pairs = [][]string{{i.rest, name, value}}
	}
	for _, p := range pairs {
		name, value := p[1], strings.Trim(strings.TrimSpace(p[2]), `"'`)
		at := i.where(p[0])
		switch {
		case ownPort.MatchString(name) || name == "ASPNETCORE_HTTP_PORTS" || name == "ASPNETCORE_URLS":
			if m := lastNumber.FindStringSubmatch(value); m != nil && isPort(m[1]) {
				u.add(port, at, m[1], "dockerfile ENV "+name, confidence-1)
			}
		case runtime.MatchString(name):
			continue
		}
		u.variable(name, at, "dockerfile ENV", optional, value, confidence)
	}
}

var (
	lastNumber = regexp.MustCompile(`(\d+)/?$`)
	// runtime are variables of an interpreter, not of the program.
	runtime = regexp.MustCompile(`^(?:PYTHON|PIP_|NODE_OPTIONS|GO(?:PATH|FLAGS|TRACEBACK|OS|ARCH)$|CGO_|JAVA_|DOTNET_|ASPNETCORE_|BUNDLE_|GEM_|DEBIAN_|LC_|TZ$|NPM_|UV_|POETRY_|LD_)`)
)

// images tell the language by the base image's name.
var images = []struct {
	language string
	re       *regexp.Regexp
}{
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

// spokenIn tells the language by the last stage whose image has one: the final
// stage of a compiled language has none.
func (u *unit) spokenIn(all [][]instruction, confidence int) {
	for _, stage := range slices.Backward(all) {
		name, _ := stage[0].base()
		name, _, _ = strings.Cut(name, "@")
		for _, i := range images {
			if i.re.MatchString(name) {
				if i.language == "static" && !u.hasPages() {
					return // a proxy
				}
				u.add(language, stage[0].where(name), i.language, "dockerfile FROM", confidence)
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
