// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package build holds the rules about files that are no manifests: Dockerfiles
// (KM1570 to KM1589), and the pipelines and scripts that build and deploy
// (KM6570 to KM6589). All of them are of hygiene.
//
// A Dockerfile is read whole. Pipelines and scripts are read line by line, and
// only commands that certainly are commands count: what a shell, Groovy or YAML
// would make of the rest, nobody asks. To miss one is better than to see one
// that is none.
package build

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/dockerfile"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var family rules.Family

// Rules returns the rules of the family, sorted by ID.
func Rules() []*rules.Rule { return family.Rules() }

// reporter reports a finding about a line and column of the text at hand.
type reporter func(line, column int, format string, args ...any) *finding.Finding

func report(emit rules.Emit, t *model.Text) reporter {
	on := t.Object()
	return func(line, column int, format string, args ...any) *finding.Finding {
		f := emit(on, "", format, args...)
		f.Where = t.Where(line, column)
		return f
	}
}

// recipe is a Dockerfile with its stages.
type recipe struct {
	*model.Text
	stages []dockerfile.Stage
	// args are the values of the ARGs before the first FROM.
	args map[string]string
}

// eachDockerfile is the check that looks at one Dockerfile after the other; those
// without a stage build nothing.
func eachDockerfile(check func(w *rules.World, r *recipe, report reporter)) func(*rules.World, rules.Emit) {
	return func(w *rules.World, emit rules.Emit) {
		for _, t := range w.Texts {
			if t.Kind != model.Dockerfile {
				continue
			}
			f := dockerfile.Parse(t.Data)
			r := &recipe{Text: t, stages: f.Stages(), args: map[string]string{}}
			for _, i := range f.Instructions {
				if i.Word == "FROM" {
					break
				}
				for _, p := range i.Pairs() {
					if i.Word == "ARG" && p.Given {
						r.args[p.Name] = p.Value
					}
				}
			}
			if len(r.stages) > 0 {
				check(w, r, report(emit, t))
			}
		}
	}
}

// final is the stage that is shipped, and those it is built FROM, the shipped one
// first.
func (r *recipe) final() []dockerfile.Stage { return dockerfile.Lineage(r.stages) }

// last is the last instruction of a word that counts in the image, as of USER or
// CMD; false without any.
func (r *recipe) last(word string) (dockerfile.Instruction, bool) {
	for _, s := range r.final() {
		for i := len(s.Instructions) - 1; i >= 0; i-- {
			if s.Instructions[i].Word == word {
				return s.Instructions[i], true
			}
		}
	}
	return dockerfile.Instruction{}, false
}

// values are those of the variables that an instruction sees: the ENV and ARG
// above it in the stages that lead there.
func (r *recipe) values(at dockerfile.Instruction) map[string]string {
	out := map[string]string{}
	for _, s := range slices.Backward(r.final()) {
		for _, i := range s.Instructions {
			if i.Lines[0].Number >= at.Lines[0].Number {
				break
			}
			for _, p := range i.Pairs() {
				switch {
				case i.Word == "ENV" || i.Word == "ARG" && p.Given:
					out[p.Name] = p.Value
				case i.Word == "ARG" && out[p.Name] == "":
					out[p.Name] = r.args[p.Name]
				}
			}
		}
	}
	return out
}

// base is the image that a stage is built from, with its ARGs filled in; false
// for another stage, for scratch, and where a build has to say what it is.
func (r *recipe) base(of dockerfile.Stage) (image, bool) {
	name, known := expand(of.Image, r.args)
	if !known || name == "" || name == "scratch" {
		return image{}, false
	}
	for _, s := range r.stages {
		if s.Instructions[0].Lines[0].Number < of.Instructions[0].Lines[0].Number && s.Name != "" && strings.EqualFold(s.Name, name) {
			return image{}, false
		}
	}
	return parseImage(name), true
}

// eachScript is the check that looks at one pipeline or script after the other.
func eachScript(check func(w *rules.World, s *script, report reporter)) func(*rules.World, rules.Emit) {
	return func(w *rules.World, emit rules.Emit) {
		for _, t := range w.Texts {
			if t.Kind == model.Pipeline || t.Kind == model.Script {
				check(w, newScript(t), report(emit, t))
			}
		}
	}
}
