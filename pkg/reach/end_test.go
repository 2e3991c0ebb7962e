// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package reach_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
)

var ends = app("prod", "web", "") + app("prod", "cart", "") + app("shop", "cart", "") + `
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: prod}
spec: {jobTemplate: {spec: {template: {spec: {serviceAccountName: batch, containers: [{name: a, image: x}]}}}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: prod}
spec: {selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: a, image: x, ports: [{name: sql, containerPort: 5432}]}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: prod}
spec: {selector: {matchLabels: {app: db2}}, template: {metadata: {labels: {app: db2}}, spec: {containers: [{name: a, image: x}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: lone, namespace: prod, labels: {app: lone}}
spec: {containers: [{name: a, image: x}]}
status: {podIP: 10.0.0.7, phase: Running}
---
apiVersion: v1
kind: Service
metadata: {name: multi, namespace: prod}
spec: {clusterIP: 10.96.0.9, selector: {app: lone}, ports: [{name: metrics, port: 9090}, {name: http, port: 80}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: idle, namespace: prod}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: prod}
spec: {selector: {app: web}, servers: []}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: api, namespace: prod}
spec: {gatewayClassName: istio, listeners: []}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: stripe, namespace: prod}
spec: {hosts: [api.stripe.com], ports: [{number: 443, name: tls, protocol: TLS}], endpoints: [{address: 203.0.113.5}], resolution: STATIC}
`

func TestEnd(t *testing.T) {
	e := live(t, ends)
	for in, want := range map[string]struct {
		text  string
		kind  reach.Kind
		peers int
		port  int32
	}{
		"web":                                    {"prod/svc/web", reach.Service, 1, 0},
		"svc/web:80":                             {"prod/svc/web:80", reach.Service, 1, 80},
		"svc/web:http":                           {"prod/svc/web:80", reach.Service, 1, 80},
		"deploy/web":                             {"prod/deploy/web", reach.Pods, 1, 0},
		"deployment/web:8080":                    {"prod/deploy/web:8080", reach.Pods, 1, 8080},
		"sts/db:sql":                             {"prod/sts/db:5432", reach.Pods, 1, 5432},
		"cronjob/nightly":                        {"prod/cronjob/nightly", reach.Pods, 1, 0},
		"nightly":                                {"prod/cronjob/nightly", reach.Pods, 1, 0},
		"pod/lone":                               {"prod/pod/lone", reach.Pods, 1, 0},
		"shop/cart":                              {"shop/svc/cart", reach.Service, 1, 0},
		"shop/deploy/cart":                       {"shop/deploy/cart", reach.Pods, 1, 0},
		"deploy/shop/cart":                       {"shop/deploy/cart", reach.Pods, 1, 0},
		"cart.shop":                              {"shop/svc/cart", reach.Service, 1, 0},
		"cart.shop.svc.cluster.local":            {"shop/svc/cart", reach.Service, 1, 0},
		"sa/batch":                               {"prod/sa/batch", reach.Pods, 1, 0},
		"sa/shop/cart":                           {"shop/sa/cart", reach.Pods, 1, 0},
		"sa/idle":                                {"prod/sa/idle", reach.Pods, 1, 0},
		"gateway/front":                          {"prod/gateway/front", reach.Pods, 1, 0},
		"gateway/prod/api":                       {"prod/gateway/api", reach.Pods, 1, 0},
		"gateway/web":                            {"prod/deploy/web", reach.Pods, 1, 0},
		"internet":                               {"internet", reach.Internet, 1, 0},
		"kubelet":                                {"kubelet", reach.Node, 1, 0},
		"192.0.2.1":                              {"192.0.2.1", reach.Address, 1, 0},
		"192.0.2.1:443":                          {"192.0.2.1:443", reach.Address, 1, 443},
		"[2001:db8::1]:443":                      {"[2001:db8::1]:443", reach.Address, 1, 443},
		"192.0.2.9/24":                           {"192.0.2.0/24", reach.Address, 1, 0},
		"10.0.0.7":                               {"prod/pod/lone", reach.Pods, 1, 0},
		"10.96.0.9:80":                           {"prod/svc/multi:80", reach.Service, 1, 80},
		"api.stripe.com":                         {"api.stripe.com", reach.External, 1, 0},
		"API.example.com.":                       {"api.example.com", reach.External, 0, 0},
		" svc/web ":                              {"prod/svc/web", reach.Service, 1, 0},
		"gateway.networking.istio.io/prod/front": {"prod/gateway/front", reach.Pods, 1, 0},
	} {
		x, err := e.End(in, "prod")
		if err != nil {
			t.Errorf("End(%q): %v", in, err)
			continue
		}
		if x.Text != want.text || x.Kind != want.kind || len(x.Peers) != want.peers || x.Port != want.port {
			t.Errorf("End(%q): expected %+v, found %q %d %d peers port %d", in, want, x.Text, x.Kind, len(x.Peers), x.Port)
		}
		if again, err := e.End(x.Text, "elsewhere"); err != nil || again.Text != x.Text {
			t.Errorf("End(%q) writes %q, which reads as %q, %v", in, x.Text, again.Text, err)
		}
	}
}

