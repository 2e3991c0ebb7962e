// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// running are three pods of cart: two versions, and one that is not ready.
const running = `
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: prod}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-1, namespace: prod, labels: {app: cart, version: v1}}
spec: {containers: [{name: a, image: x}]}
status: {phase: Running, podIP: 10.0.0.1, conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-2, namespace: prod, labels: {app: cart, version: v2}}
spec: {containers: [{name: a, image: x}]}
status: {phase: Running, podIP: 10.0.0.2, conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-3, namespace: prod, labels: {app: cart, version: v1}}
spec: {containers: [{name: a, image: x}]}
status: {phase: Running, conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: prod, labels: {app: web}}
spec: {containers: [{name: a, image: x}]}
status: {phase: Running, podIP: 10.0.0.4, conditions: [{type: Ready, status: "True"}]}
---
`

// Replicas that differ are told apart: "1 of 3 pods".
func TestGroups(t *testing.T) {
	e := live(t, running+policy("NetworkPolicy", "v2", "{podSelector: {matchLabels: {version: v2}}, ingress: []}"))
	a := check(t, e, "pod/web -> svc/cart", reach.Request{})
	if a.Verdict != verdict.Deny || len(a.Groups) != 2 {
		t.Fatalf("expected two groups, found:\n%s", show(a))
	}
	worst := a.Groups[0]
	if worst.Text != "1 of 3 pods" || worst.Verdict != verdict.Deny || !slices.Equal(worst.To, []string{"prod/pod/cart-2"}) || worst.Port != 8080 {
		t.Errorf("expected 1 of 3 pods, cart-2, to be denied first, found:\n%s", show(a))
	}
	if a.Groups[1].Text != "2 of 3 pods" || a.Groups[1].Verdict != verdict.Allow {
		t.Errorf("expected 2 of 3 pods to be reached, found:\n%s", show(a))
	}
	alike := check(t, live(t, running), "pod/web -> svc/cart", reach.Request{})
	if len(alike.Groups) != 1 || alike.Groups[0].Text != "" || len(alike.Groups[0].To) != 3 {
		t.Errorf("expected one group, found:\n%s", show(alike))
	}
}

// The weights of a route make groups too, and a leg without weight none.
func TestGroupsOfRoute(t *testing.T) {
	world := pods + routed("[{route: [{destination: {host: cart, subset: v1}, weight: 90}, {destination: {host: cart, subset: v2}, weight: 10}]}]") +
		policy("NetworkPolicy", "v2", "{podSelector: {matchLabels: {version: v2}}, ingress: []}")
	a := check(t, live(t, world), "deploy/web -> svc/cart", reach.Request{})
	if len(a.Groups) != 2 || !strings.Contains(a.Groups[0].Text, "subset v2") {
		t.Fatalf("expected a group for each subset, the denied one first, found:\n%s", show(a))
	}
	world = strings.Replace(strings.Replace(world, "weight: 90", "weight: 100", 1), "weight: 10}", "weight: 0}", 1)
	a = check(t, live(t, world), "deploy/web -> svc/cart", reach.Request{})
	if len(a.Groups) != 1 || a.Verdict != verdict.Allow || !strings.Contains(strings.Join(hop(a, verdict.Route).Notes, " "), "its weight is 0") {
		t.Errorf("expected the leg without weight to be left out and said so, found:\n%s", show(a))
	}
	// The question about the pods of v2 is whether they may be called, all the same.
	a = check(t, live(t, world), "deploy/web -> deploy/cart-v2", reach.Request{})
	if a.Verdict != verdict.Deny || !strings.Contains(strings.Join(hop(a, verdict.Route).Notes, " "), "sends nothing to these pods") {
		t.Errorf("expected the NetworkPolicy to deny, found:\n%s", show(a))
	}
}

