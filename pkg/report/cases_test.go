// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func before(d time.Duration) *time.Time {
	t := now.Add(-d)
	return &t
}

// hostile is what a container may write into its log, or somebody into an object.
const hostile = "\x1b[31mred\x1b[0m \x07bell | pipe ``` ]]> </details><script>alert(1)</script> " +
	"\u202egnp.exe\u202c %0A::error::fake, a:b\r\n::error file=x::injected\n##[error]old @everyone #1 [a](https://x.example) *b* _c_ \x00\u009b \xff \ufffe"

func objectOf(kind, name string) api.ObjectRef {
	version := map[string]string{"Deployment": "apps/v1", "VirtualService": "networking.istio.io/v1", "DestinationRule": "networking.istio.io/v1"}[kind]
	if version == "" {
		version = "v1"
	}
	return api.ObjectRef{APIVersion: version, Kind: kind, Namespace: "shop", Name: name}
}

// live is a finding on an object of a cluster.
func live(id, severity, title, message string, on api.ObjectRef) api.Finding {
	return api.Finding{
		ID: id, Severity: severity, Confidence: "certain", State: "broken", Title: title, Message: message, Subject: on,
		Where: on.Kind + " " + on.Namespace + "/" + on.Name, Docs: "https://docs.example/rules/" + id + ".md",
		Fingerprint: fmt.Sprintf("%s-%s", id, on.Name),
	}
}

// filed is a finding on an object of a file.
func filed(f api.Finding, file string, line, column int, field string) api.Finding {
	f.Location, f.Field = &api.Location{File: file, Line: line, Column: column}, field
	f.Where = fmt.Sprintf("%s:%d:%d", file, line, column)
	f.Fingerprint += fmt.Sprintf("-%d", line)
	return f
}

// diagnosis counts what it is made of.
func diagnosis(causes ...api.Cause) *api.Diagnosis {
	d := &api.Diagnosis{
		TypeMeta: api.Type("Diagnosis"), Time: now, Causes: append([]api.Cause{}, causes...),
		Scope: api.DiagnosisScope{Source: "cluster", Namespace: "shop"}, Summary: api.DiagnosisSummary{Objects: 24, Rules: 70},
	}
	for _, c := range causes {
		for _, f := range append([]api.Finding{c.Finding}, c.Explains...) {
			switch f.Severity {
			case "error":
				d.Summary.Errors++
			case "warning":
				d.Summary.Warnings++
			default:
				d.Summary.Infos++
			}
		}
	}
	return d
}

