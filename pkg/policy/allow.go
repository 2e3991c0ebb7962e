// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	securityv1 "istio.io/api/security/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

// Request is what Allow lets through.
type Request struct {
	// From is written as a caller: "deploy/x", "sa/ns/x", "gateway/ns/x", "prometheus".
	From string
	// To is a workload, "deploy/x", or a Service, "svc/x" or "svc/x:80".
	To string
	// Namespace is that of ends that name none.
	Namespace string
	// Methods and Paths limit HTTP requests; empty for all.
	Methods, Paths []string
	// Ports are pod ports; empty for those of the Service, or all of the workload.
	Ports []int32
}

// Allow is the smallest change that lets requests through: a rule more in our
// policies of the two workloads, or policies of ours with that rule alone, where
// somebody has closed them. Where nothing is closed, nothing is written and a
// Warning says so. Policies of others are left alone; changing them instead is
// an Offer.
func Allow(s *model.Snapshot, r Request, o Options) (Set, error) {
	g := newGenerator(s, o)
	e, err := parseCaller(r.From, r.Namespace)
	if err != nil {
		return Set{}, err
	}
	from, err := g.source(e)
	if err != nil {
		return Set{}, err
	}
	c := api.Caller{From: r.From, Ports: r.Ports}
	if len(r.Methods)+len(r.Paths) > 0 {
		c.HTTP = []api.HTTPRequests{{Methods: r.Methods, Paths: r.Paths}}
	}
	for _, m := range r.Methods {
		err = errors.Join(err, checkMethod(m))
	}
	for _, p := range r.Paths {
		err = errors.Join(err, checkPath(p))
	}
	targets, to, toErr := g.targets(r)
	if err := errors.Join(err, toErr); err != nil {
		return Set{}, err
	}
	for _, target := range targets {
		g.allow(target, to, c, from)
	}
	grants := g.granting()
	g.finish()
	for _, x := range grants {
		g.offer(x)
	}
	if g.set.Empty() && len(g.errs) == 0 {
		g.set.Warnings = append(g.set.Warnings, Notice{Text: fmt.Sprintf("no policy keeps %s from %s: there is nothing to allow", r.From, r.To), Fix: "kubectl micro secure check " + r.From + " " + r.To})
	}
	return g.set, errors.Join(g.errs...)
}

// targets are the workloads that a request is for; to is the Service, if it
// names one.
func (g *generator) targets(r Request) ([]*model.Workload, callee, error) {
	path, _, _ := strings.Cut(r.To, ":")
	if parts := strings.Split(path, "/"); len(parts) > 1 && slices.Contains([]string{"svc", "service"}, parts[len(parts)-2]) {
		e, err := parseCall(r.To, r.Namespace)
		if err != nil {
			return nil, callee{}, err
		}
		to, err := g.callee(e)
		if err == nil && len(to.workloads) == 0 {
			err = fault.Usagef("expected a Service with workloads, found %s", r.To)
		}
		return to.workloads, to, err
	}
	e, err := parseWorkload(r.To, r.Namespace)
	if err != nil {
		return nil, callee{}, err
	}
	of, err := g.workload(e)
	return []*model.Workload{of}, callee{}, err
}

