// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"
	"fmt"
	"slices"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Generate turns intents into policies: of each workload that an intent is about
// one NetworkPolicy, one AuthorizationPolicy and, when asked, one
// PeerAuthentication, all named micro-WORKLOAD, and a ServiceEntry for each host
// outside the mesh. The other ends of its calls get a rule where somebody has
// closed them already. With an error the Set holds what could be generated; the
// error joins what could not, each with its place.
func Generate(s *model.Snapshot, intents []api.ServiceIntents, o Options) (Set, error) {
	return newGenerator(s, o).generate(intents)
}

func (g *generator) generate(intents []api.ServiceIntents) (Set, error) {
	for i := range intents {
		g.begin(&intents[i])
	}
	for _, d := range g.drafts {
		g.callers(d)
		g.calls(d)
	}
	for _, d := range g.drafts {
		g.judge(d)
	}
	for _, d := range g.drafts {
		if d.lead == nil {
			g.write(d)
		}
	}
	g.finish()
	return g.set, errors.Join(g.errs...)
}

// generator is one run of Generate.
type generator struct {
	*world
	drafts     []*draft
	byWorkload map[*model.Workload]*draft
	// leads are the drafts that are written, by the policy's place and name.
	leads map[[2]string]*draft
	// listing are the drafts that list a workload as a caller.
	listing map[*model.Workload][]*draft
	// grants are rules for workloads that no intent is about.
	grants map[*model.Workload]*grant
	// closing is true when what somebody else has closed stays as it is: nothing
	// is opened, in no layer.
	closing bool
	set     Set
	// placed are the objects of the set, by their index.
	placed map[ref.Ref]int
	errs   []error
}

func newGenerator(s *model.Snapshot, o Options) *generator {
	return &generator{
		world: newWorld(s, o), byWorkload: map[*model.Workload]*draft{}, leads: map[[2]string]*draft{},
		listing: map[*model.Workload][]*draft{}, grants: map[*model.Workload]*grant{}, placed: map[ref.Ref]int{},
	}
}

func (g *generator) fail(d *draft, pointer string, err error) {
	var typed *fault.Error
	if errors.As(err, &typed) && typed.Where == "" {
		placed := *typed
		placed.Where = d.where(pointer)
		err = &placed
	}
	g.errs = append(g.errs, err)
}

func (g *generator) warn(d *draft, pointer, fix, format string, args ...any) {
	g.set.Warnings = append(g.set.Warnings, Notice{On: d.of.Ref, Where: d.where(pointer), Text: fmt.Sprintf(format, args...), Fix: fix})
}

// warnEach and riskEach are told once for all workloads they are true of; the
// text has them in the place of the workload.
func (g *generator) warnEach(d *draft, pointer, fix, format string, args ...any) {
	g.set.Warnings = append(g.set.Warnings, about(d.of.Ref, d.where(pointer), fix, format, args...))
}

func (g *generator) riskEach(d *draft, pointer, fix, format string, args ...any) {
	g.set.Risks = append(g.set.Risks, about(d.of.Ref, d.where(pointer), fix, format, args...))
}

func (g *generator) risk(d *draft, pointer, fix, format string, args ...any) {
	g.set.Risks = append(g.set.Risks, Notice{On: d.of.Ref, Where: d.where(pointer), Text: fmt.Sprintf(format, args...), Fix: fix})
}

// callers turns the callers of an intent into rules for its workload.
func (g *generator) callers(d *draft) {
	known := map[int]source{}
	for i, c := range d.intent.Spec.Callers {
		at := patch.Pointer("spec", "callers", i)
		e, err := parseCaller(c.From, d.of.Ref.Namespace)
		if err != nil {
			g.fail(d, at+"/from", err)
			continue
		}
		if known[i], err = g.source(e); err != nil {
			delete(known, i)
			g.fail(d, at+"/from", err)
			continue
		}
		d.sources = append(d.sources, known[i])
		for _, of := range known[i].workloads {
			if e.kind == workloadEnd && !slices.Contains(g.listing[of], d) {
				g.listing[of] = append(g.listing[of], d)
			}
		}
	}
	for i, c := range d.intent.Spec.Callers {
		if from, is := known[i]; is {
			g.callerOf(d, patch.Pointer("spec", "callers", i), c, from)
		}
	}
}

