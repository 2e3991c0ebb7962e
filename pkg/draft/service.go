// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/redact"
)

// one is a service in the making.
type one struct {
	*writer
	api.DetectedService
	out *node
	// undecided are the lines above it.
	undecided []string
}

// service drafts a service; undecided is what to say above it.
func (w *writer) service(s api.DetectedService) (n *node, undecided []string) {
	o := &one{writer: w, DetectedService: s, out: mapping()}
	o.ties()
	if s.Kind.String() == "worker" {
		o.fact("kind", "worker", s.Kind)
	}
	source := text("./" + strings.TrimPrefix(s.Dir, "./"))
	if s.Dir == "." {
		source = text(".")
	}
	source.LineComment = comment(strings.Join(o.about(), ", "))
	o.out.add("source", source)
	o.out.add("image", text(s.Name+":"+tag))
	o.ports()
	o.health()
	o.resources()
	o.environment()
	o.calls()
	return o.out, o.undecided
}

func (o *one) above(format string, e ...api.DetectedEvidence) {
	for _, one := range e {
		format += "\n  " + said(one)
	}
	o.undecided = append(o.undecided, format)
}

// ties says what is not decided, with the candidates.
func (o *one) ties() {
	for _, t := range o.Ambiguous {
		if t.Service != o.Name {
			continue
		}
		var values []string
		for _, e := range t.Between {
			values = append(values, e.Value)
		}
		o.above("undecided: the "+t.Fact+" is "+strings.Join(values, " or "), t.Between...)
		o.open("services."+o.Name, "the %s is %s", t.Fact, strings.Join(values, " or "))
	}
}

