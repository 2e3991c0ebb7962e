// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package doctor says why a service has no metrics. It follows the chain from the
// port of a pod to the series in Prometheus, link by link, and finds the first one
// that is broken.
//
// The links that objects show are judged by the rules of the suite and by the same
// views; those that only a running cluster shows, by Facts that were gathered
// before. A link that nobody could look at is unknown or was not checked, never
// well. The package decides; it reads nothing.
package doctor

import (
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// State is how a link is.
type State string

// The states. A warning hurts without breaking the chain. Unknown is what could
// not be told though it was asked for; NotChecked what was not asked for, as files
// have no answers, or does not apply.
const (
	OK         State = "ok"
	Warning    State = "warning"
	Broken     State = "broken"
	Unknown    State = "unknown"
	NotChecked State = "not checked"
)

// The names of the links, in the order in which metrics pass them.
const (
	Pods       = "pods"
	Port       = "pod port"
	Answers    = "metrics"
	Service    = "service port"
	Monitor    = "monitor"
	Prometheus = "prometheus"
	Operator   = "operator"
	Network    = "network"
	Target     = "target"
	Samples    = "series"
	Mesh       = "mesh"
	Alerts     = "rules"
)

// Link is one link of a chain.
type Link struct {
	Name  string
	State State
	// Detail is a sentence without a full stop.
	Detail string
	// Hint is what to do, where no rule repairs it; may be empty.
	Hint string
	// Findings are those of rules that the link rests on.
	Findings []rules.Result
}

// Chain is all links of one subject.
type Chain struct {
	Subject
	Links []Link
	// Monitored is false where nobody asked for the metrics: no monitor selects the
	// subject, none was meant to, and no target is of it.
	Monitored bool
}

// Verdict is what becomes of a chain.
type Verdict string

// The verdicts. A chain of which nobody asks for metrics is unmonitored, which is
// a fault only to who named it.
const (
	Whole       Verdict = "whole"
	Severed     Verdict = "broken"
	Undecided   Verdict = "unknown"
	Unmonitored Verdict = "unmonitored"
)

// Verdict tells whether metrics get through.
func (c Chain) Verdict() Verdict {
	has := func(s State) bool { return slices.ContainsFunc(c.Links, func(l Link) bool { return l.State == s }) }
	switch {
	case !c.Monitored:
		return Unmonitored
	case has(Broken):
		return Severed
	case has(Unknown):
		return Undecided
	}
	return Whole
}

// Cause is the first link that is broken, else the first that is unknown.
func (c Chain) Cause() (Link, bool) {
	for _, s := range []State{Broken, Unknown} {
		if i := slices.IndexFunc(c.Links, func(l Link) bool { return l.State == s }); i >= 0 {
			return c.Links[i], true
		}
	}
	return Link{}, false
}

// Rules are the IDs of the rules whose findings links rest on. They say too which
// kinds of objects are to be read.
var Rules = []string{
	"KM2017", "KM2018", "KM2019", "KM2021", "KM2022", "KM2522", "KM3001", "KM3002", "KM3003", "KM7004",
	"KM8501", "KM9001", "KM9002", "KM9035", "KM9505",
}

// Exam is what chains are made from.
type Exam struct {
	World *rules.World
	// Engine answers whether Prometheus gets through to the pods.
	Engine *reach.Engine
	// Results are what Rules found in World.
	Results []rules.Result
	Facts   Facts
}

// about are the findings of some rules that have to do with one of some objects.
func (x *Exam) about(objects []ref.Ref, ids ...string) []rules.Result {
	var out []rules.Result
	for _, r := range x.Results {
		touches := func(o ref.Ref) bool { return r.Object.Same(o) || slices.ContainsFunc(r.Related, o.Same) }
		if slices.Contains(ids, r.ID) && slices.ContainsFunc(objects, touches) {
			out = append(out, r)
		}
	}
	return out
}

// Chain follows the metrics of one subject.
func (x *Exam) Chain(s Subject) Chain {
	v := visit{Exam: x, Subject: s}
	v.scrapes = scrapesOf(x.World, s)
	v.monitors, v.meant = x.monitorsOf(s)
	v.targets = x.Facts.targetsOf(s, v.monitors)
	out := Chain{Subject: s, Monitored: len(v.monitors)+len(v.targets) > 0 || s.annotated()}
	for _, link := range []func() Link{v.pods, v.port, v.answers, v.service, v.monitor, v.prometheus, v.operator, v.network, v.target, v.samples, v.mesh, v.alerts} {
		if l := link(); l.Name != "" {
			out.Links = append(out.Links, l)
		}
	}
	return out
}

// visit is the examination of one subject.
type visit struct {
	*Exam
	Subject
	// monitors select the subject, or were meant to; then meant has them.
	monitors []model.Monitor
	meant    []model.Monitor
	scrapes  []model.Scrape
	targets  []ScrapeTarget
}