func TestEndRefuses(t *testing.T) {
	e := live(t, ends)
	for in, want := range map[string]struct{ message, hint string }{
		"":               {"found nothing", ""},
		"wbe":            {`no Service or workload is called "wbe"`, "prod/svc/web"},
		"deploy/carts":   {`no Deployment is called "carts"`, "prod/"},
		"deploy/missing": {"in namespace prod", ""},
		"db":             {`"db" is 2 workloads`, "prod/deploy/db, prod/sts/db"},
		"cm/x":           {"no end of a connection", "svc"},
		"a/b/c":          {`"b" is no kind`, "deploy"},
		"a/b/c/d":        {"NAMESPACE/KIND/NAME", ""},
		"svc/":           {"KIND/NAME", ""},
		"svc/web:":       {"NAME:PORT", ""},
		"svc/web:1:2":    {"NAME:PORT", ""},
		"svc/web:grpc":   {`no port named "grpc"`, "prod/svc/web:80"},
		"svc/web:70000":  {"between 1 and 65535", ""},
		"carts.shop":     {`no Service is called "carts" in namespace shop`, "shop/svc/cart"},
		"x.y.svc":        {"no Service", ""},
		"sa/nobody":      {`runs as ServiceAccount "nobody"`, "prod/sa/web"},
		"gateway/none":   {"no Gateway", "gateway/prod/front"},
		"prometheus":     {"app.kubernetes.io/name=prometheus", "NAMESPACE/sts/NAME"},
	} {
		_, err := e.End(in, "prod")
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Usage {
			t.Errorf("End(%q): expected a usage error, found %v", in, err)
			continue
		}
		if !strings.Contains(f.Message, want.message) || !strings.Contains(f.Hint, want.hint) {
			t.Errorf("End(%q): expected %q, %q, found %q, %q", in, want.message, want.hint, f.Message, f.Hint)
		}
	}
}

// Where both kinds of Gateway have a name, the candidates are ready to paste.
func TestEndAmbiguousGateway(t *testing.T) {
	e := live(t, ends+strings.NewReplacer("name: front", "name: api").Replace(`---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: prod}
spec: {selector: {app: web}}
`))
	_, err := e.End("gateway/api", "prod")
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Fatalf("expected a usage error, found %v", err)
	}
	for _, c := range strings.Split(strings.TrimSuffix(strings.TrimPrefix(f.Hint, "did you mean "), "?"), ", ") {
		if x, err := e.End(c, "elsewhere"); err != nil || x.Object.Name != "api" {
			t.Errorf("%q: %v, %v", c, x.Object, err)
		}
	}
}

// In files that are not all there is, what is not in view is made up, and said so.
func TestEndStandIns(t *testing.T) {
	e := planned(t, `
apiVersion: v1
kind: Service
metadata: {name: backend, namespace: prod}
spec: {selector: {app: backend}, ports: [{port: 80}]}
`)
	for in, label := range map[string]string{"svc/backend": "backend", "prometheus": ""} {
		x := end(t, e, in)
		if len(x.Peers) != 1 || x.Peers[0].Labels["app"] != label || len(x.Notes) != 1 {
			t.Errorf("%s: expected one pod that is made up, and a note, found %+v", in, x)
		}
	}
	scaled := live(t, app("prod", "web", ""))
	if x := end(t, scaled, "deploy/web"); len(x.Peers) != 1 || len(x.Notes) != 1 || !strings.Contains(x.Notes[0], "runs no pods") {
		t.Errorf("expected the template and a note, found %+v", x)
	}
}

func FuzzEnd(f *testing.F) {
	for _, s := range []string{"svc/web:80", "prod/deploy/web", "10.0.0.1", "[::1]:80", "a/b/c", "sa/x/y", "internet", "::", "x.y.z:http", "10.0.0.0/33", "gateway//", "svc/multi:0"} {
		f.Add(s)
	}
	e := reach.New(modeltest.Live(f, ends), reach.Options{})
	web, err := e.End("deploy/web", "prod")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in string) {
		x, err := e.End(in, "prod")
		if err != nil {
			if fault.KindOf(err) != fault.Usage {
				t.Errorf("End(%q): %v is no usage error", in, err)
			}
			return
		}
		if x.Text == "" {
			t.Errorf("End(%q) has no text", in)
		}
		if a := e.Check(web, x, reach.Request{}); len(a.Groups) == 0 || len(a.Hops) == 0 {
			t.Errorf("Check to %q has no hops", in)
		}
		e.Check(x, web, reach.Request{Method: "GET", Path: "/"})
	})
}