// full is a cause with everything: a Deployment that a rollout broke.
func full() api.Cause {
	cart, service := objectOf("Deployment", "cart"), objectOf("Service", "cart")
	c := api.Cause{
		Finding: live("KM1004", "error", "Container exits again and again", "container cart exits with code 1 right after its start", cart),
		Score:   212.5, Impact: []string{"0 of 3 endpoints of Service shop/cart are ready", "VirtualService shop/web sends it all traffic"},
		Rollout: &api.Rollout{Revision: 7, Time: *before(14 * time.Minute), Cause: "release 2.4", Changes: []api.FieldChange{
			{Field: "containers[cart].image", Before: "shop/cart:2.3", After: "shop/cart:2.4"},
			{Field: "containers[cart].env[DB_URL]", Before: "postgres://db"},
			{Field: "a", After: "1"}, {Field: "b", After: "2"}, {Field: "c", After: "3"},
		}},
		Explains: []api.Finding{
			live("KM3002", "error", "Service has no ready endpoints", "no endpoint is ready", service),
			live("KM8009", "error", "Route without healthy endpoints", "route 1 goes to cart.shop, which has no ready endpoint", objectOf("VirtualService", "web")),
			live("KM8009", "error", "Route without healthy endpoints", "route 2 goes to cart.shop, which has no ready endpoint", objectOf("VirtualService", "web")),
		},
		Fixes: []api.Fix{
			{Title: "set DB_URL as before", Risk: "safe", Verified: true, Patches: []api.FixPatch{{Object: cart, Patch: []map[string]any{
				{"op": "test", "path": "/spec/template/spec/containers/0/name", "value": "cart"},
				{"op": "add", "path": "/spec/template/spec/containers/0/env/-", "value": map[string]any{"name": "DB_URL", "value": "postgres://db"}},
			}}}},
			{Title: "allow it in a NetworkPolicy", Risk: "review", Verified: true, Creates: []map[string]any{{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}}},
			{Title: "go back to revision 6", Risk: "disruptive", Command: "kubectl rollout undo deployment/cart \\\n  --to-revision=6 -n shop"},
		},
	}
	for _, name := range []string{"web-a", "web-b", "web-c", "web-d"} {
		c.Explains = append(c.Explains, live("KM3009", "warning", "Client of a service without endpoints", "calls cart.shop", objectOf("Deployment", name)))
	}
	c.Field, c.Hint = "spec.template.spec.containers[0]", "the log says DB_URL is not set\nkubectl logs -n shop deploy/cart --previous"
	c.Pods, c.Of, c.Since = []string{"cart-1", "cart-2", "cart-3", "cart-4"}, 5, before(13*time.Minute)
	c.Related, c.Aliases = []api.ObjectRef{service}, []string{"POP1"}
	c.Evidence = []api.Evidence{
		{Kind: "log", Of: "cart-1/cart", Value: "starting\nreading config\nconnecting\nretry 1\nretry 2\npanic: DB_URL is not set\n\ngoroutine 1 [running]:\n", Time: before(40 * time.Second)},
		{Kind: "event", Of: "Pod shop/cart-1", Value: "BackOff: back-off 5m0s restarting failed container", Time: before(time.Minute)},
		{Kind: "status", Of: "Pod shop/cart-1", Value: "lastState.terminated: exitCode 1, reason Error"},
		{Kind: "condition", Of: "Deployment shop/cart", Value: "Available=False"},
		{Kind: "field", Of: "spec.replicas", Value: "5"},
		{Kind: "absence", Value: "no ConfigMap cart-env"},
	}
	return c
}

// article is a warning that explains errors, in files.
func article() api.Cause {
	rule, routes := objectOf("DestinationRule", "web"), objectOf("VirtualService", "web")
	missing := func(subset string, line int) api.Finding {
		return filed(live("KM8002", "error", "Subset is not defined", fmt.Sprintf("subset %q is not defined: DestinationRule shop/web has none", subset), routes),
			"mesh/web.yaml", line, 9, fmt.Sprintf("spec.http[%d].route[0].destination.subset", line))
	}
	c := api.Cause{Score: 90, Finding: filed(live("KM8005", "warning", "Several DestinationRules for one host",
		"DestinationRule shop/web is defined again at mesh/later.yaml:2:1, which replaces this definition and lacks its "+
			strings.Repeat("trafficPolicy.connectionPool.http.maxRequestsPerConnection, ", 4)+"trafficPolicy.loadBalancer", rule), "mesh/a b.yaml", 25, 1, "spec")}
	c.Confidence, c.State = "likely", "latent"
	c.Explains = []api.Finding{missing("v1", 13), missing("v2", 17),
		filed(live("KM8005", "warning", "Several DestinationRules for one host", "its export is lost too", rule), "mesh/a b.yaml", 26, 1, "spec.exportTo")}
	return c
}

