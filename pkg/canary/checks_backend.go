// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"fmt"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// checkHosts refuses legs whose host stands for nothing.
func checkHosts(c inspection) {
	for _, b := range c.legs() {
		o, at := c.place(b)
		if strings.Contains(b.Host, "/") {
			continue // a Gateway API backend of another kind than Service
		}
		if h := c.Resolve(b.Host, o.Ref.Namespace); !h.Known() && h.Problem != "" {
			c.found(ruleHost, finding.Error, o, at, fmt.Sprintf("host %s stands for nothing: %s", b.Host, h.Problem), "", "")
		}
	}
}

// service returns the Service behind a backend.
func (c inspection) service(b traffic.Backend) (model.Item[corev1.Service], bool) {
	ns, name, _ := c.ServiceName(b.Host)
	return model.Services.Get(c.Snapshot, ns, name)
}

// checkPorts refuses an Istio leg without a port where the Service has several:
// Istio rejects it (IST0112).
func checkPorts(c inspection) {
	for _, s := range c.Shifts {
		for _, l := range s.Legs {
			svc, found := c.service(l.Backend)
			ours := l.SameTarget(c.Pair.Stable) || l.SameTarget(c.Pair.Canary)
			if !found || !ours || l.Port != 0 || len(svc.Value.Spec.Ports) < 2 || s.Object.Ref.Group != model.IstioNetworking {
				continue
			}
			c.found(rulePort, finding.Error, s.Object, l.Pointer+"/destination",
				fmt.Sprintf("the destination %s names no port, and %s has %d", Label(l.Backend), svc.Ref, len(svc.Value.Spec.Ports)),
				"add destination.port.number to every destination of the route", "")
		}
	}
}

// checkClientRules finds callers that do not see the canary's subset because
// their namespace has a DestinationRule of its own for the host.
func checkClientRules(c inspection) {
	b := c.Pair.Canary
	if b.Subset == "" || !c.raising() {
		return
	}
	for _, ns := range c.ClientRuleNamespaces(b.Host) {
		d := c.Destination(b.Host, ns)
		if _, found := d.Subset(b.Subset); !found && len(d.Rules) > 0 {
			c.found(ruleClientRules, finding.Error, d.Rules[0].Object, "/spec/subsets",
				fmt.Sprintf("callers in namespace %s use this rule for %s, and it does not define subset %s: they would get 503", ns, b.Host, b.Subset),
				"define the subset there too, or remove the rule", "")
		}
	}
}

// checkReady asks for ready endpoints behind the canary before it gets traffic,
// and for enough of them: as many per share of traffic as the stable leg has.
func checkReady(c inspection) {
	if !c.raising() || c.Partial {
		return
	}
	canary, known := c.backing(c.Pair.Canary)
	if !known {
		return
	}
	o, at := c.place(c.Pair.Canary)
	label := Label(c.Pair.Canary)
	if canary.Unknown() {
		c.found(ruleReady, finding.Warning, o, at, "whether "+label+" has ready endpoints is unknown: "+canary.Reason, "", "")
		return
	}
	if least := max(1, c.in.MinReady); canary.Ready < least {
		c.found(ruleReady, finding.Error, o, at,
			fmt.Sprintf("ready endpoints of %s: expected at least %d, found %d (of %d): its requests would get 503", label, least, canary.Ready, canary.Total),
			fmt.Sprintf("look at them: kubectl get pods -n %s -l %s", c.Target.Namespace, c.selector(c.Pair.Canary)), OverrideUnready)
		return
	}
	stable, known := c.backing(c.Pair.Stable)
	if !known || stable.Unknown() {
		return
	}
	if need := capacity(c.in.Weight, stable.Ready, c.in.Headroom); canary.Ready < need {
		c.found(ruleCapacity, finding.Error, o, at,
			fmt.Sprintf("ready endpoints of %s: expected at least %d for %s%% of what %s carries with %d, found %d",
				label, need, c.in.Weight, Label(c.Pair.Stable), stable.Ready, canary.Ready),
			"scale the canary up first", OverrideUnready)
	}
}

// capacity is the number of endpoints that carry a share of what the stable
// leg's carry now, times the headroom, rounded up. The headroom counts in
// thousandths: 7 % of 100 is 7 endpoints, not the 8 that binary fractions give.
func capacity(weight Percent, stable int, headroom float64) int {
	load := int64(weight) * int64(stable) * int64(math.Round(headroom*1000))
	unit := int64(hundred) * 1000
	return int((load + unit - 1) / unit)
}

// backing counts the endpoints of a leg; known is false when its host is no
// Service of the Snapshot.
func (c inspection) backing(b traffic.Backend) (model.Ready, bool) {
	svc, found := c.service(b)
	if !found {
		return model.Ready{}, false
	}
	sub, _ := c.Destination(b.Host, c.Target.Namespace).Subset(b.Subset)
	return c.Backing(svc, sub.Labels), true
}

// selector is the label selector of a leg's pods, for commands.
func (c inspection) selector(b traffic.Backend) string {
	var pairs []string
	if svc, found := c.service(b); found {
		for k, v := range svc.Value.Spec.Selector {
			pairs = append(pairs, k+"="+v)
		}
	}
	sub, _ := c.Destination(b.Host, c.Target.Namespace).Subset(b.Subset)
	for k, v := range sub.Labels {
		pairs = append(pairs, k+"="+v)
	}
	slices.Sort(pairs)
	return strings.Join(slices.Compact(pairs), ",")
}