// allow notes the grants at both ends of one workload's callers.
func (g *generator) allow(of *model.Workload, to callee, c api.Caller, from source) {
	plane, _ := g.dataplane(of)
	d := &draft{of: of, plane: plane, intent: &api.ServiceIntents{}, sources: []source{from}}
	if to.kind == serviceEnd && len(c.Ports) == 0 {
		svc, _ := model.Services.Get(g.Snapshot, to.namespace, to.name)
		c.Ports = numbers(behind(svc.Value, to.port, of))
	}
	ports, err := g.portsFor(d, "", c, from)
	if err != nil {
		g.errs = append(g.errs, err)
		return
	}
	for _, note := range from.notes {
		g.warn(d, "", "", "%s", note)
	}
	why := fmt.Sprintf("%s may call %s", c.From, of.Ref.Short())
	for _, rule := range g.towardsSelf(d, from, ports) {
		g.grant(of, ingress, rule, why)
	}
	for _, caller := range from.workloads {
		for _, rule := range g.towards(of, ports) {
			g.grant(caller, egress, rule, why)
		}
	}
	if err := g.admit(d, "", c, from, ports); err != nil {
		g.errs = append(g.errs, err)
		return
	}
	for _, rule := range d.access {
		g.grantAccess(of, rule, why, true)
	}
	if len(d.atWaypoint) > 0 {
		g.atWaypoint(d, why)
	}
	for _, p := range g.authorizing(of, securityv1.AuthorizationPolicy_DENY, "") {
		g.set.Risks = append(g.set.Risks, Notice{On: p.Ref, Where: p.Where("/spec/action"), Text: fmt.Sprintf("%s (DENY) goes before what is allowed here", p.Ref), Fix: "kubectl micro secure check " + c.From + " " + endOf(of).text(of.Ref.Namespace)})
	}
}

// atWaypoint adds rules to our policy at the waypoint, where there is one.
func (g *generator) atWaypoint(d *draft, why string) {
	ns, name := d.of.Ref.Namespace, g.policyName(d.of)+"-waypoint"
	if old, exists := g.Object(model.AuthorizationPolicies.Ref(ns, name)); exists && ours(old) {
		g.extend(object(model.AuthorizationPolicies.Kind, ns, name, map[string]any{"rules": accessValues(d.atWaypoint)}), []string{why}, "rules")
		return
	}
	if !slices.ContainsFunc(model.AuthorizationPolicies.In(g.Snapshot, ns), func(p authorization) bool { return g.targeted(p, d.of) }) {
		return
	}
	g.warn(d, "", "", "no policy of ours is at the waypoint of %s: look whether one of others limits the requests there", d.of.Ref.Short())
}

// offer is the same change made to the policy of others that closes a workload,
// where it is the only one.
func (g *generator) offer(x *grant) {
	ns := x.of.Ref.Namespace
	for way, rules := range map[direction][]netRule{ingress: x.in, egress: x.out} {
		closing := g.isolating(x.of, way, "")
		if len(rules) == 0 || len(closing) != 1 || ours(closing[0].Object) {
			continue
		}
		side := map[direction]string{ingress: "from", egress: "to"}[way]
		g.offers(closing[0].Object, "/spec/"+strings.ToLower(string(way)), netValues(rules, side, ns), x.whys[0])
	}
	closing := g.authorizing(x.of, allow, "")
	if len(x.access) > 0 && len(closing) == 1 && !ours(closing[0].Object) && closing[0].Ref.Namespace == ns {
		g.offers(closing[0].Object, "/spec/rules", accessValues(x.access), x.whys[0])
	}
	slices.SortFunc(g.set.Offers, func(a, b plan.Change) int {
		return strings.Compare(a.Object.String()+a.Leaves[0], b.Object.String()+b.Leaves[0])
	})
}

// offers adds a change of somebody's list, with a test of what was read.
func (g *generator) offers(o *model.Object, at string, rules []any, why string) {
	have, err := patch.Get(o.Raw(), at)
	list, isList := have.([]any)
	var ops []patch.Op
	switch {
	case err != nil:
		spec, err := patch.Get(o.Raw(), "/spec")
		if err != nil {
			return
		}
		ops = append(ops, patch.Op{Op: patch.Test, Path: "/spec", Value: spec})
	case isList:
		ops = append(ops, patch.Op{Op: patch.Test, Path: at, Value: have})
	default:
		ops = append(ops, patch.Op{Op: patch.Test, Path: at, Value: nil})
	}
	ops = append(ops, patch.Op{Op: patch.Add, Path: at, Value: slices.Concat(list, rules)})
	if c, err := plan.New(o.Ref, o.Raw(), ops, why); err == nil {
		g.set.Offers = append(g.set.Offers, c)
	}
}
