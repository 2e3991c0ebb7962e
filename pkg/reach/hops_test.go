// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// pods are two apps in a namespace with injection.
var pods = meshed("prod") + app("prod", "web", "") + app("prod", "cart", ", version: v1") + `
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart-v2, namespace: prod}
spec:
  selector: {matchLabels: {app: cart, version: v2}}
  template:
    metadata: {labels: {app: cart, version: v2}}
    spec: {serviceAccountName: cart, containers: [{name: app, image: x, ports: [{name: http, containerPort: 8080}]}]}
---
`

// routed is a VirtualService of cart, with its http routes.
func routed(http string) string {
	return `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: prod}
spec: {hosts: [cart], http: ` + http + `}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: prod}
spec: {host: cart, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}, {name: v3, labels: {version: v3}}]}
---
`
}

func policy(kind, name, spec string) string {
	api := map[string]string{"NetworkPolicy": "networking.k8s.io/v1", "Sidecar": "networking.istio.io/v1", "ServiceEntry": "networking.istio.io/v1"}[kind]
	if api == "" {
		api = "security.istio.io/v1"
	}
	return "\n---\napiVersion: " + api + "\nkind: " + kind + "\nmetadata: {name: " + name + ", namespace: prod}\nspec: " + spec + "\n---\n"
}