// about is what is built, and what of.
func (o *one) about() []string {
	out := []string{strings.TrimSpace(o.Language.String() + " " + o.Framework.String())}
	if e := o.Entry.Evidence; o.Entry.Value != nil {
		out = append(out, "starts "+o.Entry.String()+", "+place(e))
	}
	if o.Dockerfile.Value != nil {
		out = append(out, "built by "+path.Join(o.Dir, o.Dockerfile.String()))
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// fact writes a field with the evidence beside it.
func (o *one) fact(field, value string, f api.DetectedFact) {
	n := text(value)
	n.LineComment = comment(place(f.Evidence))
	o.out.add(field, n)
}

// main is the name of the main port, by what is spoken on it.
func main(s api.DetectedService) string {
	switch p := s.Protocol.String(); p {
	case "grpc", "tcp":
		return p
	}
	return "http"
}

func (o *one) ports() {
	if o.Port.Value == nil {
		if o.Kind.String() != "worker" && len(o.Port.Ambiguous) == 0 {
			o.above("not found: a port that it listens on, as ports: {http: 8080}; kind: worker if it has none")
			o.open("services."+o.Name+".ports", "a port that it listens on, or kind: worker")
		}
		return
	}
	ports := mapping()
	add := func(name, value string, e []api.DetectedEvidence) {
		n, err := strconv.Atoi(value)
		if err != nil {
			return // it was checked to be one
		}
		v := number(n)
		v.LineComment = comment(place(e))
		ports.add(name, v)
	}
	add(main(o.DetectedService), o.Port.String(), o.Port.Evidence)
	for _, e := range o.MorePorts {
		name := "tcp-" + e.Value
		if strings.Contains(strings.ToLower(e.Quote+e.Source), "metrics") && main(o.DetectedService) != "http-metrics" && !slices.ContainsFunc(ports.keys(), named("http-metrics")) {
			name = "http-metrics"
		}
		add(name, e.Value, []api.DetectedEvidence{e})
	}
	o.out.add("ports", ports)
}

// sure is the least confidence of a path that is a health endpoint and not only
// called like one.
const sure = 45

// health takes endpoints that are there. Without one a connection has to do: the
// paths that services have by default would not be answered.
func (o *one) health() {
	if o.Port.Value == nil {
		return
	}
	var live, ready api.DetectedEvidence
	for _, e := range o.Health {
		isReady := strings.Contains(e.Value, "ready") || strings.Contains(e.Value, "readiness")
		switch {
		case e.Confidence < sure || (e.Value == "grpc") != (main(o.DetectedService) == "grpc"):
			o.above("perhaps a health endpoint: " + e.Value + ", " + said(e))
		case isReady && ready.Value == "":
			ready = e
		case !isReady && live.Value == "":
			live = e
		}
	}
	health := mapping()
	for _, f := range []struct {
		name string
		e    api.DetectedEvidence
	}{{"live", live}, {"ready", ready}} {
		if f.e.Value != "" {
			n := text(f.e.Value)
			n.LineComment = comment(said(f.e))
			health.add(f.name, n)
		}
	}
	if len(health.Content) == 0 {
		n := text("tcp")
		n.LineComment = comment("no endpoint was found: that it accepts connections says little")
		if o.Language.String() == "static" && o.Dockerfile.Value == nil && len(o.Dockerfile.Ambiguous) == 0 {
			n = text("/healthz")
			n.LineComment = comment("of the web server in the Dockerfile that init --dockerfiles writes")
		}
		health.add("live", n)
	}
	if o.Language.String() == "java" {
		health.add("startupSeconds", number(120))
	}
	o.out.add("health", health)
}

// usual are requests to begin with, by language: CPU and memory.
var usual = map[string][2]string{
	"go": {"100m", "64Mi"}, "rust": {"100m", "64Mi"}, "node": {"200m", "192Mi"}, "python": {"200m", "192Mi"}, "ruby": {"200m", "256Mi"},
	"php": {"200m", "192Mi"}, "dotnet": {"250m", "256Mi"}, "java": {"500m", "512Mi"}, "static": {"50m", "64Mi"},
}

func (o *one) resources() {
	u, known := usual[o.Language.String()]
	if !known {
		return
	}
	cpu := text(u[0])
	cpu.LineComment = comment("usual to begin with; replace by what is measured")
	o.out.add("resources", mapping().add("cpu", cpu).add("memory", text(u[1])))
}

// environment writes what the program cannot do without. What has a default in it
// is said above, as are secrets' names: values of those have no place here.
func (o *one) environment() {
	env, files := mapping(), []*node{}
	for _, e := range o.Env {
		if o.addressOf(e.Name) {
			continue
		}
		if value, set := o.ownPort(e); set {
			n := text(value)
			n.LineComment = comment(place(e.Evidence))
			env.add(e.Name, n)
			continue
		}
		secret := redact.Name(e.Name)
		switch {
		case e.Need == "required" && secret:
			file := text(strings.ToLower(strings.ReplaceAll(e.Name, "_", "-")))
			file.LineComment = comment(place(e.Evidence))
			files = append(files, file)
		case e.Need == "required":
			value := ""
			if e.Default != nil {
				value = *e.Default
			} else {
				o.open("services."+o.Name+".env."+e.Name, "a value: it is required")
			}
			n := text(value)
			n.LineComment = comment("required: " + place(e.Evidence))
			env.add(e.Name, n)
		default:
			line := e.Need + " variable: " + e.Name
			if e.Default != nil && !secret {
				line += "=" + *e.Default
			}
			o.above(line + ", " + place(e.Evidence))
		}
	}
	if len(env.Content) > 0 {
		o.out.add("env", env)
	}
	o.secrets(files)
}

// secrets are mounted as files, of one Secret.
func (o *one) secrets(files []*node) {
	if len(files) == 0 {
		return
	}
	name := text(strings.TrimRight((o.Name + "-secrets")[:min(len(o.Name)+8, 63)], "-"))
	name.LineComment = comment("mounted at /var/run/" + name.Value + ": have the program read the files, not variables")
	o.out.add("secrets", list(mapping().add("name", name).add("files", list(files...))))
	var keys []string
	for _, f := range files {
		keys = append(keys, f.Value)
	}
	o.open("services."+o.Name+".secrets", "a Secret %s with the keys %s, and a program that reads them as files", name.Value, strings.Join(keys, ", "))
}

// ownPort is the value of PORT, where the program would listen elsewhere without it.
func (o *one) ownPort(e api.DetectedEnv) (value string, set bool) {
	if e.Name != "PORT" || o.Port.Value == nil {
		return "", false
	}
	if e.Default != nil && *e.Default == o.Port.String() {
		return "", false
	}
	return o.Port.String(), true
}
