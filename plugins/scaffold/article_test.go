// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/lint"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// snippet is something that the article gets wrong or that is out of date: where
// it is in examples/article, the rule that finds it, and words of the modern form
// in what the rule says or writes.
type snippet struct {
	about, rule, file, modern string
}

// snippets are those of the article in its order.
var snippets = []snippet{
	{"node:16-alpine", "KM1570", "Dockerfile", "node 24"},
	{"a single stage", "KM1572", "Dockerfile", "FROM ... AS build"},
	{"root", "KM1571", "Dockerfile", "USER 65532:65532"},
	{"npm install", "KM1573", "Dockerfile", "npm ci --omit=dev"},
	{"npm start", "KM1575", "Dockerfile", `["node", "server.js"]`},
	{"COPY . .", "KM1576", "Dockerfile", ".dockerignore"},
	{"nginx:1.19, port 80", "KM1570", "02-2-core-objects.yaml", "nginx-unprivileged, which needs no root and listens on 8080"},
	{"no liveness probe", "KM1513", "02-2-core-objects.yaml", "liveness probe"},
	{"no resources", "KM1517", "02-2-core-objects.yaml", "requests"},
	{"no securityContext", "KM1503", "02-2-core-objects.yaml", "runAsNonRoot"},
	{"no common labels", "KM2517", "02-2-core-objects.yaml", "app.kubernetes.io/name"},
	{"no namespace", "KM6514", "02-2-core-objects.yaml", "namespace"},
	{"no ServiceAccount", "KM6501", "02-2-core-objects.yaml", "ServiceAccount"},
	{"LoadBalancer first", "KM3502", "03-2-service-ingress.yaml", "gateway"},
	{"ports without name", "KM3004", "03-2-service-ingress.yaml", "appProtocol"},
	{"ports without name", "KM3004", "04-1-service-types.yaml", "appProtocol"},
	{"ports without name", "KM3004", "04-3-load-balancing.yaml", "appProtocol"},
	{"no class", "KM4002", "03-2-service-ingress.yaml", "ingressClassName"},
	{"no TLS", "KM4003", "03-2-service-ingress.yaml", "spec.tls"},
	{"kubectl set image", "KM6570", "deploy.sh", "kubectl micro canary"},
	{"a Deployment that is nowhere", "KM6571", "deploy.sh", "add its manifest"},
	{"nodePort", "KM3501", "04-1-service-types.yaml", "port of every node"},
	{"tolerate-unready-endpoints", "KM3010", "04-3-load-balancing.yaml", "publishNotReadyAddresses"},
	{"sessionAffinity", "KM3011", "04-3-load-balancing.yaml", "consistentHash"},
	{"a bare Pod", "KM1538", "05-1-probes.yaml", "nothing makes this pod anew"},
	{"initialDelaySeconds", "KM1560", "05-1-probes.yaml", "startupProbe"},
	{"myapp:v1.0", "KM1005", "05-1-probes.yaml", "registry.example.com"},
	{"limits twice the requests", "KM1521", "05-2-resources.yaml", "500m"},
	{"no ephemeral-storage", "KM1520", "05-2-resources.yaml", "ephemeral-storage"},
	{"a Node as a manifest", "KM5560", "05-3-taints.yaml", "kubectl taint"},
	{"the taint master", "KM6013", "05-3-taints.yaml", "node-role.kubernetes.io/control-plane"},
	{"a toleration that does not match", "KM1009", "05-3-taints.yaml", "Exists"},
	{"Pilot, Citadel, Galley", "KM6577", "06-1-istio.sh", "istiod"},
	{"profile=demo", "KM6576", "06-1-istio.sh", "profile=default"},
	{"v1beta1", "KM6005", "06-3-traffic.yaml", "networking.istio.io/v1"},
	{"v1beta1", "KM6005", "07-1-service-auth.yaml", "security.istio.io/v1"},
	{"subsets that are not defined", "KM8002", "06-3-traffic.yaml", "is not defined"},
	{"subsets that are not defined", "KM8002", "10-2-shop-mesh.yaml", "is not defined"},
	{"two of one name", "KM8005", "06-3-traffic.yaml", "merge the two into one"},
	{"LEAST_CONN", "KM6011", "06-3-traffic.yaml", "LEAST_REQUEST"},
	{"consecutiveErrors", "KM6011", "06-4-circuit-breaker.yaml", "consecutive5xxErrors"},
	{"consecutiveErrors", "KM6011", "10-2-shop-mesh.yaml", "consecutive5xxErrors"},
	{"http.timeout", "KM6006", "06-4-circuit-breaker.yaml", "idleTimeout"},
	{"maxRequestsPerConnection", "KM8560", "06-3-traffic.yaml", "remove"},
	{"maxRequestsPerConnection, lost", "KM6007", "06-4-circuit-breaker.yaml", "key http is there 2 times"},
	{"maxRequestsPerConnection", "KM8560", "10-2-shop-mesh.yaml", "remove"},
	{"an account that nobody has", "KM9007", "07-1-service-auth.yaml", "ServiceAccount"},
	{"identity without mutual TLS", "KM9009", "07-2-access-control.yaml", "PeerAuthentication with mtls.mode STRICT"},
	{"a rule for anyone", "KM9560", "07-2-access-control.yaml", "RequestAuthentication"},
	{"the port metrics", "KM2017", "08-1-prometheus.yaml", "carr"},
	{"a mount without volume", "KM5103", "08-2-fluentd.yaml", "varlog"},
	{"no selector", "KM2004", "09-1-node-affinity.yaml", "spec.selector is missing"},
	{"e2e-az-name", "KM6013", "09-1-node-affinity.yaml", "topology.kubernetes.io/zone"},
	{"ingress only", "KM7560", "09-2-network-policy.yaml", "Egress"},
	{"no ports", "KM7561", "09-2-network-policy.yaml", "ports"},
	{"never pushed", "KM6572", "Jenkinsfile", "docker buildx build --push"},
	{"tests in the image", "KM6574", "Jenkinsfile", "--target test"},
	{"nobody waits", "KM6573", "Jenkinsfile", "kubectl rollout undo"},
	{"a Deployment that is nowhere", "KM6571", "Jenkinsfile", "add its manifest"},
	{"no Service", "KM8001", "10-2-shop-mesh.yaml", "Service default/user-service is not in these files"},
	{"no NetworkPolicy", "KM7506", "10-1-shop.yaml", "NetworkPolicy"},
	{"no probes", "KM1514", "10-1-shop.yaml", "readiness probe"},
}

