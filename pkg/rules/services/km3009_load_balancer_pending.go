// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM3009", Slug: "load-balancer-pending", Severity: finding.Error,
	Short: "Service of type LoadBalancer has no address",
	Why: `A controller outside Kubernetes gives such a Service its address: that of the cloud, MetalLB,
or another one that its loadBalancerClass names. Until it does, the Service is reached from inside
and through its node ports only.

Events of the Service tell of quotas, missing rights and subnets. No event at all usually means that
no such controller runs (kind, minikube, bare metal), or that none answers to the class.`,
	Fix: `Resolve what the event says, or install a load balancer controller. If nothing outside the
cluster needs the Service, make it a ClusterIP.`,
	Reference: "https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer",
	Needs:     []*model.Kind{model.Services.Kind, model.Events.Kind},
	Live:      true,
	Explains:  []string{"KM4012"},
	Check:     checkLoadBalancers,
})

// balancerGrace is how long clouds may take for a load balancer without it
// being a fault.
const balancerGrace = 5 * time.Minute

func checkLoadBalancers(w *rules.World, emit rules.Emit) {
	for _, svc := range model.Services.In(w.Snapshot, "") {
		v := svc.Value
		if v.Spec.Type != corev1.ServiceTypeLoadBalancer || v.DeletionTimestamp != nil || len(v.Status.LoadBalancer.Ingress) > 0 || !svc.Live() {
			continue
		}
		event, failed := latestWarning(w, svc)
		if !failed && fresh(w, &v.ObjectMeta, balancerGrace) {
			continue
		}
		f := emit(svc.Object, "/status/loadBalancer", "no load balancer has given it an address")
		if !v.CreationTimestamp.IsZero() {
			f.Since = v.CreationTimestamp.Time
		}
		if failed {
			f.Message = balancerTrouble(event.Value.Message)
			f.Evidence = append(f.Evidence, finding.Evidence{
				Kind: "event", Of: svc.Ref.String(), Value: event.Value.Reason + ": " + event.Value.Message, Time: model.EventTime(event.Value),
			})
			continue
		}
		f.Severity, f.Confidence = finding.Warning, finding.Likely
		switch class := v.Spec.LoadBalancerClass; {
		case class != nil:
			f.Message = "no load balancer has given it an address: nothing seems to answer to loadBalancerClass " + *class
		case !slices.Contains(v.Finalizers, "service.kubernetes.io/load-balancer-cleanup"):
			f.Message = "no load balancer has given it an address: the cluster seems to have no provider of load balancers"
		}
	}
}

// latestWarning is the last event that says what went wrong with a Service.
func latestWarning(w *rules.World, svc service) (model.Item[corev1.Event], bool) {
	for _, e := range w.EventsOf(svc.Ref) {
		if e.Value.Type == corev1.EventTypeWarning {
			return e, true
		}
	}
	return model.Item[corev1.Event]{}, false
}

// balancerTrouble classifies what a provider says.
func balancerTrouble(message string) string {
	lower := strings.ToLower(message)
	for _, class := range []struct {
		signs []string
		says  string
	}{
		{[]string{"quota", "limit exceeded", "toomany", "limitexceeded"}, "a quota of the provider stops its load balancer from being made"},
		{[]string{"forbidden", "unauthorized", "accessdenied", "not authorized", "permission"}, "the controller has no right to make its load balancer"},
		{[]string{"subnet"}, "no subnet was found for its load balancer"},
		{[]string{"no available ip", "allocationfailed", "no ip", "address pool"}, "no address is left for its load balancer"},
	} {
		if slices.ContainsFunc(class.signs, func(s string) bool { return strings.Contains(lower, s) }) {
			return class.says
		}
	}
	return "its load balancer could not be made"
}
