// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"cmp"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// scan is the work in progress on one tree.
type scan struct {
	tree  *tree
	name  string
	units []*unit
	// contexts are folders that a compose file or micro.yaml builds.
	contexts map[string]match
	composed []composedService
	backing  []api.DetectedBacking
}

// detector knows one language.
type detector struct {
	name string
	// Match notes observations for the language: its manifests.
	Match func(*unit)
	// Facts notes everything else; it is called when the language is, or ties as,
	// the most likely one.
	Facts func(*unit)
}

// detectors are the languages that are known.
var detectors = []detector{golang, node, python, java, dotnet, rust, php, ruby, static}

// examine collects the facts of a unit.
func (s *scan) examine(u *unit) {
	s.fromDockerfiles(u)
	u.fromProcfile()
	s.fromCompose(u)
	u.fromFunc()
	for _, d := range detectors {
		d.Match(u)
	}
	spoken := leaders(rank(u.facts[language]))
	for _, d := range detectors {
		if slices.Contains(spoken, d.name) {
			d.Facts(u)
		}
	}
	u.fromShell()
	u.healthRoutes()
	u.concludeKind()
	u.building()
}

// keepRunnable drops what cannot be started: libraries and roots of workspaces.
func (s *scan) keepRunnable() {
	var kept []*unit
	for _, u := range s.units {
		switch p, _ := u.manifest(); {
		case p != nil && p.onScreen():
			s.tree.note("%s: an app for phones or desks: not a service", u.dir)
		case !u.gathers() && (len(u.facts[entry])+len(u.facts[start])+len(u.facts[image]) > 0 || s.contexts[u.dir].file != nil):
			kept = append(kept, u)
		default:
			s.tree.note("%s: %s, and nothing to start: not a service", u.dir, u.boundary[0].Source)
		}
	}
	s.units = kept
	s.call()
}

// gathers reports whether there is nothing but a list of modules.
func (u *unit) gathers() bool {
	f := u.file("pom.xml")
	if f == nil || len(u.ending(".java", ".kt")) > 0 {
		return false
	}
	_, lists := f.find("<modules>", nil)
	return lists
}

// report puts the facts together.
func (s *scan) report() api.Detection {
	d := api.Detection{TypeMeta: api.Type("Detection"), Services: []api.DetectedService{}, Backing: []api.DetectedBacking{}, Ambiguous: []api.DetectedTie{}}
	for _, u := range s.units {
		d.Services = append(d.Services, u.service())
	}
	slices.SortStableFunc(d.Services, func(a, b api.DetectedService) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Dir, b.Dir))
	})
	for _, v := range d.Services {
		d.Ambiguous = append(d.Ambiguous, ties(v)...)
	}
	d.Backing = append(d.Backing, s.backing...)
	slices.SortFunc(d.Backing, func(a, b api.DetectedBacking) int { return cmp.Compare(a.Name, b.Name) })
	d.Notes = s.tree.notes
	return d
}

func (u *unit) service() api.DetectedService {
	v := api.DetectedService{
		Name: u.name, Dir: u.dir, Context: u.context, Boundary: u.boundary,
		Language: decide(u.facts[language]), Framework: decide(u.facts[framework]), Build: decide(u.facts[build]),
		Version: decide(u.facts[version]), BuildFiles: items(u.facts[buildFile]), Traits: items(u.facts[trait]),
		Kind: decide(u.facts[kind]), Entry: decide(u.facts[entry]), Start: decide(u.facts[start]),
		Port: decide(u.facts[port]), Protocol: decide(u.facts[protocol]),
		Dockerfile: decide(u.facts[image]), User: decide(u.facts[user]),
		Health: items(u.facts[health]), Assets: items(u.facts[asset]),
		Env: u.variables(), Calls: []api.DetectedCall{},
	}
	v.MorePorts = u.morePorts(v.Port)
	for _, c := range u.calls {
		c.Evidence = capped(rank(c.Evidence))
		v.Calls = append(v.Calls, *c)
	}
	slices.SortFunc(v.Calls, func(a, b api.DetectedCall) int {
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.Env, b.Env))
	})
	return v
}

// ties lists the facts of a service that evidence does not decide.
func ties(v api.DetectedService) []api.DetectedTie {
	var out []api.DetectedTie
	for _, f := range []struct {
		name topic
		fact api.DetectedFact
	}{
		{language, v.Language}, {framework, v.Framework}, {build, v.Build}, {version, v.Version}, {kind, v.Kind}, {entry, v.Entry}, {start, v.Start},
		{port, v.Port}, {protocol, v.Protocol}, {image, v.Dockerfile}, {user, v.User},
	} {
		if len(f.fact.Ambiguous) == 0 {
			continue
		}
		tie := api.DetectedTie{Service: v.Name, Fact: string(f.name)}
		for _, e := range items(f.fact.Evidence) {
			if slices.Contains(f.fact.Ambiguous, e.Value) {
				tie.Between = append(tie.Between, e)
			}
		}
		out = append(out, tie)
	}
	return out
}