// TestArticle: every snippet of the article that is out of date or wrong is found
// by a rule of lint, and what the rule says or writes has the modern form.
func TestArticle(t *testing.T) {
	w := article(t)
	said := map[string]string{}
	for _, r := range rules.Run(w, lint.Rules()) {
		file, _, _ := strings.Cut(filepath.Base(r.Where), ":")
		key := r.ID + " " + file
		said[key] += r.Message + "\n" + r.Hint + "\n" + repairs(t, w, r)
	}
	for _, s := range snippets {
		text, found := said[s.rule+" "+s.file]
		switch {
		case !found:
			t.Errorf("%s: %s finds nothing in %s", s.about, s.rule, s.file)
		case !strings.Contains(text, s.modern):
			t.Errorf("%s: %s says nothing of %q in %s, but\n%s", s.about, s.rule, s.modern, s.file, text)
		}
	}
}

// article is examples/article with all that rules look at, in the time it is read.
func article(t *testing.T) *rules.World {
	t.Helper()
	files := &source.Files{
		Paths: []string{"../../examples/article"}, Texts: true,
		Options: model.Options{Namespace: "default", Offline: true, Partial: true, Duplicates: true},
	}
	s, err := files.Load(t.Context(), source.Want{Tolerant: true})
	if s == nil {
		t.Fatal(err)
	}
	return &rules.World{Snapshot: s, Now: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), Unread: fault.All(err), Texts: files.Beside()}
}

// repairs are the fixes of a finding as text.
func repairs(t *testing.T, w *rules.World, r rules.Result) string {
	t.Helper()
	if r.Rule.Repair == nil {
		return ""
	}
	var b strings.Builder
	for _, fix := range r.Rule.Repair(w, r) {
		fmt.Fprintln(&b, fix.Title, fix.Command)
		for _, e := range fix.Edits {
			data, err := json.Marshal(e.Ops)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&b, string(data))
		}
		data, err := json.Marshal(fix.Creates)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, string(data))
	}
	return b.String()
}
