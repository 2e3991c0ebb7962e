// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
)

// TestExposed holds what leads to a workload from outside, and that a policy
// which keeps it out is heeded.
func TestExposed(t *testing.T) {
	ingress := "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: in, namespace: prod}\n" +
		"spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}]}}]}\n---\n"
	controller := strings.Replace(app("edge", "nginx", ", app.kubernetes.io/name: ingress-nginx"), "ports: [{name: http, port: 80", "type: LoadBalancer\n  ports: [{name: http, port: 80", 1)
	onlyFrom := func(ns string) string {
		return policy("NetworkPolicy", "cart", "{podSelector: {matchLabels: {app: cart}}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "+ns+"}}}]}]}")
	}
	host := func(more string) string {
		return strings.Replace(three, "      containers: [{name: app, image: x, ports: [{name: http, containerPort: 8080}]}]\n---\napiVersion: v1\nkind: Service\nmetadata: {name: cart", more+"\n---\napiVersion: v1\nkind: Service\nmetadata: {name: cart", 1)
	}
	for name, c := range map[string]struct {
		world string
		want  []string // source <- doors, of the rows to cart
	}{
		"nothing":                    {three, []string{"all workloads <- ", "internet <- "}},
		"a load balancer":            {strings.Replace(three, "spec:\n  selector: {app: cart}", "spec:\n  type: LoadBalancer\n  selector: {app: cart}", 1), []string{"all workloads <- prod/svc/cart is of type LoadBalancer", "internet <- prod/svc/cart is of type LoadBalancer"}},
		"an external address":        {strings.Replace(three, "spec:\n  selector: {app: cart}", "spec:\n  externalIPs: [192.0.2.1]\n  selector: {app: cart}", 1), []string{"all workloads <- prod/svc/cart has an external address", "internet <- prod/svc/cart has an external address"}},
		"a host port":                {host("      containers: [{name: app, image: x, ports: [{name: http, containerPort: 8080, hostPort: 81}]}]"), []string{"all workloads <- prod/deploy/cart has host port 81", "internet <- prod/deploy/cart has host port 81"}},
		"the network of the node":    {host("      hostNetwork: true\n      containers: [{name: app, image: x, ports: [{name: http, containerPort: 8080, hostPort: 8080}]}]"), []string{"all workloads <- prod/deploy/cart is on the network of its nodes", "internet <- prod/deploy/cart is on the network of its nodes"}},
		"an Ingress":                 {three + ingress + controller + onlyFrom("edge"), []string{"ingress controller <- routes to cart"}},
		"an Ingress, cut off":        {three + ingress + controller + onlyFrom("else"), nil},
		"an Ingress, nobody in view": {three + ingress + onlyFrom("edge"), []string{"ingress controller (unknown) <- routes to cart"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := live(t, c.world)
			to := end(t, e, "deploy/cart")
			var got []string
			for _, r := range e.Map(reach.MapOptions{Exposed: true, Routed: true, To: &to}).Rows {
				var doors []string
				for _, d := range r.Doors {
					doors = append(doors, d.Reason)
				}
				from := r.From.Text
				if r.From.Everybody != (from == "all workloads") || r.From.Internet != (from == "internet") {
					t.Errorf("%s: found %+v", from, r.From)
				}
				if strings.Contains(reach.Connections(r.Connections), "unknown") {
					from += " (unknown)"
				}
				got = append(got, from+" <- "+strings.Join(doors, ", "))
			}
			slices.Sort(got)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
