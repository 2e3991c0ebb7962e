// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package mesh

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	typev1beta1 "istio.io/api/type/v1beta1"
	istiosecv1 "istio.io/client-go/pkg/apis/security/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
)

// policy is an AuthorizationPolicy ready for use.
type policy struct {
	*model.Object
	action   action
	provider string
	targets  targets
	rules    [3][]rule // by chain
	// dryRun policies are evaluated and not enforced.
	dryRun bool
	// notes are what is odd about it.
	notes []string
}

// policyOf compiles a policy.
func policyOf(item model.Item[istiosecv1.AuthorizationPolicy]) *policy {
	spec := &item.Value.Spec
	p := &policy{
		Object: item.Object, action: spec.GetAction(), provider: spec.GetProvider().GetName(),
		targets: targetsOf(item.Ref.Namespace, spec),
	}
	if dry, err := strconv.ParseBool(item.Value.Annotations["istio.io/dry-run"]); err == nil {
		p.dryRun = dry && p.action != custom // a CUSTOM one asks its provider all the same
	}
	for i, r := range spec.GetRules() {
		one := ruleOf(r, i+1, patch.Pointer("spec", "rules", i))
		for c := range p.rules {
			p.rules[c] = append(p.rules[c], one.on(chain(c), p.action))
		}
	}
	for _, field := range misspelt(item.Raw()) {
		p.notes = append(p.notes, fmt.Sprintf("%s: the API server does not know the field and drops it, so that the rule matches more", item.Where(field)))
	}
	return p
}

// name is "namespace/name", the form of messages.
func (p *policy) name() string { return p.Ref.Namespace + "/" + p.Ref.Name }

// knownFields are the fields of a rule, by the key above them.
var knownFields = map[string][]string{
	"rules": {"from", "to", "when"},
	"from":  {"source"},
	"to":    {"operation"},
	"when":  {"key", "values", "notValues"},
	"source": {
		"principals", "notPrincipals", "requestPrincipals", "notRequestPrincipals", "namespaces", "notNamespaces", "ipBlocks",
		"notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks", "serviceAccounts", "notServiceAccounts", "trustDomains", "notTrustDomains",
	},
	"operation": {"hosts", "notHosts", "ports", "notPorts", "methods", "notMethods", "paths", "notPaths"},
}

// misspelt are the pointers of the fields of rules that do not exist.
func misspelt(raw map[string]any) []string {
	spec, _ := raw["spec"].(map[string]any)
	return unknownBelow("rules", spec["rules"], "/spec/rules")
}

func unknownBelow(key string, value any, at string) []string {
	var out []string
	switch value := value.(type) {
	case []any:
		for i, one := range value {
			out = append(out, unknownBelow(key, one, at+patch.Pointer(i))...)
		}
	case map[string]any:
		for name, below := range value {
			switch {
			case !slices.Contains(knownFields[key], name):
				out = append(out, at+patch.Pointer(name))
			case knownFields[name] != nil:
				out = append(out, unknownBelow(name, below, at+patch.Pointer(name))...)
			}
		}
	}
	slices.Sort(out)
	return out
}

// targets are what a policy is for: the pods that a selector selects, or
// gateways and Services by name.
type targets struct {
	namespace string
	selector  map[string]string
	refs      []*typev1beta1.PolicyTargetReference
}

// targeter is what Istio's policies have in common.
type targeter interface {
	GetSelector() *typev1beta1.WorkloadSelector
	GetTargetRef() *typev1beta1.PolicyTargetReference
	GetTargetRefs() []*typev1beta1.PolicyTargetReference
}

func targetsOf(namespace string, p targeter) targets {
	t := targets{namespace: namespace, selector: p.GetSelector().GetMatchLabels(), refs: p.GetTargetRefs()}
	if one := p.GetTargetRef(); one != nil && len(t.refs) == 0 {
		t.refs = []*typev1beta1.PolicyTargetReference{one}
	}
	return t
}

// place is where a policy may be enforced.
type place struct {
	namespace string
	labels    map[string]string
	// gateway is the name of the Gateway of the Gateway API that the pod is an
	// instance of; waypoint is true if it is a waypoint.
	gateway  string
	waypoint bool
	// service is the Service, or ServiceEntry, called through a waypoint.
	service, serviceNamespace, serviceKind string
}

// gatewayLabel is on the pods of a Gateway of the Gateway API.
const gatewayLabel = "gateway.networking.k8s.io/gateway-name"

// apply reports whether a policy counts at a place
// (pilot/pkg/model/policyattachment.go ShouldAttachPolicy).
func (t targets) apply(at place, root string) bool {
	switch {
	case at.gateway == "":
		return len(t.refs) == 0 && t.selects(at)
	case len(t.refs) == 0:
		return !at.waypoint && t.selects(at)
	}
	return slices.ContainsFunc(t.refs, func(r *typev1beta1.PolicyTargetReference) bool {
		switch group, _, _ := strings.Cut(r.GetGroup(), "/"); {
		case r.GetKind() == "Service" && (group == "" || group == "core"), r.GetKind() == "ServiceEntry" && group == model.IstioNetworking:
			return at.waypoint && r.GetKind() == at.serviceKind && r.GetName() == at.service && t.namespace == at.serviceNamespace
		case r.GetKind() == "GatewayClass" && group == model.GatewayAPI:
			return at.waypoint && t.namespace == root && r.GetName() == waypointClass
		case r.GetKind() == "Gateway" && group == model.GatewayAPI:
			own := r.GetNamespace() == "" || r.GetNamespace() == at.namespace
			return own && t.namespace == at.namespace && r.GetName() == at.gateway
		}
		return false
	})
}

func (t targets) selects(at place) bool {
	for k, v := range t.selector {
		if have, has := at.labels[k]; !has || have != v {
			return false
		}
	}
	return true
}