// What denies later is kept: both layers are to be mended.
func TestLaterDenials(t *testing.T) {
	world := pods + policy("NetworkPolicy", "in", "{podSelector: {matchLabels: {app: cart}}, ingress: []}") +
		policy("AuthorizationPolicy", "none", "{}")
	a := check(t, live(t, world), "deploy/web -> svc/cart", reach.Request{})
	var deny []verdict.Number
	for _, h := range a.Hops {
		if h.Verdict == verdict.Deny {
			deny = append(deny, h.Number)
		}
	}
	if !slices.Equal(deny, []verdict.Number{verdict.NetworkPolicy, verdict.Authorization}) {
		t.Errorf("expected hops 7 and 10 to deny, found %v:\n%s", deny, show(a))
	}
	if h, _ := a.Decides(); h.Number != verdict.NetworkPolicy {
		t.Errorf("expected the first to decide, found %v", h)
	}
}

func TestReadiness(t *testing.T) {
	one := strings.Replace(running, `status: "True"`, `status: "False"`, 1)
	a := check(t, live(t, one), "pod/web -> svc/cart", reach.Request{})
	if a.Verdict != verdict.Allow || len(a.Groups[0].To) != 2 || !strings.Contains(strings.Join(hop(a, verdict.Destination).Notes, " "), "1 of 3 pods not ready") {
		t.Errorf("expected the two that are ready, found:\n%s", show(a))
	}
	none := strings.ReplaceAll(running, `status: "True"`, `status: "False"`)
	a = check(t, live(t, none), "pod/web -> svc/cart", reach.Request{})
	if h := hop(a, verdict.Arrival); a.Verdict != verdict.Deny || h.Verdict != verdict.Deny || h.ID != "KM3002" {
		t.Errorf("expected no pod to be ready, found:\n%s", show(a))
	}
	a = check(t, live(t, strings.ReplaceAll(none, "spec: {selector: {app: cart}", "spec: {publishNotReadyAddresses: true, selector: {app: cart}")), "pod/web -> svc/cart", reach.Request{})
	if a.Verdict != verdict.Allow {
		t.Errorf("expected addresses of pods that are not ready to count, found:\n%s", show(a))
	}
}

// What could not be read is unknown, with the reason, and never an answer.
func TestGaps(t *testing.T) {
	s := modeltest.Live(t, pods)
	for _, k := range []*model.Kind{model.NetworkPolicies.Kind, model.VirtualServices.Kind, model.AuthorizationPolicies.Kind} {
		e := engine(s.Without(model.Gap{Kind: k.GroupKind, Reason: "cannot list " + k.Resource}))
		a := check(t, e, "deploy/web -> svc/cart", reach.Request{})
		if a.Verdict != verdict.Unknown || !strings.Contains(strings.Join(a.Unknowns, " "), "cannot list "+k.Resource) {
			t.Errorf("%s: expected unknown with the reason, found:\n%s", k.Resource, show(a))
		}
	}
}

// Odd objects make no panic, and no answer about others.
func TestOddObjects(t *testing.T) {
	odd := `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: empty, namespace: prod}
spec: {}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: nulls, namespace: prod}
spec: {hosts: [other], http: [{route: [{}]}, {}, {match: [{uri: {regex: "("}}], delegate: {name: nulls}}], tcp: [{}], tls: [{}]}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: odd, namespace: prod}
spec: {workloadSelector: {}, egress: [{hosts: [nonsense]}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: odd, namespace: prod}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: odd, namespace: prod}
spec: {addresses: [not-an-ip, 10.0.0.0/99], endpoints: [{}]}
---
apiVersion: v1
kind: Service
metadata: {name: bare, namespace: prod}
---
apiVersion: v1
kind: Pod
metadata: {name: bare, namespace: prod}
status: {podIP: nonsense}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: odd, namespace: elsewhere}
spec: {podSelector: {matchLabels: {app: nobody}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/99}}]}]}
`
	e := live(t, pods+odd)
	all := []string{"deploy/web", "svc/cart", "svc/bare", "pod/bare", "gateway/odd", "internet", "kubelet", "10.1.2.0/24", "192.0.2.1:80", "www.example.com"}
	for _, from := range all {
		for _, to := range all {
			if a := check(t, e, from+" -> "+to, reach.Request{}); len(a.Hops) == 0 {
				t.Errorf("%s -> %s has no hops", from, to)
			}
		}
	}
	if a := check(t, e, "deploy/web -> svc/cart", reach.Request{}); a.Verdict != verdict.Allow {
		t.Errorf("expected the odd objects not to matter, found:\n%s", show(a))
	}
	e.Map(reach.MapOptions{})
	e.Map(reach.MapOptions{Exposed: true})
	e.MTLS(reach.MTLSOptions{})
}

