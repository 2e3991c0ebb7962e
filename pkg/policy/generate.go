// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
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
	g := &generator{world: newWorld(s, o), byWorkload: map[*model.Workload]*draft{}}
	for i := range intents {
		g.begin(&intents[i])
	}
	for _, d := range g.drafts {
		g.callers(d)
		g.calls(d)
	}
	for _, d := range g.drafts {
		g.judge(d)
		g.write(d)
	}
	g.finish()
	return g.set, errors.Join(g.errs...)
}

// generator is one run of Generate.
type generator struct {
	*world
	drafts     []*draft
	byWorkload map[*model.Workload]*draft
	// grants are rules for workloads that no intent is about.
	grants []*grant
	set    Set
	errs   []error
}

// draft is what is to be written for one workload.
type draft struct {
	of     *model.Workload
	intent *api.ServiceIntents
	name   string
	by     map[string]string
	plane  Dataplane
	// in and out are the rules of the NetworkPolicy, access those of the
	// AuthorizationPolicy; atWaypoint of that of the waypoint.
	in, out            []netRule
	access, atWaypoint []accessRule
	// sources are who is let in, targets what may be called.
	sources []source
	targets []callee
	// plaintext are the ports that somebody without an identity calls.
	plaintext []int32
	comments  []string
}

// ingress and egress report whether the intent speaks of a direction.
func (d *draft) ingress() bool { return d.intent.Spec.Callers != nil }
func (d *draft) egress() bool  { return d.intent.Spec.Calls != nil }

// where is the place of a value of the intent.
func (d *draft) where(pointer string) string {
	return cmp.Or(d.intent.Places[pointer], d.intent.File)
}

// placed is the place in brackets, for comments; empty where there is none.
func (d *draft) placed(pointer string) string {
	if where := d.where(pointer); where != "" {
		return " (" + where + ")"
	}
	return ""
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

func (g *generator) risk(d *draft, pointer, fix, format string, args ...any) {
	g.set.Risks = append(g.set.Risks, Notice{On: d.of.Ref, Where: d.where(pointer), Text: fmt.Sprintf(format, args...), Fix: fix})
}

// begin finds the workload of an intent.
func (g *generator) begin(in *api.ServiceIntents) {
	d := &draft{intent: in}
	e, err := parseWorkload(in.Spec.Workload, in.Metadata.Namespace)
	if err != nil {
		g.fail(d, "/spec/workload", err)
		return
	}
	if d.of, err = g.workload(e); err != nil {
		g.fail(d, "/spec/workload", err)
		return
	}
	if d.by, err = selector(d.of); err != nil {
		g.fail(d, "/spec/workload", err)
		return
	}
	if g.byWorkload[d.of] != nil {
		g.fail(d, "/spec/workload", fault.Usagef("expected one %s for each workload, found another for %s", api.KindServiceIntents, d.of.Ref))
		return
	}
	if d.of.Spec().HostNetwork {
		g.fail(d, "/spec/workload", fault.Failedf("%s uses the network of its node: neither NetworkPolicies nor a sidecar count for it", d.of.Ref))
		return
	}
	d.name = g.policyName(d.of)
	var sure bool
	if d.plane, sure = g.dataplane(d.of); !sure && g.meshed {
		g.warn(d, "/spec/workload", "add the Namespace to the files, or say which with --mesh", "Namespace %s is not in view: taking %s as %s", d.of.Ref.Namespace, d.of.Ref.Short(), d.plane)
	}
	if others := g.namesakes(d.of, d.by); len(others) > 0 {
		g.warn(d, "/spec/workload", "give the pods of each a label of its own", "the labels that select %s select %s too: the policies count for all of them", d.of.Ref.Short(), mention(others))
	}
	g.byWorkload[d.of] = d
	g.drafts = append(g.drafts, d)
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
		g.warn(d, at, "", "%s", note)
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
		if theirs := g.byWorkload[caller]; theirs != nil && theirs.egress() {
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
			g.warn(d, at, "", "%s", note)
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
		if theirs := g.byWorkload[target]; theirs != nil && theirs.ingress() {
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
		g.grantAccess(target, accessRule{principals: principalsOf(self), ports: numbers(ports)}, why)
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
	for _, x := range g.grants {
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

func tidyNotices(notices []Notice) []Notice {
	var out []Notice
	for _, n := range notices {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}
