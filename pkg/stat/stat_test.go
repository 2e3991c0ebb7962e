// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package stat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
)

func profile(t testing.TB, name string) signals.Profile {
	t.Helper()
	p, err := signals.ProfileNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// req is a row of requests: "web -> cart/cart-v1 200 source" with more labels.
func req(rate float64, from, service, workload, code, reporter string, more ...string) signals.Sample {
	l := signals.Labels{
		{Name: signals.TagLabel, Value: "req"}, {Name: "reporter", Value: reporter}, {Name: "source_workload", Value: from}, {Name: "source_workload_namespace", Value: "prod"},
		{Name: "destination_service_name", Value: service}, {Name: "destination_service_namespace", Value: "prod"},
		{Name: "destination_workload", Value: workload}, {Name: "destination_workload_namespace", Value: "prod"},
		{Name: "response_code", Value: code}, {Name: "request_protocol", Value: "http"},
	}
	for i := 0; i+1 < len(more); i += 2 {
		l = append(l, signals.Label{Name: more[i], Value: more[i+1]})
	}
	return signals.Sample{Labels: l, Value: rate}
}

func answer(v ...signals.Sample) signals.Answer {
	return signals.Answer{Vector: v, Window: 100 * time.Second}
}

// question asks for targets as they are typed.
func question(t testing.TB, args ...string) stat.Question {
	t.Helper()
	names, err := stat.ParseNames(args)
	if err != nil {
		t.Fatal(err)
	}
	return stat.Question{Names: names, Namespace: "prod", View: signals.Client}
}

func TestParseNames(t *testing.T) {
	for args, want := range map[string]string{
		"": "[svc]", "svc": "[svc]", "services": "[svc]", "Deployment": "[deploy]", "po": "[pod]", "namespaces": "[ns]", "versions": "[version]",
		"cart": "[svc/cart]", "svc cart web": "[svc/cart svc/web]", "deploy/cart sts/db ds/agent": "[deploy/cart sts/db ds/agent]",
		"shop/svc/cart": "[shop/svc/cart]", "version cart": "[version/cart]", "svc/a svc/a": "[svc/a]", "deploy svc/x": "error 2",
		"job": "[svc/job]", "job/x": "error 2", "svc/": "error 2", "/svc/x": "error 2", "a/b/c/d": "error 2", "svc/a pod/b": "error 2",
	} {
		names, err := stat.ParseNames(strings.Fields(args))
		got := fmt.Sprint(names)
		if err != nil {
			got = fmt.Sprintf("error %d", fault.KindOf(err))
		}
		if got != want {
			t.Errorf("%q: %s (%v), want %s", args, got, err, want)
		}
	}
}

// A target is read back as it is written.
func FuzzParseName(f *testing.F) {
	for _, s := range []string{"svc/a", "a", "ns/deploy/a", "//", "version/x", "a/b/c/d", "pod/\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := stat.ParseName(s, "svc")
		if err != nil {
			return
		}
		if again, err := stat.ParseName(n.String(), "svc"); err != nil || again != n {
			t.Errorf("%q is %v, read back as %v (%v)", s, n, again, err)
		}
	})
}