// Ambient: the network sees the tunnel's port.
func TestAmbientPort(t *testing.T) {
	world := strings.Replace(pods, "istio-injection: enabled", "istio.io/dataplane-mode: ambient", 1) +
		policy("NetworkPolicy", "in", "{podSelector: {matchLabels: {app: cart}}, ingress: [{ports: [{port: 8080}]}]}")
	a := check(t, live(t, world), "deploy/web -> svc/cart", reach.Request{})
	if h, _ := a.Decides(); a.Verdict != verdict.Deny || h.Number != verdict.NetworkPolicy || !strings.Contains(strings.Join(h.Notes, " "), "15008") {
		t.Errorf("expected the port of the tunnel to be denied, found:\n%s", show(a))
	}
	a = check(t, live(t, strings.Replace(world, "port: 8080}]}]}", "port: 15008}]}]}", 1)), "deploy/web -> svc/cart", reach.Request{})
	if a.Verdict != verdict.Allow {
		t.Errorf("expected the tunnel to get through, found:\n%s", show(a))
	}
}

// A waypoint makes two connections of one.
func TestWaypoint(t *testing.T) {
	world := strings.Replace(pods, "istio-injection: enabled", "istio.io/dataplane-mode: ambient, istio.io/use-waypoint: wp", 1) + `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: wp, namespace: prod, labels: {istio.io/waypoint-for: service}}
spec: {gatewayClassName: istio-waypoint, listeners: []}
` + policy("NetworkPolicy", "in", "{podSelector: {matchLabels: {app: cart}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}")
	a := check(t, live(t, world), "deploy/web -> svc/cart", reach.Request{})
	h, _ := a.Decides()
	if a.Verdict != verdict.Deny || h.Name != "NetworkPolicy ingress from the waypoint" {
		t.Errorf("expected the waypoint not to get through to the pod, found:\n%s", show(a))
	}
}

// Of several VirtualServices the one with the most specific host counts, of
// those the oldest; one for a gateway or another namespace does not.
func TestRouteChosen(t *testing.T) {
	vs := func(name, host, more, created string, status int) string {
		return fmt.Sprintf(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: %s, namespace: prod, creationTimestamp: "%s"}
spec: {hosts: ["%s"], %s http: [{directResponse: {status: %d}}]}
---
`, name, created, host, more, status)
	}
	world := pods + vs("wild", "*.prod.svc.cluster.local", "", "2020-01-01T00:00:00Z", 501) +
		vs("young", "cart", "", "2024-01-01T00:00:00Z", 502) + vs("old", "cart", "", "2023-01-01T00:00:00Z", 503) +
		vs("edge", "cart", "gateways: [front],", "2019-01-01T00:00:00Z", 504) + vs("away", "cart", "exportTo: [shop],", "2019-01-01T00:00:00Z", 505)
	a := check(t, live(t, world), "deploy/web -> svc/cart", reach.Request{})
	if h := hop(a, verdict.Route); h.Object.Name != "old" {
		t.Errorf("expected the oldest for the host itself, found:\n%s", show(a))
	}
}

// Where the pods of the cluster's DNS may exist unseen, that the usual ones are
// cut proves nothing.
func TestResolversUnseen(t *testing.T) {
	world := pods + policy("NetworkPolicy", "egress", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}")
	a := check(t, planned(t, world), "deploy/web -> svc/cart", reach.Request{})
	if h := hop(a, verdict.Name); h.Verdict != verdict.Unknown || a.Verdict != verdict.Unknown || len(h.Notes) == 0 {
		t.Errorf("expected unknown, found:\n%s", show(a))
	}
}
