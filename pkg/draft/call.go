// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/redact"
)

func named(name string) func(*yaml.Node) bool {
	return func(n *yaml.Node) bool { return n.Value == name }
}

// callee is the name and the port of what is called; ok is false where there is
// nothing to be called on.
func (w *writer) callee(to string) (name string, ok bool) {
	if i := slices.IndexFunc(w.Services, func(s api.DetectedService) bool { return s.Name == to }); i >= 0 {
		return to, w.Services[i].Port.Value != nil
	}
	i := slices.IndexFunc(w.Backing, func(b api.DetectedBacking) bool { return b.Name == to })
	return w.names[to], i >= 0 && w.Backing[i].Port > 0
}

// addressOf reports whether a variable is that of a call, which dependsOn sets.
func (o *one) addressOf(name string) bool {
	return slices.ContainsFunc(o.Calls, func(c api.DetectedCall) bool {
		_, ok := o.callee(c.To)
		return ok && c.Env == name && !redact.Name(name)
	})
}

// calls drafts what this service depends on.
func (o *one) calls() {
	var out []*node
	told := map[string]bool{}
	for _, e := range o.Env {
		told[e.Name] = !o.addressOf(e.Name)
	}
	for _, c := range o.Calls {
		name, ok := o.callee(c.To)
		variable := c.Env
		if variable == "" || redact.Name(variable) {
			variable = defaultEnv(name)
		}
		switch {
		case !ok:
			o.above("calls "+c.To+", whose port is not known", c.Evidence...)
			continue
		case told[variable]:
			o.above("calls "+c.To+", and has "+variable+" for something else", c.Evidence...)
			continue
		}
		told[variable] = true
		o.more(c)
		service := text(name)
		service.LineComment = comment(place(c.Evidence))
		one := mapping().add("service", service)
		if variable == c.Env {
			one.add("env", text(variable))
		}
		if format := o.format(c); format != "url" {
			one.add("format", text(format))
		}
		out = append(out, one)
	}
	if len(out) > 0 {
		o.out.add("dependsOn", list(out...))
	}
}

// around is what a URL has besides scheme, host and port: a user, a path, a query.
var around = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://([^/?#]*@|[^/?#]+(/.|\?))`)

// more says what a variable holds that dependsOn cannot give it.
func (o *one) more(c api.DetectedCall) {
	for _, e := range o.Env {
		if e.Name == c.Env && e.Default != nil && around.MatchString(*e.Default) {
			o.above(e.Name + " was " + *e.Default + ": it will have scheme, host and port only, " + place(e.Evidence))
		}
	}
}

// defaultEnv is the variable that a dependency sets when it names none.
func defaultEnv(service string) string {
	return strings.ToUpper(strings.ReplaceAll(service, "-", "_")) + "_URL"
}

var (
	withScheme = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://`)
	hostPort   = regexp.MustCompile(`^[\w.-]+:\d+$`)
	hostOnly   = regexp.MustCompile(`^[\w.-]+$`)
)

// format is what the variable of a call holds: by the default that the program
// has, or else by its name.
func (o *one) format(c api.DetectedCall) string {
	for _, e := range o.Env {
		if e.Name != c.Env || e.Default == nil {
			continue
		}
		switch value := *e.Default; {
		case withScheme.MatchString(value):
			return "url"
		case hostPort.MatchString(value):
			return "hostport"
		case hostOnly.MatchString(value):
			return "host"
		}
	}
	switch name := c.Env; {
	case strings.HasSuffix(name, "_HOST"), strings.HasSuffix(name, "_HOSTNAME"):
		return "host"
	case strings.HasSuffix(name, "_ADDR"), strings.HasSuffix(name, "_ADDRESS"), strings.HasSuffix(name, "_TARGET"):
		return "hostport"
	}
	return "url"
}