// What can be selected is asked for alone, by equality that is anchored.
func TestQuery(t *testing.T) {
	to := stat.Name{Word: "svc", Name: "cart"}
	from := question(t, "svc/cart")
	from.From = []stat.Name{{Word: "deploy", Name: "web"}}
	callers := question(t, "deploy")
	callers.To = &to
	everywhere := question(t, "svc")
	everywhere.Namespace = ""
	for _, c := range []struct {
		name    string
		q       stat.Question
		profile string
		want    string
	}{
		{"a namespace", question(t), "istio", `destination_service_namespace="prod"`},
		{"everything", everywhere, "istio", ""},
		{"services", question(t, "svc", "cart", "w.b"), "istio", `destination_service_namespace="prod" destination_service_name=~"cart|w\\.b"`},
		{"one elsewhere", question(t, "shop/svc/cart"), "istio", `destination_service_namespace="shop" destination_service_name="cart"`},
		{"a workload", question(t, "deploy/cart"), "istio", `destination_workload_namespace="prod" destination_workload="cart"`},
		{"workloads", question(t, "deploy"), "istio", `destination_service_namespace="prod"`},
		{"a namespace by name", question(t, "ns/shop"), "istio", `destination_service_namespace="shop"`},
		{"from one", from, "istio", `destination_service_namespace="prod" destination_service_name="cart" source_workload_namespace="prod" source_workload="web"`},
		{"to one", callers, "istio", `source_workload_namespace="prod" destination_service_namespace="prod" destination_service_name="cart"`},
		{"several names of one thing", question(t, "svc/cart"), "http", ""},
		{"other names on the other side", question(t, "svc/cart"), "linkerd", ""},
	} {
		var got []string
		for _, m := range c.q.Query(profile(t, c.profile)).Match {
			got = append(got, m.String())
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// tell writes rows down: name, requests a second, why.
func tell(rows []stat.Row) []string {
	var out []string
	for _, r := range rows {
		rate := "-"
		if r.Group != nil && r.Group.Rate != nil {
			rate = signals.Rate(*r.Group.Rate)
		}
		out = append(out, strings.TrimSpace(strings.Join([]string{r.Namespace + "/" + r.Name, r.Version, rate, r.Why()}, " ")))
	}
	return out
}

// The answer may hold more than was asked for: what is not meant is left out of it.
func TestRows(t *testing.T) {
	a := answer(
		req(20, "web", "cart", "cart-v1", "200", "source", "destination_canonical_revision", "v1"),
		req(20, "web", "cart", "cart-v1", "200", "destination", "destination_canonical_revision", "v1"),
		req(5, "batch", "cart", "cart-v2", "503", "source", "destination_canonical_revision", "v2", "response_flags", "UC"),
		req(1, "web", "gone", "unknown", "503", "source", "response_flags", "UH"),
		req(0, "web", "idle", "idle", "200", "source"),
	)
	to := stat.Name{Word: "svc", Name: "cart"}
	callers := question(t, "deploy")
	callers.To = &to
	from := question(t, "svc")
	from.From = []stat.Name{{Word: "deploy", Name: "batch"}}
	elsewhere := question(t, "shop/svc/cart")
	for _, c := range []struct {
		name string
		q    stat.Question
		want []string
	}{
		{"services", question(t), []string{"prod/cart  25.0 UC 5.0rps → cart-v2 (upstream closed the connection)", "prod/gone  1.0 UH 1.0rps (no healthy upstream)", "prod/idle  0 no requests in 100s"}},
		{"one", question(t, "svc/idle"), []string{"prod/idle  0 no requests in 100s"}},
		{"workloads", question(t, "deploy"), []string{"prod/cart-v1  20.0 no latency buckets", "prod/cart-v2  5.0 UC 5.0rps → cart-v2 (upstream closed the connection)",
			"prod/gone (no upstream)  1.0 UH 1.0rps (no healthy upstream)", "prod/idle  0 no requests in 100s"}},
		{"versions", question(t, "version/cart"), []string{"prod/cart v1 20.0 no latency buckets", "prod/cart v2 5.0 UC 5.0rps → cart-v2 (upstream closed the connection)"}},
		{"namespaces", question(t, "ns"), []string{"prod/prod  26.0 UC 5.0rps → cart-v2 (upstream closed the connection)"}},
		{"callers", callers, []string{"prod/batch  5.0 UC 5.0rps → cart-v2 (upstream closed the connection)", "prod/web  20.0 no latency buckets"}},
		{"of one caller", from, []string{"prod/cart  5.0 UC 5.0rps → cart-v2 (upstream closed the connection)"}},
		{"in another namespace", elsewhere, nil},
	} {
		rows, _ := c.q.Rows(profile(t, "istio"), a)
		if diff := cmp.Diff(c.want, tell(rows)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if missing := c.q.Missing(rows); (len(missing) > 0) != (c.name == "in another namespace") {
			t.Errorf("%s: missing %v", c.name, missing)
		}
	}
}

// Both views, and what was lost between them.
func TestBoth(t *testing.T) {
	rows, _ := question(t).Both(profile(t, "istio"), answer(
		req(18, "web", "cart", "cart", "200", "source"), req(2, "web", "cart", "unknown", "0", "source", "response_flags", "UF"),
		req(18, "web", "cart", "cart", "200", "destination"),
		// Other instants of the scrapes, nothing was lost.
		req(10, "web", "db", "db", "200", "source"), req(9.6, "web", "db", "db", "200", "destination"),
		// Of few requests nobody can tell, of many without a word they did not arrive.
		req(0.2, "web", "few", "few", "200", "source"), req(0.1, "web", "few", "few", "200", "destination"),
		req(10, "web", "lost", "lost", "200", "source"), req(8, "web", "lost", "lost", "200", "destination"),
	))
	var got []string
	for i, line := range tell(rows) {
		got = append(got, string(rows[i].View)+" "+line)
	}
	if diff := cmp.Diff([]string{
		"client prod/cart  20.0 UF 2.0rps (connection to the upstream failed)",
		"server prod/cart  18.0 2.0rps never arrived: UF (connection to the upstream failed)",
		"client prod/db  10.0 no latency buckets", "server prod/db  9.6 no latency buckets",
		"client prod/few  0.20 no latency buckets", "server prod/few  0.10 no latency buckets",
		"client prod/lost  10.0 no latency buckets", "server prod/lost  8.0 2.0rps never arrived",
	}, got); diff != "" {
		t.Error(diff)
	}
}

const world = `
apiVersion: v1
kind: Service
metadata: {name: cart}
---
apiVersion: v1
kind: Service
metadata: {name: lonely}
---
apiVersion: v1
kind: Service
metadata: {name: kubernetes, namespace: default}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: cart-v1}
spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: a}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
status: {phase: Running}
---
apiVersion: v1
kind: Pod
metadata: {name: done}
status: {phase: Succeeded}
`

func TestComplete(t *testing.T) {
	a := answer(req(20, "web", "cart", "cart-v1", "200", "source"), req(1, "web", "gone", "gone-v1", "200", "source"))
	everywhere := question(t)
	everywhere.Namespace = ""
	from := question(t)
	from.From = []stat.Name{{Word: "deploy", Name: "web"}}
	for _, c := range []struct {
		name string
		q    stat.Question
		want string
	}{
		{"services", question(t), "prod/cart prod/gone prod/lonely"},
		{"the API server's is none", everywhere, "prod/cart prod/gone prod/lonely"},
		{"those of one caller", from, "prod/cart prod/gone"},
		{"of another kind", question(t, "deploy"), "prod/gone-v1"},
		{"of the kind", question(t, "sts"), "prod/cart-v1 prod/gone-v1"},
		{"pods that have not ended", question(t, "pod"), "prod/(pod unknown) prod/(pod unknown) prod/p"},
		{"a name", question(t, "svc/lonely"), "prod/lonely"},
	} {
		rows, _ := c.q.Rows(profile(t, "istio"), a)
		rows = c.q.Complete(rows, modeltest.Live(t, world))
		var got []string
		for _, r := range rows {
			got = append(got, r.Namespace+"/"+r.Name)
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	if rows := question(t).Complete(nil, nil); len(rows) != 0 || stat.Measured(rows) {
		t.Errorf("nobody knows who exists: %v", rows)
	}
}
