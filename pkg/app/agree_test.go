// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy"
	"github.com/kubectl-micro/kubectl-micro/pkg/policy/engine"
	"github.com/kubectl-micro/kubectl-micro/pkg/reach"
	"github.com/kubectl-micro/kubectl-micro/pkg/verdict"
)

// policies are the kinds that pkg/policy writes too, routes what is left out.
var policies, routes = []string{"NetworkPolicy", "AuthorizationPolicy"}, []string{"VirtualService", "HTTPRoute"}

// unshaped is a random system whose callees need no waypoint, of which there would
// be no pods in view.
func unshaped(seed uint64, mesh string) api.System {
	s := random(rand.New(rand.NewPCG(seed, 9)), mesh)
	for name, one := range s.Services {
		one.Traffic = api.Traffic{}
		if mesh == "ambient" {
			one.Versions = nil
		}
		s.Services[name] = one
	}
	return s
}

// TestPolicyAgrees has pkg/policy write the policies of the intents into a world
// without any, and finds that the same requests get through as by those that are
// generated.
func TestPolicyAgrees(t *testing.T) {
	for seed := range uint64(30) {
		s := unshaped(seed, dataplanes[seed%3])
		ours, bare := placed(t, s, routes...), placed(t, s, append(policies, routes...)...)
		set, err := policy.Generate(bare, app.Intents(s), policy.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		var objects []*model.Object
		for _, o := range set.Objects {
			decoded, err := model.Decode(o.Value, o.Ref.Namespace)
			if err != nil {
				t.Fatal(err)
			}
			objects = append(objects, decoded)
		}
		theirs, put := bare.With(objects...), engine.Ask(reach.Options{})
		want := meant(s)
		for _, r := range requests(s) {
			if !strings.HasPrefix(r.to, "sys/") && (!want[r] || r.port == 5672 && r.to != "data/Deployment/queue") {
				continue // of what is outside the file tells more (addresses), or less (which pods), than intents can
			}
			one, other := ask(t, ours, put, r), ask(t, theirs, put, r)
			if one.Verdict != other.Verdict {
				t.Errorf("seed %d, %s: %+v: %s by these policies (%s), %s by those of pkg/policy (%s)", seed, s.Platform.Mesh, r, one.Verdict, one.Reason, other.Verdict, other.Reason)
			}
		}
		if t.Failed() {
			return
		}
	}
}

// TestNothingToAllow finds no edge that pkg/policy would have to add a rule for.
func TestNothingToAllow(t *testing.T) {
	edges := 0
	for seed := range uint64(30) {
		s := unshaped(seed, dataplanes[seed%3])
		world := placed(t, s, routes...)
		for _, in := range app.Intents(s) {
			for _, c := range in.Spec.Callers {
				edges++
				o := policy.Options{}
				if c.From == "prometheus" {
					o.Layers = policy.Network // it adds a rule for anybody even where there is one
				}
				set, err := policy.Allow(world, policy.Request{From: c.From, To: in.Spec.Workload, Namespace: "sys", Ports: c.Ports}, o)
				if err != nil || !set.Empty() {
					t.Errorf("seed %d, %s: %+v of %s: %v, to be added: %v", seed, s.Platform.Mesh, c, in.Spec.Workload, err, set.Objects)
				}
			}
		}
	}
	if edges < 100 {
		t.Errorf("%d edges looked at", edges)
	}
}

// TestLifelines lets pods have what they cannot do without: names, the control
// plane, and probes.
func TestLifelines(t *testing.T) {
	for seed := range uint64(15) {
		s := unshaped(seed, dataplanes[seed%3])
		world, put := placed(t, s, routes...), engine.Ask(reach.Options{})
		for name, one := range s.Services {
			me := peerOf(t, world, pods(s, name)[0])
			questions := map[string]policy.Question{
				"UDP": {From: me, To: peerOf(t, world, "kube-system/Deployment/coredns"), Protocol: corev1.ProtocolUDP, Port: 53},
				"TCP": {From: me, To: peerOf(t, world, "kube-system/Deployment/coredns"), Protocol: corev1.ProtocolTCP, Port: 53},
			}
			if s.Platform.Mesh == "sidecar" {
				questions["istiod"] = policy.Question{From: me, To: peerOf(t, world, "istio-system/Deployment/istiod"), Protocol: corev1.ProtocolTCP, Port: 15012, Plaintext: true}
			}
			for _, p := range one.Ports {
				probe := policy.Question{From: model.Peer{Node: true}, To: me, Protocol: corev1.ProtocolTCP, Port: max(p.Port, p.Target), Plaintext: true}
				switch s.Platform.Mesh {
				case "ambient":
					probe.From = model.Peer{Block: netip.MustParsePrefix("169.254.7.127/32")}
				case "sidecar":
					probe.Port = 15020 // where the sidecar takes them
				}
				questions[fmt.Sprint("probe of ", p.Port)] = probe
			}
			for what, q := range questions {
				h := put(world, q)
				if h.Verdict == verdict.Deny && !(s.Platform.Mesh == "ambient" && h.Number > verdict.NetworkPolicy) { // ztunnel lets probes by
					t.Errorf("seed %d, %s: %s of %s: %s %s %s", seed, s.Platform.Mesh, what, name, h.Name, h.Object, h.Reason)
				}
			}
		}
	}
}

// TestIntents says who calls whom as pkg/policy takes it.
func TestIntents(t *testing.T) {
	s := pharmacy()
	web := s.Services["web"]
	web.Open, web.Versions = false, map[string]api.ServiceVersion{"v1": {Weight: 90}, "v2": {Weight: 10}}
	s.Services["web"] = web
	s.Services["report"] = api.SystemService{Kind: "cronjob", Schedule: "@daily", Image: "r:1", DependsOn: []api.Dependency{{Service: "web"}}}
	s.Services["front"] = api.SystemService{
		Image: "f:1", Ports: map[string]api.SystemPort{"http": {Port: 80, Target: 8080}, "http-metrics": {Port: 9090}}, Expose: &api.Expose{Host: "a.example.com"}, ServiceType: "NodePort",
	}
	s.Services["open"] = api.SystemService{Image: "o:1", Ports: map[string]api.SystemPort{"http": {Port: 80}}, Open: true}
	var got []string
	for _, in := range app.Intents(s) {
		callers := "anybody"
		if in.Spec.Callers != nil {
			callers = fmt.Sprint(in.Spec.Callers)
		}
		got = append(got, fmt.Sprintf("%s/%s %s <- %s -> %v", in.Metadata.Namespace, in.Metadata.Name, in.Spec.Workload, callers, in.Spec.Calls))
	}
	calls := "[{data/svc/redis:6379} {external/fax.example.com:8080} {external/192.0.2.1:80} {data/svc/pg:5432} {external/api.example.com:443}]"
	want := []string{
		"pharmacy/front deploy/front <- [{gateway/istio-ingress/shared [8080] [] <nil>} {internet [8080] [] <nil>} {prometheus [9090] [] <nil>}] -> []",
		"pharmacy/open deploy/open <- anybody -> []",
		"pharmacy/report cronjob/report <- [] -> [{svc/web:80}]",
		"pharmacy/web-v1 deploy/web-v1 <- [{cronjob/report [8080] [] <nil>}] -> " + calls,
		"pharmacy/web-v2 deploy/web-v2 <- [{cronjob/report [8080] [] <nil>}] -> " + calls,
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), strings.Join(got, "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if app.Intents(api.System{}) != nil {
		t.Error("a System that is refused has intents")
	}
}
