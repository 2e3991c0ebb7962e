// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// AdminNetworkPolicy is the part of policy.networking.k8s.io/v1alpha1 that
// decides: rules of the cluster's administrators, before NetworkPolicies. The
// types of upstream change from release to release, and an object written for
// another one must be read all the same: what is required there is a pointer here.
type AdminNetworkPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec AdminNetworkPolicySpec `json:"spec,omitempty"`
}

// BaselineAdminNetworkPolicy holds where no NetworkPolicy selects a pod. There
// is one, called "default".
type BaselineAdminNetworkPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec AdminNetworkPolicySpec `json:"spec,omitempty"`
}

// AdminNetworkPolicySpec is that of both kinds of v1alpha1; the baseline has no priority.
type AdminNetworkPolicySpec struct {
	// Priority is 0 to 1000; the lowest number goes first.
	Priority *int32                   `json:"priority,omitempty"`
	Subject  ClusterPolicySubject     `json:"subject,omitempty"`
	Ingress  []AdminNetworkPolicyRule `json:"ingress,omitempty"`
	Egress   []AdminNetworkPolicyRule `json:"egress,omitempty"`
}

// AdminNetworkPolicyRule is a rule of either direction: From is set on ingress, To on egress.
type AdminNetworkPolicyRule struct {
	Name string `json:"name,omitempty"`
	// Action is Allow or Deny; Pass too, but not in the baseline.
	Action string              `json:"action,omitempty"`
	From   []ClusterPolicyPeer `json:"from,omitempty"`
	To     []ClusterPolicyPeer `json:"to,omitempty"`
	// Ports are all where there are none.
	Ports []AdminNetworkPolicyPort `json:"ports,omitempty"`
}

// AdminNetworkPolicyPort has exactly one field; none that is known means that
// the object was written for another version.
type AdminNetworkPolicyPort struct {
	PortNumber *AdminNetworkPolicyPortNumber `json:"portNumber,omitempty"`
	NamedPort  *string                       `json:"namedPort,omitempty"`
	PortRange  *AdminNetworkPolicyPortRange  `json:"portRange,omitempty"`
}

// AdminNetworkPolicyPortNumber is one port; the protocol is TCP if empty.
type AdminNetworkPolicyPortNumber struct {
	Protocol corev1.Protocol `json:"protocol,omitempty"`
	Port     int32           `json:"port,omitempty"`
}

// AdminNetworkPolicyPortRange is a range of ports, both ends in it; the protocol
// is TCP if empty.
type AdminNetworkPolicyPortRange struct {
	Protocol corev1.Protocol `json:"protocol,omitempty"`
	Start    int32           `json:"start,omitempty"`
	End      int32           `json:"end,omitempty"`
}

// ClusterNetworkPolicy is the part of policy.networking.k8s.io/v1alpha2 that
// decides: one kind for what administrators say before NetworkPolicies and after.
type ClusterNetworkPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ClusterNetworkPolicySpec `json:"spec,omitempty"`
}

// ClusterNetworkPolicySpec says when, about which pods, and what.
type ClusterNetworkPolicySpec struct {
	// Tier is Admin or Baseline.
	Tier string `json:"tier,omitempty"`
	// Priority is 0 to 1000 within the tier; the lowest number goes first.
	Priority *int32                     `json:"priority,omitempty"`
	Subject  ClusterPolicySubject       `json:"subject,omitempty"`
	Ingress  []ClusterNetworkPolicyRule `json:"ingress,omitempty"`
	Egress   []ClusterNetworkPolicyRule `json:"egress,omitempty"`
}

// ClusterNetworkPolicyRule is a rule of either direction: From is set on ingress, To on egress.
type ClusterNetworkPolicyRule struct {
	Name string `json:"name,omitempty"`
	// Action is Accept, Deny or Pass.
	Action string              `json:"action,omitempty"`
	From   []ClusterPolicyPeer `json:"from,omitempty"`
	To     []ClusterPolicyPeer `json:"to,omitempty"`
	// Protocols are all where there are none.
	Protocols []ClusterNetworkPolicyProtocol `json:"protocols,omitempty"`
}

// ClusterNetworkPolicyProtocol has exactly one field; none that is known means
// that the object was written for another version.
type ClusterNetworkPolicyProtocol struct {
	TCP                  *ClusterNetworkPolicyTransport `json:"tcp,omitempty"`
	UDP                  *ClusterNetworkPolicyTransport `json:"udp,omitempty"`
	SCTP                 *ClusterNetworkPolicyTransport `json:"sctp,omitempty"`
	DestinationNamedPort string                         `json:"destinationNamedPort,omitempty"`
}

// ClusterNetworkPolicyTransport is all ports of a protocol, or those of DestinationPort.
type ClusterNetworkPolicyTransport struct {
	DestinationPort *ClusterNetworkPolicyPort `json:"destinationPort,omitempty"`
}

// ClusterNetworkPolicyPort is a number, or a range where that is 0.
type ClusterNetworkPolicyPort struct {
	Number int32                          `json:"number,omitempty"`
	Range  *ClusterNetworkPolicyPortRange `json:"range,omitempty"`
}

// ClusterNetworkPolicyPortRange is a range of ports, both ends in it.
type ClusterNetworkPolicyPortRange struct {
	Start int32 `json:"start,omitempty"`
	End   int32 `json:"end,omitempty"`
}