// TestHops has one table for all hops: a world, a question, and the hop to look at.
func TestHops(t *testing.T) {
	web := "deploy/web -> svc/cart"
	for name, c := range map[string]struct {
		world    string
		question string
		r        reach.Request
		number   verdict.Number
		want     verdict.Verdict
		whole    verdict.Verdict
		says     string
	}{
		"1 a template stands in":     {pods, web, reach.Request{}, verdict.Source, verdict.Allow, verdict.Allow, "ServiceAccount prod/web; sidecar"},
		"1 internet has no identity": {pods, "internet -> deploy/cart:8080", reach.Request{}, verdict.Source, verdict.None, verdict.Allow, "without an identity"},
		"1 an ended pod": {pods + `
apiVersion: v1
kind: Pod
metadata: {name: done, namespace: prod}
spec: {containers: [{name: a, image: x}]}
status: {phase: Succeeded}
`, "pod/done -> svc/cart", reach.Request{}, verdict.Source, verdict.Deny, verdict.Deny, "has ended"},

		"2 no policy on egress": {pods, web, reach.Request{}, verdict.Name, verdict.Allow, verdict.Allow, "cart.prod.svc.cluster.local"},
		"2 DNS is cut": {pods + policy("NetworkPolicy", "egress", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}"),
			web, reach.Request{}, verdict.Name, verdict.Deny, verdict.Deny, "DNS (UDP)"},
		"2 DNS over UDP alone": {pods + policy("NetworkPolicy", "egress", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}, {ports: [{port: 53, protocol: UDP}]}]}"),
			web, reach.Request{}, verdict.Name, verdict.Allow, verdict.Allow, "DNS over TCP is denied"},
		"2 DNS pods listen on 5353": {pods + `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: dns-default, namespace: openshift-dns}
spec:
  selector: {matchLabels: {dns.operator.openshift.io/daemonset-dns: default}}
  template:
    metadata: {labels: {dns.operator.openshift.io/daemonset-dns: default}}
    spec: {containers: [{name: dns, image: x, ports: [{name: dns, containerPort: 5353, protocol: UDP}, {name: dns-tcp, containerPort: 5353}]}]}
` + policy("NetworkPolicy", "egress", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}, {ports: [{port: 53, protocol: UDP}]}]}"),
			web, reach.Request{}, verdict.Name, verdict.Deny, verdict.Deny, "DNS (UDP)"},
		"2 dnsPolicy Default": {pods + strings.ReplaceAll(strings.ReplaceAll(app("prod", "odd", ""), "serviceAccountName", "dnsPolicy: Default\n      serviceAccountName"), "---", "---"),
			"deploy/odd -> svc/cart", reach.Request{}, verdict.Name, verdict.Unknown, verdict.Unknown, "dnsPolicy Default"},
		"2 ClusterIP from outside":    {pods, "internet -> svc/cart", reach.Request{}, verdict.Name, verdict.Deny, verdict.Deny, "no address outside"},
		"2 LoadBalancer from outside": {strings.ReplaceAll(pods, "spec:\n  selector: {app: cart}", "spec:\n  type: LoadBalancer\n  selector: {app: cart}"), "internet -> svc/cart", reach.Request{}, verdict.Name, verdict.Allow, verdict.Allow, "type LoadBalancer"},
		"2 ExternalName": {pods + `
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: prod}
spec: {type: ExternalName, externalName: cart.prod.svc.cluster.local}
`, "deploy/web -> svc/alias", reach.Request{}, verdict.Port, verdict.Allow, verdict.Allow, "leads to pod port 8080"},

		"3 imported": {pods + policy("Sidecar", "default", "{egress: [{hosts: ['./*']}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}"), web, reach.Request{}, verdict.EgressScope, verdict.Allow, verdict.Allow, "imports"},
		"3 not imported, registry only": {pods + policy("Sidecar", "default", "{egress: [{hosts: ['istio-system/*']}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}"),
			web, reach.Request{}, verdict.EgressScope, verdict.Deny, verdict.Deny, "BlackHoleCluster"},
		"3 not imported, any allowed": {pods + policy("Sidecar", "default", "{egress: [{hosts: ['istio-system/*']}], outboundTrafficPolicy: {mode: ALLOW_ANY}}"),
			web, reach.Request{}, verdict.EgressScope, verdict.Allow, verdict.Allow, "passed through"},
		"3 the oldest Sidecar with a selector counts": {pods + policy("Sidecar", "default", "{egress: [{hosts: ['istio-system/*']}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}") +
			policy("Sidecar", "web", "{workloadSelector: {labels: {app: web}}, egress: [{hosts: ['./*']}]}"),
			web, reach.Request{}, verdict.EgressScope, verdict.Allow, verdict.Allow, "imports"},
		"3 a host outside that nobody declares": {pods + policy("Sidecar", "default", "{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}"), "deploy/web -> api.stripe.com:443", reach.Request{}, verdict.EgressScope, verdict.Deny, verdict.Deny, "no ServiceEntry"},
		"3 a host outside that is declared": {pods + policy("Sidecar", "default", "{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}") + policy("ServiceEntry", "s", "{hosts: [api.stripe.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}"),
			"deploy/web -> api.stripe.com", reach.Request{}, verdict.EgressScope, verdict.Allow, verdict.Allow, "imports api.stripe.com"},

		"4 without a route":          {pods, web, reach.Request{}, verdict.Route, verdict.None, verdict.Allow, "no VirtualService"},
		"4 a route":                  {pods + routed("[{route: [{destination: {host: cart, subset: v1}}]}]"), web, reach.Request{}, verdict.Route, verdict.Allow, verdict.Allow, "subset v1"},
		"4 no route for the path":    {pods + routed("[{match: [{uri: {prefix: /cart}}], route: [{destination: {host: cart}}]}]"), web, reach.Request{Method: "GET", Path: "/other"}, verdict.Route, verdict.Deny, verdict.Deny, "404"},
		"4 a redirect":               {pods + routed("[{redirect: {uri: /new}}]"), web, reach.Request{}, verdict.Route, verdict.Deny, verdict.Deny, "redirects"},
		"4 a direct response":        {pods + routed("[{directResponse: {status: 503}}]"), web, reach.Request{}, verdict.Route, verdict.Deny, verdict.Deny, "answers 503"},
		"4 all aborted":              {pods + routed("[{fault: {abort: {httpStatus: 500, percentage: {value: 100}}}, route: [{destination: {host: cart}}]}]"), web, reach.Request{}, verdict.Route, verdict.Deny, verdict.Deny, "aborts"},
		"4 some aborted":             {pods + routed("[{fault: {abort: {httpStatus: 500, percentage: {value: 10}}}, route: [{destination: {host: cart}}]}]"), web, reach.Request{}, verdict.Route, verdict.Allow, verdict.Allow, "aborts 10%"},
		"4 for others":               {pods + routed("[{match: [{sourceLabels: {app: other}}], directResponse: {status: 503}}, {route: [{destination: {host: cart}}]}]"), web, reach.Request{}, verdict.Route, verdict.Allow, verdict.Allow, "http[1]"},
		"4 the request does not say": {pods + routed("[{match: [{uri: {prefix: /old}}], directResponse: {status: 410}}, {route: [{destination: {host: cart}}]}]"), web, reach.Request{}, verdict.Route, verdict.Unknown, verdict.Unknown, "other requests take other routes"},
		"4 past the proxy":           {pods + routed("[{directResponse: {status: 503}}]"), web, reach.Request{Plaintext: true}, verdict.Route, verdict.None, verdict.Allow, "no proxy"},

		"5 endpoints":        {pods, web, reach.Request{}, verdict.Destination, verdict.Allow, verdict.Allow, "2 endpoints"},
		"5 subset undefined": {pods + routed("[{route: [{destination: {host: cart, subset: v9}}]}]"), web, reach.Request{}, verdict.Destination, verdict.Deny, verdict.Deny, "defines no subset v9"},
		"5 subset empty":     {pods + routed("[{route: [{destination: {host: cart, subset: v3}}]}]"), web, reach.Request{}, verdict.Destination, verdict.Deny, verdict.Deny, "labels of subset v3"},
		"5 host missing":     {pods + routed("[{route: [{destination: {host: gone}}]}]"), web, reach.Request{}, verdict.Destination, verdict.Deny, verdict.Deny, "Service prod/gone does not exist"},
		"5 selector of none": {pods + "apiVersion: v1\nkind: Service\nmetadata: {name: empty, namespace: prod}\nspec: {selector: {app: nobody}, ports: [{port: 80}]}\n", "deploy/web -> svc/empty", reach.Request{}, verdict.Destination, verdict.Deny, verdict.Deny, "selects no pods"},

		"6 named target port": {pods, web, reach.Request{}, verdict.Port, verdict.Allow, verdict.Allow, "80 (http) leads to pod port 8080 (HTTP)"},
		"6 no such port":      {pods, "deploy/web -> svc/cart:81", reach.Request{}, verdict.Port, verdict.Deny, verdict.Deny, "it has 80 (http)"},
		"6 no such port, with a route": {pods + routed("[{route: [{destination: {host: cart, port: {number: 80}}}]}]"), "deploy/web -> svc/cart:81", reach.Request{},
			verdict.Port, verdict.Deny, verdict.Deny, "it has 80 (http)"},
		"4 a port that others bring": {strings.Replace(pods, "selector: {app: cart}\n  ports: [{name: http, port: 80,", "selector: {app: cart}\n  ports: [{name: http, port: 8080,", 1) +
			routed("[{route: [{destination: {host: cart, port: {number: 8080}}}]}]"), "deploy/web -> svc/cart:80", reach.Request{},
			verdict.Route, verdict.Unknown, verdict.Unknown, "prod/svc/cart has no port 80: proxies route it only where other Services bring it"},
		"4 no route for ports that the Service lacks": {pods + routed("[{route: [{destination: {host: cart, port: {number: 80}}}]}]"), "deploy/web -> svc/cart:81", reach.Request{},
			verdict.Route, verdict.None, verdict.Deny, "routes the ports that prod/svc/cart has, and 81 is none of them"},
		"6 target port absent": {strings.ReplaceAll(pods, "targetPort: http}", "targetPort: grpc}"), web, reach.Request{}, verdict.Port, verdict.Deny, verdict.Deny, "no port named grpc"},
		"6 appProtocol wins":   {strings.ReplaceAll(pods, "targetPort: http}", "targetPort: http, appProtocol: tcp}"), web, reach.Request{}, verdict.Port, verdict.Allow, verdict.Allow, "(TCP)"},

		"7 the pod's port counts": {pods + policy("NetworkPolicy", "in", "{podSelector: {matchLabels: {app: cart}}, ingress: [{ports: [{port: 80}]}]}"), web, reach.Request{}, verdict.NetworkPolicy, verdict.None, verdict.Deny, ""},
		"7 egress at the caller":  {pods + policy("NetworkPolicy", "out", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}, {port: 53}]}]}"), web, reach.Request{}, verdict.NetworkPolicy, verdict.Deny, verdict.Deny, "no rule matches"},

		"8 plain text to STRICT": {pods + policy("PeerAuthentication", "default", "{mtls: {mode: STRICT}}"), web, reach.Request{Plaintext: true}, verdict.MTLS, verdict.Deny, verdict.Deny, "STRICT"},
		"8 mutual":               {pods + policy("PeerAuthentication", "default", "{mtls: {mode: STRICT}}"), web, reach.Request{}, verdict.MTLS, verdict.Allow, verdict.Allow, "mutual"},
		"8 passed through is plain": {pods + policy("PeerAuthentication", "default", "{mtls: {mode: STRICT}}") + policy("Sidecar", "default", "{egress: [{hosts: ['istio-system/*']}], outboundTrafficPolicy: {mode: ALLOW_ANY}}"),
			web, reach.Request{}, verdict.MTLS, verdict.Deny, verdict.Deny, "STRICT"},
		"8 excluded port is plain": {strings.ReplaceAll(pods, "metadata: {labels: {app: web}}", "metadata: {labels: {app: web}, annotations: {traffic.sidecar.istio.io/excludeOutboundPorts: '80,90'}}") + policy("PeerAuthentication", "default", "{mtls: {mode: STRICT}}"),
			web, reach.Request{}, verdict.MTLS, verdict.Deny, verdict.Deny, "STRICT"},

		"10 by path":  {pods + policy("AuthorizationPolicy", "cart", "{selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: [/a]}}]}]}"), web, reach.Request{Method: "GET", Path: "/b"}, verdict.Authorization, verdict.Deny, verdict.Deny, ""},
		"10 any path": {pods + policy("AuthorizationPolicy", "cart", "{selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: [/a]}}]}]}"), web, reach.Request{}, verdict.Authorization, verdict.Allow, verdict.Allow, "depends on"},
		"10 a rewrite comes first": {pods + routed("[{match: [{uri: {prefix: /old}}], rewrite: {uri: /new}, route: [{destination: {host: cart}}]}]") +
			policy("AuthorizationPolicy", "cart", "{selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: [/new/x]}}]}]}"), web, reach.Request{Method: "GET", Path: "/old/x"}, verdict.Authorization, verdict.Allow, verdict.Allow, ""},
		"10 a token":  {pods + policy("RequestAuthentication", "cart", "{selector: {matchLabels: {app: cart}}, jwtRules: [{issuer: iss}]}") + policy("AuthorizationPolicy", "cart", "{selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {requestPrincipals: ['iss/*']}}]}]}"), web, reach.Request{Claims: map[string][]string{"iss": {"iss"}, "sub": {"me"}}}, verdict.Authorization, verdict.Allow, verdict.Allow, ""},
		"10 no token": {pods + policy("AuthorizationPolicy", "cart", "{selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {requestPrincipals: ['iss/*']}}]}]}"), web, reach.Request{Claims: map[string][]string{}}, verdict.Authorization, verdict.Deny, verdict.Deny, ""},

		"11 nothing runs": {pods, web, reach.Request{}, verdict.Arrival, verdict.None, verdict.Allow, "runs no pods"},
	} {
		t.Run(name, func(t *testing.T) {
			a := check(t, live(t, c.world), c.question, c.r)
			h := hop(a, c.number)
			text := h.Reason + " " + h.Rule + " " + strings.Join(h.Notes, " ")
			if h.Verdict != c.want || a.Verdict != c.whole || !strings.Contains(text, c.says) {
				t.Errorf("expected hop %d to %s (%q) and the whole to %s, found:\n%s", c.number, c.want, c.says, c.whole, show(a))
			}
			if h.Number != c.number || h.Name == "" {
				t.Errorf("hop %d is not there", c.number)
			}
			for i, h := range a.Hops {
				if i > 0 && h.Number < a.Hops[i-1].Number {
					t.Errorf("hops are not in the order of the packet:\n%s", show(a))
				}
			}
		})
	}
}