// many are more causes than fit a screen, four of them the same fault.
func many() []api.Cause {
	out := []api.Cause{full(), article()}
	for i := range 4 {
		f := filed(live("KM3001", "warning", "Selector matches no pods", fmt.Sprintf("selector app=s%d matches the pods of no workload", i),
			objectOf("Service", fmt.Sprintf("s%d", i))), fmt.Sprintf("svc/s%d.yaml", i), 7, 3, "spec.selector")
		out = append(out, api.Cause{Finding: f, Score: float64(50 - i), Fixes: []api.Fix{{Title: fmt.Sprintf("select app=t%d", i), Risk: "review", Verified: true}}})
	}
	for i := range 12 {
		f := live(fmt.Sprintf("KM21%02d", i), "error", fmt.Sprintf("Fault %d", i), fmt.Sprintf("message %d", i), objectOf("Deployment", fmt.Sprintf("d%d", i)))
		out = append(out, api.Cause{Finding: f, Score: float64(20 - i)})
	}
	for i := range 3 {
		out = append(out, notes()[i])
	}
	return out
}

func notes() []api.Cause {
	var out []api.Cause
	for _, name := range []string{"a", "b", "c"} {
		out = append(out, api.Cause{Finding: live("KM2501", "info", "No PodDisruptionBudget", "a drain may take all pods at once", objectOf("Deployment", name)), Score: 1})
	}
	return out
}

// nasty has hostile text wherever others could have put it.
func nasty() *api.Diagnosis {
	on := api.ObjectRef{APIVersion: "v1", Kind: "Pod", Namespace: "shop", Name: hostile}
	c := api.Cause{Finding: filed(live("KM1001", "error", "Image cannot be pulled", hostile, on), "dir/"+hostile+".yaml", 3, 1, hostile), Score: 1}
	c.Hint, c.Impact, c.Pods, c.Of = hostile, []string{hostile}, []string{hostile}, 1
	c.Evidence = []api.Evidence{{Kind: "log", Of: hostile, Value: hostile}}
	c.Explains = []api.Finding{live("KM3002", "warning", "No endpoints", hostile, on)}
	c.Rollout = &api.Rollout{Revision: 1, Time: now, Cause: hostile, Changes: []api.FieldChange{{Field: hostile, Before: hostile, After: hostile}}}
	c.Fixes = []api.Fix{{Title: hostile, Risk: "review", Command: hostile, Creates: []map[string]any{{"kind": hostile}}}}
	d := diagnosis(c)
	d.Suppressed = []api.Suppressed{{Finding: c.Finding, By: hostile, Reason: hostile}}
	d.Gone = []api.Finding{c.Finding}
	d.Skipped = []api.Skipped{{Kind: hostile, Reason: hostile, Rules: []string{"KM1001"}}}
	return d
}

// diagnoses are the cases of the goldens.
func diagnoses() map[string]*api.Diagnosis {
	suppressed := diagnosis()
	waived := filed(live("KM3004", "warning", "Port without a name", "port 80 has no name", objectOf("Service", "cart")), "cart.yaml", 10, 5, "spec.ports[0]")
	suppressed.Suppressed = []api.Suppressed{
		{Finding: waived, By: "cart.yaml:9", Reason: "plain TCP"},
		{Finding: live("KM2501", "info", "No PodDisruptionBudget", "a drain may take all pods at once", objectOf("Deployment", "cart")), By: "annotation of Deployment shop/cart"},
		{Finding: waived, By: "base.json", Reason: "in the baseline"},
	}
	skipped := diagnosis()
	skipped.Summary.Partial = true
	skipped.Skipped = []api.Skipped{{Kind: "Pod", Namespace: "shop", Reason: "forbidden", Needs: "list pods in namespace shop", Rules: []string{"KM1001", "KM1004"}}}
	gone := diagnosis(api.Cause{Finding: article().Finding})
	gone.Scope.Source = "overlay"
	gone.Gone = []api.Finding{live("KM3002", "error", "Service has no ready endpoints", "no endpoint is ready", objectOf("Service", "cart"))}
	return map[string]*api.Diagnosis{
		"clean": diagnosis(), "full": diagnosis(full()), "article": diagnosis(article()), "hostile": nasty(), "many": diagnosis(many()...),
		"notes": diagnosis(notes()...), "suppressed": suppressed, "skipped": skipped, "gone": gone,
	}
}
