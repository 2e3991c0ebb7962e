// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package analyze_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/test/analyze"
	"github.com/kubectl-micro/kubectl-micro/test/lint/finding"
	"github.com/kubectl-micro/kubectl-micro/test/lint/sample"
	"github.com/kubectl-micro/kubectl-micro/test/lint/trial"
)

// others are what the scaffold leaves to the platform: where requests come in, by
// either of the APIs that a mesh has for it.
const others = `apiVersion: v1
kind: Namespace
metadata: {name: istio-ingress, labels: {istio-injection: disabled}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: shared, namespace: istio-ingress}
spec:
  gatewayClassName: istio
  listeners:
  - {name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: istio-system}
---
apiVersion: v1
kind: Pod
metadata: {name: istio-ingressgateway, namespace: istio-system, labels: {istio: ingressgateway}}
spec: {containers: [{name: istio-proxy, image: 'docker.io/istio/proxyv2:1.29.0'}]}
---
apiVersion: v1
kind: Service
metadata: {name: istio-ingressgateway, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  ports: [{name: http, port: 80, protocol: TCP}, {name: https, port: 443, protocol: TCP}]
`

// exemptions are the findings that stay, and why.
var exemptions = []finding.Exemption{
	agent("restricted volume types"), agent("runAsUser=0"), agent("runAsNonRoot != true"),
	{
		Linter: analyze.Istioctl, Check: "IST0101", Set: "istio/*/*", Object: "Gateway/a-example-com",
		Reason: "the certificate is a Secret beside the gateway's pods, and comes from elsewhere, as a warning says",
	},
}

// agent accepts what only the addon logging does.
func agent(check string) finding.Exemption {
	return finding.Exemption{
		Linter: analyze.PodSecurity, Check: check, Set: "*/*/*", Object: "DaemonSet/*",
		Reason: "the logs lie on the node, where only root may read them; the namespace of the agents is their own",
	}
}

// mutations are each told by one linter.
var mutations = []trial.Mutation{
	{Name: "privileged", Set: "service/none/standard", Old: "privileged: false", New: "privileged: true", Linter: analyze.PodSecurity, Check: "privileged"},
	{Name: "capabilities", Set: "job/none/standard", Old: "drop:", New: "add:", Linter: analyze.PodSecurity, Check: "unrestricted capabilities"},
	{Name: "seccomp", Set: "cronjob/ambient/standard", Old: "type: RuntimeDefault", New: "type: Unconfined", Linter: analyze.PodSecurity, Check: "seccompProfile"},
	{Name: "root", Set: "stateful/sidecar/standard", Old: "runAsNonRoot: true", New: "runAsNonRoot: false", Linter: analyze.PodSecurity, Check: "runAsNonRoot != true"},
	{Name: "a level that is none", Set: "service/none/standard", Old: "pod-security.kubernetes.io/enforce: restricted", New: "pod-security.kubernetes.io/enforce: strict", Linter: analyze.PodSecurity, Check: "labels"},
	{Name: "the user of the proxy", Set: "service/sidecar/standard", Old: "runAsUser: 65532", New: "runAsUser: 1337", Linter: analyze.Istioctl, Check: "IST0144"},
	{Name: "a port without a protocol", Set: "service/sidecar/standard", Old: "  - appProtocol: http\n    name: http\n", New: "  - name: web\n", Linter: analyze.Istioctl, Check: "IST0118"},
	{Name: "no sidecars", Set: "service/sidecar/standard", Old: "istio-injection: enabled", New: "app: a", Linter: analyze.Istioctl, Check: "IST0102"},
}

func linters(t *testing.T) trial.Linters {
	t.Helper()
	pods, err := analyze.Pods()
	if err != nil {
		t.Fatal(err)
	}
	return trial.Linters{analyze.PodSecurity: pods, analyze.Istioctl: analyze.Mesh(others)}
}

// TestSets has Pod Security judge all sets, and Istio those in a mesh.
func TestSets(t *testing.T) {
	concerns := func(linter string, s sample.Set) bool { return linter == analyze.PodSecurity || s.Meshed() }
	trial.Sets(t, linters(t), concerns, exemptions)
}

func TestMutations(t *testing.T) {
	trial.Mutations(t, linters(t), mutations)
}