// callerOf lets one caller in.
func (g *generator) callerOf(d *draft, at string, c api.Caller, from source) {
	for _, note := range from.notes {
		g.warnEach(d, at, "", "%s", note)
	}
	ports, err := g.portsFor(d, at, c, from)
	if err != nil {
		g.fail(d, at, err)
		return
	}
	d.in = append(d.in, g.towardsSelf(d, from, ports)...)
	if err := g.admit(d, at, c, from, ports); err != nil {
		g.fail(d, at, err)
	}
	d.comments = append(d.comments, "callers: "+c.From+d.placed(at))
	g.leave(d, at, from, ports)
}

// towardsSelf are the rules of ingress for a source.
func (g *generator) towardsSelf(d *draft, from source, ports []port) []netRule {
	if d.plane != Ambient {
		return []netRule{{from.peers, ports}}
	}
	out := []netRule{{from.peers, append(slices.Clone(ports), tcp(hbonePort)...)}}
	if way, has := g.waypoint(d.of); has {
		out = append(out, netRule{[]peer{way.peer()}, tcp(hbonePort)})
	}
	return out
}

// leave opens the egress of callers that somebody has closed.
func (g *generator) leave(d *draft, at string, from source, ports []port) {
	for _, caller := range from.workloads {
		if theirs := g.byWorkload[caller]; theirs != nil && theirs.says(egress) {
			continue // what it may call is said in its own intent; judge compares
		}
		for _, rule := range g.towards(d.of, ports) {
			g.grant(caller, egress, rule, "calls "+d.of.Ref.Short()+d.placed(at))
		}
	}
}

// calls turns the calls of an intent into rules for its workload.
func (g *generator) calls(d *draft) {
	for i, c := range d.intent.Spec.Calls {
		at := patch.Pointer("spec", "calls", i)
		e, err := parseCall(c.To, d.of.Ref.Namespace)
		if err != nil {
			g.fail(d, at+"/to", err)
			continue
		}
		to, err := g.callee(e)
		if err != nil {
			g.fail(d, at+"/to", err)
			continue
		}
		for _, note := range to.notes {
			g.warnEach(d, at, "", "%s", note)
		}
		d.targets = append(d.targets, to)
		d.out = append(d.out, to.rules...)
		d.comments = append(d.comments, "calls: "+c.To+d.placed(at))
		g.enter(d, at, to)
		if to.kind == externalEnd {
			g.entry(d, to)
		}
	}
}

// enter opens the ingress of what is called, where somebody has closed it.
func (g *generator) enter(d *draft, at string, to callee) {
	self, err := g.source(endOf(d.of))
	if err != nil {
		return
	}
	for _, target := range to.workloads {
		if theirs := g.byWorkload[target]; theirs != nil && theirs.says(ingress) {
			continue // who may call it is said in its own intent; judge compares
		}
		svc, _ := model.Services.Get(g.Snapshot, to.namespace, to.name)
		ports := behind(svc.Value, to.port, target)
		if len(ports) == 0 {
			continue
		}
		why := "called by " + d.of.Ref.Short() + d.placed(at)
		rules := []netRule{{self.peers, ports}}
		if plane, _ := g.dataplane(target); plane == Ambient {
			rules[0].ports = append(slices.Clone(ports), tcp(hbonePort)...)
		}
		for _, rule := range rules {
			g.grant(target, ingress, rule, why)
		}
		g.grantAccess(target, accessRule{principals: principalsOf(self), ports: numbers(ports)}, why, false)
	}
}

// principalsOf are those of a source; none, which stands for anybody, when some
// of it has no identity.
func principalsOf(from source) []string {
	if from.open {
		return nil
	}
	return from.principals
}

// finish orders the objects: those that only add go first.
func (g *generator) finish() {
	for _, x := range g.granting() {
		g.writeGrant(x)
	}
	slices.SortStableFunc(g.set.Objects, func(a, b Object) int {
		if a.Closes != b.Closes {
			if b.Closes {
				return -1
			}
			return 1
		}
		return ref.Compare(a.Ref, b.Ref)
	})
	g.set.Warnings, g.set.Risks = tidyNotices(g.set.Warnings), tidyNotices(g.set.Risks)
}
