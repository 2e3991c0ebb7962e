// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach/network"
)

// size is how large a generated world is.
type size struct {
	pods, policies, namespaces, apps int
	// distinct gives every pod a label that a policy names.
	distinct bool
}

// generated is a world in which apps allow each other in and out by label,
// namespace, port and address.
func generated(tb testing.TB, n size) *model.Snapshot {
	tb.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	b := model.NewBuilder(model.Options{})
	add := func(k *model.Kind, o runtime.Object, namespace, name string) {
		b.Add(model.FromTyped(k, o, namespace, name))
	}
	ns := func(i int) string { return fmt.Sprintf("ns-%d", i%n.namespaces) }
	for i := range n.namespaces {
		add(model.Namespaces.Kind, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
			Name: ns(i), Labels: map[string]string{"team": fmt.Sprint(i % 7)},
		}}, "", ns(i))
	}
	for i := range n.pods {
		labels := map[string]string{"app": fmt.Sprintf("app-%d", i/n.namespaces%n.apps), "tier": fmt.Sprint(i % 3), "pod-template-hash": fmt.Sprint(i)}
		if n.distinct {
			labels["id"] = fmt.Sprint(i)
		}
		name := fmt.Sprintf("pod-%d", i)
		add(model.Pods.Kind, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: ns(i), Labels: labels},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}}}}},
			Status:     corev1.PodStatus{PodIP: fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)},
		}, ns(i), name)
	}
	for i := range n.policies {
		name := fmt.Sprintf("policy-%d", i)
		add(model.NetworkPolicies.Kind, &networkingv1.NetworkPolicy{
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: ns(i)}, Spec: generatedPolicy(r, n, i),
		}, ns(i), name)
	}
	s, err := b.Build()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func generatedPolicy(r *rand.Rand, n size, i int) networkingv1.NetworkPolicySpec {
	app := func() *metav1.LabelSelector {
		return &metav1.LabelSelector{MatchLabels: map[string]string{"app": fmt.Sprintf("app-%d", r.IntN(n.apps))}}
	}
	port := func(p intstr.IntOrString) []networkingv1.NetworkPolicyPort {
		return []networkingv1.NetworkPolicyPort{{Port: &p}}
	}
	peers := []networkingv1.NetworkPolicyPeer{
		{PodSelector: app()},
		{PodSelector: app(), NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": fmt.Sprint(r.IntN(7))}}},
	}
	if n.distinct { // five pods by their own label
		var ids []string
		for range 5 {
			ids = append(ids, fmt.Sprint(r.IntN(n.pods)))
		}
		for j := i; j < n.pods; j += n.policies {
			ids = append(ids, fmt.Sprint(j))
		}
		peers = append(peers, networkingv1.NetworkPolicyPeer{
			NamespaceSelector: &metav1.LabelSelector{},
			PodSelector:       &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "id", Operator: metav1.LabelSelectorOpIn, Values: ids}}},
		})
	}
	out := networkingv1.NetworkPolicySpec{
		PodSelector: *app(),
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
		Ingress:     []networkingv1.NetworkPolicyIngressRule{{From: peers, Ports: port(intstr.FromInt32(int32(8000 + r.IntN(100))))}},
	}
	if i%3 == 0 {
		out.PolicyTypes = append(out.PolicyTypes, networkingv1.PolicyTypeEgress)
		out.Egress = []networkingv1.NetworkPolicyEgressRule{
			{To: peers, Ports: port(intstr.FromString("http"))},
			{To: []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: fmt.Sprintf("203.0.%d.0/24", r.IntN(200))}}}},
		}
	}
	return out
}

func BenchmarkMatrix(b *testing.B) {
	for name, n := range map[string]size{
		"200x100":         {pods: 200, policies: 100, namespaces: 20, apps: 10},
		"2000x500":        {pods: 2000, policies: 500, namespaces: 50, apps: 12},
		"10000x2000":      {pods: 10000, policies: 2000, namespaces: 50, apps: 12},
		"distinct10000":   {pods: 10000, policies: 2000, namespaces: 50, apps: 12, distinct: true},
		"wide10000x10000": {pods: 10000, policies: 10000, namespaces: 50, apps: 200},
	} {
		s := generated(b, n)
		peers := s.Peers("")
		b.Run(name+"/new", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				network.New(s, network.Options{})
			}
		})
		e := network.New(s, network.Options{})
		b.Run(name+"/matrix", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.ReportMetric(float64(len(e.Matrix(peers).Classes())), "classes")
			}
		})
		m := e.Matrix(peers)
		b.Run(name+"/groups", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				pairs := 0
				for g := range m.Groups() {
					pairs += len(g.From) * len(g.To)
				}
				b.ReportMetric(float64(pairs), "pairs")
			}
		})
	}
}
