// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lint_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/lint"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
)

// gold is the manifest that passes all the linters.
func gold(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "app", "testdata", "gold.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// world reads manifests as files.
func world(t *testing.T, text string) *rules.World {
	t.Helper()
	w := rulestest.Parse(t, "gold.yaml", []byte(text))
	if len(w.Unread) > 0 {
		t.Fatal(w.Unread)
	}
	return w
}

const hpa = `
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: catalog
  namespace: shop
spec:
  maxReplicas: 10
  metrics:
  - resource:
      name: cpu
      target:
        averageUtilization: 70
        type: Utilization
    type: Resource
  minReplicas: 3
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: catalog
`

// The only thing that is found in gold is a fact: a certificate comes from elsewhere.
func TestGoldIsClean(t *testing.T) {
	for _, r := range rules.Run(world(t, gold(t)), lint.Rules()) {
		if r.Rule.Hygiene || r.Severity > finding.Info || r.Confidence != finding.Possible {
			t.Errorf("%s %s: %s", r.ID, r.Where, r.Message)
		}
	}
}

// Each change of gold is found by the rules that stand for the linters which find
// it, and by no other.
func TestMutations(t *testing.T) {
	for _, c := range []struct {
		name string
		// edit has the text to replace and its replacement, in turn.
		edit   []string
		append string
		want   []string
	}{
		{"two labels in the selector of the NetworkPolicy", []string{"  podSelector:\n    matchLabels:\n", "  podSelector:\n    matchLabels:\n      app.kubernetes.io/instance: catalog\n"}, "", []string{"KM7507"}},
		{"no rule for egress", []string{"  egress:\n  - ports:\n    - port: 53\n      protocol: UDP\n    - port: 53\n      protocol: TCP\n    to:\n    - namespaceSelector:\n        matchLabels:\n          kubernetes.io/metadata.name: kube-system\n      podSelector:\n        matchLabels:\n          k8s-app: kube-dns\n", "  egress: []\n"}, "", []string{"KM7003", "KM7012", "KM7507"}},
		{"autoscaler and a number of pods", nil, hpa, []string{"KM2009"}},
		{"autoscaler without a number of pods", []string{"  replicas: 3\n", ""}, hpa, []string{"KM2503"}},
		{"no priority class", []string{"      priorityClassName: shop-standard\n", ""}, "", []string{"KM1529"}},
		{"ConfigMap as a volume", []string{
			"        - mountPath: /tmp\n          name: tmp\n", "        - mountPath: /etc/catalog\n          name: config\n        - mountPath: /tmp\n          name: tmp\n",
			"      volumes:\n", "      volumes:\n      - configMap:\n          name: catalog\n        name: config\n",
		}, "", []string{"KM5501"}},
		{"literal DB_SECRET_NAME", []string{"        - name: LOG_LEVEL\n", "        - name: DB_SECRET_NAME\n          value: orders-db\n        - name: LOG_LEVEL\n"}, "", []string{"KM1525"}},
		{"literal TOKEN_TTL", []string{"        - name: LOG_LEVEL\n", "        - name: TOKEN_TTL\n          value: 5m\n        - name: LOG_LEVEL\n"}, "", []string{"KM1526"}},
		{"literal KEYCLOAK_URL", []string{"        - name: LOG_LEVEL\n", "        - name: KEYCLOAK_URL\n          value: http://keycloak\n        - name: LOG_LEVEL\n"}, "", []string{"KM1527"}},
		{"same path of both probes", []string{"            path: /readyz\n", "            path: /livez\n"}, "", []string{"KM1515"}},
		{"same path, but one only connects", []string{
			"            path: /readyz\n", "            path: /livez\n",
			"        livenessProbe:\n          failureThreshold: 3\n          httpGet:\n            path: /livez\n            port: http\n          periodSeconds: 10\n", "        livenessProbe:\n          failureThreshold: 3\n          periodSeconds: 10\n          tcpSocket:\n            port: http\n",
		}, "", nil},
		{"instance is not the name", []string{"    app.kubernetes.io/instance: catalog\n    app.kubernetes.io/managed-by: kubectl-micro\n    app.kubernetes.io/name: catalog\n    app.kubernetes.io/part-of: shop\n    app.kubernetes.io/version: v1\n", "    app.kubernetes.io/instance: other\n    app.kubernetes.io/managed-by: kubectl-micro\n    app.kubernetes.io/name: catalog\n    app.kubernetes.io/part-of: shop\n    app.kubernetes.io/version: v1\n"}, "", []string{"KM2513"}},
		{"Service selects a label that pods lack", []string{"  selector:\n    app.kubernetes.io/name: catalog\n  type: ClusterIP\n", "  selector:\n    application: catalog\n  type: ClusterIP\n"}, "", []string{"KM3001"}},
		{"scratch space above the storage", []string{"          sizeLimit: 64Mi\n", "          sizeLimit: 1Gi\n"}, "", []string{"KM1544"}},
		{"grace period too short", []string{"      terminationGracePeriodSeconds: 45\n", "      terminationGracePeriodSeconds: 10\n"}, "", []string{"KM1545"}},
		{"start longer than the rollout", []string{"          failureThreshold: 30\n", "          failureThreshold: 300\n"}, "", []string{"KM2520"}},
		{"budget lets all go", []string{"  maxUnavailable: 1\n", "  maxUnavailable: 3\n"}, "", []string{"KM2521"}},
		{"budget lets none go", []string{"  maxUnavailable: 1\n", "  minAvailable: 3\n"}, "", []string{"KM2010"}},
		{"probe waits for longer than it pauses", []string{"          periodSeconds: 5\n          timeoutSeconds: 2\n", "          periodSeconds: 5\n          timeoutSeconds: 5\n"}, "", []string{"KM1546"}},
		{"monitor of a port that is not there", []string{"    port: http-metrics\n    scheme: http\n", "    port: metrics\n    scheme: http\n"}, "", []string{"KM2017"}},
		{"image by a tag that moves", []string{":1.0.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ":latest"}, "", []string{"KM1507"}},
		{"image not pulled", []string{"        imagePullPolicy: Always\n", ""}, "", []string{"KM1522"}},
		{"token", []string{"      automountServiceAccountToken: false\n      containers", "      automountServiceAccountToken: true\n      containers"}, "", []string{"KM1541"}},
		{"keys not sorted", []string{"  name: catalog\n  namespace: shop\nspec:\n  ingressClassName", "  namespace: shop\n  name: catalog\nspec:\n  ingressClassName"}, "", []string{"KM6515"}},
		{"no owner", []string{"    app.kubernetes.io/version: v1\n    owner: team-shop\n", "    app.kubernetes.io/version: v1\n"}, "", []string{"KM2514"}},
		{"exempted by kube-linter's annotation", []string{"    email: team-shop@example.com\n", "    email: team-shop@example.com\n    ignore-check.kube-linter.io/minimum-three-replicas: small\n", "  replicas: 3\n", "  replicas: 2\n"}, "", nil},
		{"exempted by kube-score's annotation", []string{"    email: team-shop@example.com\n", "    email: team-shop@example.com\n    kube-score/ignore: pod-probes-identical, service-type\n", "            path: /readyz\n", "            path: /livez\n"}, "", nil},
		{"exempted by Polaris' annotation", []string{"    email: team-shop@example.com\n", "    email: team-shop@example.com\n    polaris.fairwinds.com/priorityClassNotSet-exempt: 'true'\n", "      priorityClassName: shop-standard\n", ""}, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := gold(t)
			for i := 0; i < len(c.edit); i += 2 {
				if !strings.Contains(text, c.edit[i]) {
					t.Fatalf("gold has no %q", c.edit[i])
				}
				text = strings.Replace(text, c.edit[i], c.edit[i+1], 1)
			}
			w := world(t, text+c.append)
			var got []string
			for _, r := range lint.Kept(w, lint.Rules()) {
				if r.Confidence == finding.Possible && !r.Rule.Hygiene {
					continue // about what is in no file
				}
				t.Logf("%s %s: %s", r.ID, r.Where, r.Message)
				got = append(got, r.ID)
			}
			slices.Sort(got)
			if diff := cmp.Diff(c.want, slices.Compact(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