// ClusterPolicySubject says which pods a cluster-wide policy is about, by
// exactly one of its fields. Pods on the host network are never meant.
type ClusterPolicySubject struct {
	Namespaces *metav1.LabelSelector `json:"namespaces,omitempty"`
	Pods       *ClusterPolicyPods    `json:"pods,omitempty"`
}

// ClusterPolicyPods are the pods that one selector selects in the namespaces
// that the other selects; an empty selector selects all.
type ClusterPolicyPods struct {
	NamespaceSelector metav1.LabelSelector `json:"namespaceSelector,omitempty"`
	PodSelector       metav1.LabelSelector `json:"podSelector,omitempty"`
}

// ClusterPolicyPeer is the other end, by exactly one of its fields; none that is
// known means that the object was written for another version. Nodes, Networks
// and DomainNames are for egress only.
type ClusterPolicyPeer struct {
	Namespaces  *metav1.LabelSelector `json:"namespaces,omitempty"`
	Pods        *ClusterPolicyPods    `json:"pods,omitempty"`
	Nodes       *metav1.LabelSelector `json:"nodes,omitempty"`
	Networks    []string              `json:"networks,omitempty"`
	DomainNames []string              `json:"domainNames,omitempty"`
}

// DeepCopyObject implements runtime.Object.
func (p *AdminNetworkPolicy) DeepCopyObject() runtime.Object {
	out := *p
	out.ObjectMeta = *p.ObjectMeta.DeepCopy()
	out.Spec = p.Spec.deepCopy()
	return &out
}

// DeepCopyObject implements runtime.Object.
func (p *BaselineAdminNetworkPolicy) DeepCopyObject() runtime.Object {
	out := *p
	out.ObjectMeta = *p.ObjectMeta.DeepCopy()
	out.Spec = p.Spec.deepCopy()
	return &out
}

// DeepCopyObject implements runtime.Object.
func (p *ClusterNetworkPolicy) DeepCopyObject() runtime.Object {
	out := *p
	out.ObjectMeta = *p.ObjectMeta.DeepCopy()
	out.Spec.Priority = copied(p.Spec.Priority)
	out.Spec.Subject = p.Spec.Subject.deepCopy()
	rule := func(r ClusterNetworkPolicyRule) ClusterNetworkPolicyRule {
		r.From, r.To = each(r.From, ClusterPolicyPeer.deepCopy), each(r.To, ClusterPolicyPeer.deepCopy)
		r.Protocols = each(r.Protocols, ClusterNetworkPolicyProtocol.deepCopy)
		return r
	}
	out.Spec.Ingress, out.Spec.Egress = each(p.Spec.Ingress, rule), each(p.Spec.Egress, rule)
	return &out
}

func (s AdminNetworkPolicySpec) deepCopy() AdminNetworkPolicySpec {
	rule := func(r AdminNetworkPolicyRule) AdminNetworkPolicyRule {
		r.From, r.To = each(r.From, ClusterPolicyPeer.deepCopy), each(r.To, ClusterPolicyPeer.deepCopy)
		r.Ports = each(r.Ports, func(p AdminNetworkPolicyPort) AdminNetworkPolicyPort {
			return AdminNetworkPolicyPort{copied(p.PortNumber), copied(p.NamedPort), copied(p.PortRange)}
		})
		return r
	}
	s.Priority, s.Subject = copied(s.Priority), s.Subject.deepCopy()
	s.Ingress, s.Egress = each(s.Ingress, rule), each(s.Egress, rule)
	return s
}

func (s ClusterPolicySubject) deepCopy() ClusterPolicySubject {
	return ClusterPolicySubject{s.Namespaces.DeepCopy(), s.Pods.deepCopy()}
}

func (p *ClusterPolicyPods) deepCopy() *ClusterPolicyPods {
	if p == nil {
		return nil
	}
	return &ClusterPolicyPods{*p.NamespaceSelector.DeepCopy(), *p.PodSelector.DeepCopy()}
}

func (p ClusterPolicyPeer) deepCopy() ClusterPolicyPeer {
	text := func(s string) string { return s }
	return ClusterPolicyPeer{
		p.Namespaces.DeepCopy(), p.Pods.deepCopy(), p.Nodes.DeepCopy(), each(p.Networks, text), each(p.DomainNames, text),
	}
}

func (p ClusterNetworkPolicyProtocol) deepCopy() ClusterNetworkPolicyProtocol {
	transport := func(t *ClusterNetworkPolicyTransport) *ClusterNetworkPolicyTransport {
		if t = copied(t); t != nil && t.DestinationPort != nil {
			t.DestinationPort = copied(t.DestinationPort)
			t.DestinationPort.Range = copied(t.DestinationPort.Range)
		}
		return t
	}
	p.TCP, p.UDP, p.SCTP = transport(p.TCP), transport(p.UDP), transport(p.SCTP)
	return p
}

// copied is a pointer to a copy, nil of nil.
func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	out := *p
	return &out
}

// each copies the elements of a list one by one; nil stays nil.
func each[T any](list []T, deepCopy func(T) T) []T {
	if list == nil {
		return nil
	}
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = deepCopy(v)
	}
	return out
}
