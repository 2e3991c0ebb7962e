// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// draft is what is to be written for one workload.
type draft struct {
	of *model.Workload
	// versions are the drafts of other versions of the workload, which the same
	// labels select: one policy is about them all. lead is the draft that has it,
	// nil in that one itself.
	versions []*draft
	lead     *draft
	intent   *api.ServiceIntents
	name     string
	by       map[string]string
	plane    Dataplane
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

// says reports whether an intent speaks of a direction: this one, or that of
// another version.
func (d *draft) says(way direction) bool {
	all := d
	if d.lead != nil {
		all = d.lead
	}
	for _, one := range append([]*draft{all}, all.versions...) {
		if way == ingress && one.ingress() || way == egress && one.egress() {
			return true
		}
	}
	return false
}

// join puts the rules of all versions into the draft that is written.
func (d *draft) join() {
	for _, v := range d.versions {
		d.in, d.out = append(d.in, v.in...), append(d.out, v.out...)
		d.access, d.atWaypoint = append(d.access, v.access...), append(d.atWaypoint, v.atWaypoint...)
		d.targets, d.plaintext = append(d.targets, v.targets...), append(d.plaintext, v.plaintext...)
		d.comments = append(d.comments, v.comments...)
	}
}

// workloads are all that the policies are about.
func (d *draft) workloads() []*model.Workload {
	out := []*model.Workload{d.of}
	for _, v := range d.versions {
		out = append(out, v.of)
	}
	return out
}

// texts names them as intents do.
func (d *draft) texts() string {
	var out []string
	for _, of := range d.workloads() {
		out = append(out, endOf(of).text(of.Ref.Namespace))
	}
	return strings.Join(out, ",")
}

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
	if d.by, err = g.selector(d.of); err != nil {
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
		g.warnEach(d, "/spec/workload", "add the Namespace to the files, or say which with --mesh", "Namespace %s is not in view: taking %s as %s", d.of.Ref.Namespace, them, d.plane)
	}
	if others := g.namesakes(d.of, d.by); len(others) > 0 {
		g.warn(d, "/spec/workload", "give the pods of each a label of its own", "the labels that select %s select %s too: the policies count for all of them", d.of.Ref.Short(), mention(others))
	}
	at := [2]string{d.of.Ref.Namespace, d.name}
	if d.lead = g.leads[at]; d.lead != nil {
		d.lead.versions = append(d.lead.versions, d)
	} else {
		g.leads[at] = d
	}
	g.byWorkload[d.of] = d
	g.drafts = append(g.drafts, d)
}
