// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"reflect"
	"slices"

	securityv1 "istio.io/api/security/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Inference is what policies say, as intents.
type Inference struct {
	// Intents are one for each workload that some policy closes, sorted like
	// objects.
	Intents []api.ServiceIntents
	// Unsaid are rules that no intent can say: the plan made of the intents would
	// be without them.
	Unsaid []Notice
}

// Infer reads the policies of a namespace (all if empty) back into intents. A
// direction that no policy closes is left out of the intent. A caller is one that
// all layers let in. What pods cannot do without anyway is no intent.
func Infer(s *model.Snapshot, namespace string, o Options) Inference {
	x := &inferrer{world: newWorld(s, o)}
	for _, of := range x.Workloads(namespace) {
		if _, err := x.selector(of); err != nil || of.Spec().HostNetwork {
			continue
		}
		in := api.ServiceIntents{TypeMeta: api.Type(api.KindServiceIntents), Metadata: api.IntentsMeta{Name: of.Ref.Name, Namespace: of.Ref.Namespace}}
		in.Spec.Workload = endOf(of).text(of.Ref.Namespace)
		in.Spec.Callers, in.Spec.Calls = x.callers(of), x.calls(of)
		if in.Spec.Callers != nil || in.Spec.Calls != nil {
			x.out.Intents = append(x.out.Intents, in)
		}
	}
	x.out.Unsaid = tidyNotices(x.out.Unsaid)
	return x.out
}

type inferrer struct {
	*world
	out Inference
}

func (x *inferrer) unsaid(o *model.Object, at, format string, args ...any) {
	x.out.Unsaid = append(x.out.Unsaid, Notice{On: o.Ref, Where: o.Where(at), Text: fmt.Sprintf(format, args...)})
}

// callers are who is let in to a workload; nil where nothing closes it.
func (x *inferrer) callers(of *model.Workload) []api.Caller {
	net, closed := x.netCallers(of)
	access, limited := x.accessCallers(of)
	var out []api.Caller
	switch {
	case !closed && !limited:
		return nil
	case !limited:
		for _, c := range net {
			out = append(out, x.caller(of, c.from, c.ports, accessed{}))
		}
	case !closed:
		for _, a := range access {
			if a.anybody {
				out = append(out, x.caller(of, end{kind: internetEnd}, x.narrow(of, x.ports(of), a), a))
			}
			for _, from := range a.from {
				out = append(out, x.caller(of, from, x.narrow(of, x.ports(of), a), a))
			}
		}
	default:
		out = x.both(of, net, access)
	}
	unique := []api.Caller{} // a rule for anybody admits those with a rule of their own too
	for _, c := range out {
		if !slices.ContainsFunc(unique, func(o api.Caller) bool { return reflect.DeepEqual(o, c) }) {
			unique = append(unique, c)
		}
	}
	return unique
}

// both are the callers that NetworkPolicies and AuthorizationPolicies let in.
func (x *inferrer) both(of *model.Workload, net []reached, access []accessed) []api.Caller {
	var out []api.Caller
	for _, c := range net {
		admitted := false
		for _, a := range access {
			if !a.anybody && !slices.Contains(a.from, c.from) {
				continue
			}
			if ports := x.narrow(of, c.ports, a); len(ports) > 0 {
				admitted = true
				out = append(out, x.caller(of, c.from, ports, a))
			}
		}
		free := slices.DeleteFunc(slices.Clone(c.ports), func(p port) bool { return !slices.Contains(uncaptured, p.number) })
		if !admitted && len(free) > 0 {
			out, admitted = append(out, x.caller(of, c.from, free, accessed{})), true
		}
		if !admitted {
			x.out.Unsaid = append(x.out.Unsaid, Notice{On: of.Ref, Where: of.Where(""), Text: fmt.Sprintf("NetworkPolicies let %s in to %s, AuthorizationPolicies do not: it is no caller", c.from.text(of.Ref.Namespace), of.Ref.Short())})
		}
	}
	for _, a := range access {
		for _, from := range a.from {
			if !slices.ContainsFunc(net, func(c reached) bool { return c.from == from }) && !a.shared {
				x.out.Unsaid = append(x.out.Unsaid, Notice{On: of.Ref, Where: a.where, Text: fmt.Sprintf("AuthorizationPolicies let %s in to %s, NetworkPolicies do not: it is no caller", from.text(of.Ref.Namespace), of.Ref.Short())})
			}
		}
	}
	return out
}

// narrow are the ports that a rule of an AuthorizationPolicy leaves of some. The
// ports of the sidecar meet no policy, and go along.
func (x *inferrer) narrow(of *model.Workload, ports []port, a accessed) []port {
	hit := false
	out := slices.DeleteFunc(slices.Clone(ports), func(p port) bool {
		if slices.Contains(uncaptured, p.number) {
			return false
		}
		keep := len(a.ports) == 0 || slices.Contains(a.ports, p.number)
		hit = hit || keep
		return !keep
	})
	if !hit {
		return nil
	}
	return out
}

// caller says who calls; ports are left out where they are what the intent would
// stand for without them.
func (x *inferrer) caller(of *model.Workload, from end, ports []port, a accessed) api.Caller {
	c := api.Caller{From: from.text(of.Ref.Namespace), HTTP: a.http, User: a.user}
	usual := x.ports(of)
	if from.kind == prometheusEnd {
		usual = x.metricsPorts(of)
	}
	requests := slices.DeleteFunc(slices.Clone(usual), func(p port) bool { return p.app == tcpPort })
	ports = tidy(slices.Clone(ports))
	whole := slices.EqualFunc(ports, usual, same) || (len(a.http) > 0 || a.user != nil) && slices.EqualFunc(ports, requests, same)
	if !whole {
		for _, p := range ports {
			c.Ports = append(c.Ports, p.number)
		}
	}
	return c
}

// called is the end that intents call a workload by: that of a gateway or of
// Prometheus before that of the workload.
func (x *inferrer) called(of *model.Workload) end {
	if isPrometheus(of) {
		return end{kind: prometheusEnd}
	}
	if name := of.Template.Labels[gatewayLabel]; name != "" {
		return end{kind: gatewayEnd, namespace: of.Ref.Namespace, name: name}
	}
	for _, gw := range model.IstioGateways.In(x.Snapshot, "") {
		if len(gw.Value.Spec.Selector) > 0 && labels.SelectorFromSet(gw.Value.Spec.Selector).Matches(labels.Set(of.Template.Labels)) {
			return end{kind: gatewayEnd, namespace: gw.Ref.Namespace, name: gw.Ref.Name}
		}
	}
	return endOf(of)
}

// foreign lists the policies of actions that intents do not have.
func (x *inferrer) foreign(of *model.Workload) {
	for _, action := range []securityv1.AuthorizationPolicy_Action{securityv1.AuthorizationPolicy_DENY, securityv1.AuthorizationPolicy_CUSTOM} {
		for _, p := range x.authorizing(of, action, "") {
			x.unsaid(p.Object, "/spec/action", "intents say who is let in, not who is kept out (%s)", action)
		}
	}
}
