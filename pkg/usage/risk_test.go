// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package usage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func texts(all []usage.Risk) string {
	var out []string
	for _, r := range all {
		out = append(out, fmt.Sprintf("%s %q %s", r.Code, r.Container, r.Text))
	}
	return strings.Join(out, "\n")
}

func TestRisks(t *testing.T) {
	for _, c := range []struct{ name, rest, metrics, want string }{
		{"just below", `spec: {containers: [{name: app, resources: {limits: {cpu: 1, memory: 1000}}}]}`, `[{name: app, usage: {cpu: 949m, memory: 899}}]`, ``},
		{"at the limits", `spec: {containers: [{name: app, resources: {limits: {cpu: 1, memory: 1000}}}]}`, `[{name: app, usage: {cpu: 950m, memory: 900}}]`,
			"memory-limit \"app\" memory 90% of its limit\ncpu-limit \"app\" cpu 95% of its limit"},
		{"a container that another hides", `spec: {containers: [{name: app, resources: {limits: {cpu: 1, memory: 1000}}}, {name: idle, resources: {limits: {cpu: 9, memory: 9000}}}]}`,
			`[{name: app, usage: {memory: 999}}, {name: idle, usage: {memory: 1}}]`, `memory-limit "app" memory 99% of its limit`},
		{"the limit of the pod as a whole", `spec: {resources: {limits: {memory: 1000}}, containers: [{name: a}, {name: b}]}`,
			`[{name: a, usage: {memory: 500}}, {name: b, usage: {memory: 450}}]`, `memory-limit "" memory 95% of its limit`},
		{"no limit, and more than it asked for", `spec: {containers: [{name: app, resources: {requests: {memory: 100}}}]}`, `[{name: app, usage: {memory: 250}}]`,
			`memory-unbounded "app" memory 250% of its request and no limit`},
		{"no limit and no request", `spec: {containers: [{name: app}]}`, `[{name: app, usage: {memory: 250}}]`, `memory-unbounded "app" no memory request and no limit`},
		{"no limit, within the request", `spec: {containers: [{name: app, resources: {requests: {memory: 100}}}]}`, `[{name: app, usage: {memory: 100}}]`, ``},
		{"the pod's limit binds the container", `spec: {resources: {limits: {memory: 1000}}, containers: [{name: app, resources: {requests: {memory: 10}}}]}`, `[{name: app, usage: {memory: 50}}]`, ``},
		{"nothing is known", `spec: {containers: [{name: app}]}`, ``, ``},
		{"killed", `{spec: {containers: [{name: app}]}, status: {containerStatuses: [{name: app, lastState: {terminated: {reason: OOMKilled, exitCode: 137, finishedAt: "2026-03-01T11:48:00Z"}}}]}}`, ``,
			`oom-killed "app" OOMKilled 12m ago`},
		{"killed, at no known time", `{spec: {containers: [{name: app}]}, status: {containerStatuses: [{name: app, state: {terminated: {reason: OOMKilled, exitCode: 137}}}]}}`, ``,
			`oom-killed "app" OOMKilled`},
		{"ended otherwise", `{spec: {containers: [{name: app}]}, status: {containerStatuses: [{name: app, lastState: {terminated: {reason: Error, exitCode: 1}}}]}}`, ``, ``},
	} {
		rest := c.rest
		if strings.HasPrefix(rest, "{") {
			rest = strings.Replace(rest[1:len(rest)-1], "}]}, status", "}]}\nstatus", 1)
		}
		text := "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: prod}\n" + rest + "\n"
		if c.metrics != "" {
			text += metrics + "  " + c.metrics + "\n"
		}
		pods := usage.Pods(modeltest.Live(t, text))
		if diff := cmp.Diff(c.want, texts(pods[0].Risks(noon))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestThrottlingIsARisk(t *testing.T) {
	for share, want := range map[float64]string{0.249: "", 0.25: `cpu-throttled "app" cpu throttled 25%`} {
		pods := usage.Pods(modeltest.Live(t, `{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: prod}, spec: {containers: [{name: app}, {name: b}]}}`))
		usage.Throttle(pods, map[usage.Place]float64{{Namespace: "prod", Pod: "a", Container: "app"}: share, {Namespace: "prod", Pod: "a", Container: "b"}: 0})
		if got := texts(pods[0].Risks(noon)); got != want {
			t.Errorf("share %v: %q, expected %q", share, got, want)
		}
		if *pods[0].Throttled != share {
			t.Errorf("the pod is throttled %v, expected the greatest of its containers, %v", *pods[0].Throttled, share)
		}
	}
}

func TestRisksOfWorkloads(t *testing.T) {
	text := ""
	for i, memory := range []int{950, 10, 990} {
		text += fmt.Sprintf(`---
{apiVersion: v1, kind: Pod, metadata: {name: p%d, namespace: prod, labels: {pod-template-hash: h}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-h, uid: u, controller: true}]},
 spec: {containers: [{name: app, resources: {limits: {memory: 1000}}}]}}
---
{apiVersion: metrics.k8s.io/v1, kind: PodMetrics, metadata: {name: p%d, namespace: prod}, containers: [{name: app, usage: {memory: %d}}]}
`, i, i, memory)
	}
	all := usage.Workloads(usage.Pods(modeltest.Live(t, text)))
	if want := `memory-limit "app" memory 95% of its limit (2 of 3 pods)`; len(all) != 1 || texts(all[0].Risks(noon)) != want {
		t.Errorf("%d workloads, %s, expected %s", len(all), texts(all[0].Risks(noon)), want)
	}
	c := all[0].Containers()
	if len(c) != 1 || say(c[0].Used) != "- 1950" || say(c[0].Limits) != "- 3000" || say(c[0].OfLimits) != "- 0.65" {
		t.Errorf("containers %+v", c)
	}
}

const node = `
apiVersion: v1
kind: Node
metadata: {name: n1}
spec: {unschedulable: true}
status:
  allocatable: {cpu: 2, memory: 1000, pods: 10}
  conditions: [{type: MemoryPressure, status: "True"}, {type: DiskPressure, status: "False"}, {type: Ready, status: "False"}]
---
{apiVersion: v1, kind: Node, metadata: {name: n2}, status: {allocatable: {cpu: 4, memory: 1000}, conditions: [{type: Ready, status: Unknown}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: n3}, status: {allocatable: {cpu: 4, memory: 1000}, conditions: [{type: Ready, status: "True"}]}}
---
{apiVersion: metrics.k8s.io/v1beta1, kind: NodeMetrics, metadata: {name: n3}, usage: {cpu: 3800m, memory: 899}}
---
{apiVersion: metrics.k8s.io/v1beta1, kind: NodeMetrics, metadata: {name: n1}, usage: {cpu: 500m, memory: 250}}
---
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: prod}, spec: {nodeName: n1, containers: [{name: app, resources: {requests: {cpu: 1}, limits: {memory: 3000}}}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: prod}, spec: {nodeName: n1, containers: [{name: app, resources: {requests: {cpu: 500m}}}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: waits, namespace: prod}, spec: {containers: [{name: app, resources: {requests: {cpu: 500m}}}]}}
`

func TestNodes(t *testing.T) {
	s := modeltest.Live(t, node)
	var got []string
	for _, n := range usage.Nodes(s, usage.Pods(s)) {
		got = append(got, fmt.Sprintf("%s %d used %s %s requests %s %s limits %s %s\n%s", n.Ref.Name, *n.Pods, say(n.Used), say(n.UsedOf),
			say(n.Requests), say(n.RequestsOf), say(n.Limits), say(n.LimitsOf), texts(n.Risks())))
	}
	want := []string{
		"n1 2 used 0.5 250 0.25 0.25 requests 1.5 3000 0.75 3 limits 0 3000 0 3\nnode-not-ready \"\" not ready\nnode-pressure \"\" MemoryPressure",
		"n2 0 used - - - - requests 0 0 0 0 limits 0 0 0 0\nnode-not-ready \"\" nothing is heard from it",
		"n3 0 used 3.8 899 0.95 0.899 requests 0 0 0 0 limits 0 0 0 0\nnode-full \"\" cpu 95% in use",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	blind := s.Without(model.Gap{Kind: model.Pods.GroupKind, Reason: "forbidden"})
	for _, n := range usage.Nodes(blind, usage.Pods(blind)) {
		if n.Pods != nil || say(n.Requests) != "- -" {
			t.Errorf("%s: %v pods with requests %s, though pods could not be read", n.Ref.Name, n.Pods, say(n.Requests))
		}
	}
}

func TestQuotas(t *testing.T) {
	s := modeltest.Live(t, `
{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: prod}, spec: {hard: {requests.cpu: 4}}, status: {hard: {requests.cpu: 4, pods: "0", secrets: "5"}, used: {requests.cpu: 3920m, pods: "0"}}}
`)
	var got []string
	for _, q := range usage.Quotas(s, "prod") {
		text := fmt.Sprintf("%s %s %v of %v", q.Ref.Name, q.Resource, q.Used, q.Hard)
		if q.Ratio != nil {
			text += " " + usage.Percent(*q.Ratio)
		}
		got = append(got, text)
	}
	if diff := cmp.Diff([]string{"q pods 0 of 0", "q requests.cpu 3.92 of 4 98%"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestText(t *testing.T) {
	for want, got := range map[string]string{
		"0": usage.Cores(0), "0.4m": usage.Cores(0.0004), "9.9m": usage.Cores(0.00991), "10m": usage.Cores(0.00996), "250m": usage.Cores(0.25), "999m": usage.Cores(0.9994), "1": usage.Cores(0.9996), "1.25": usage.Cores(1.25), "64": usage.Cores(64),
		"0 ": usage.Bytes(0) + " ", "900": usage.Bytes(900), "1Ki": usage.Bytes(1023.6), "128Mi": usage.Bytes(128 << 20), "1Gi": usage.Bytes(1 << 30), "1.5Gi": usage.Bytes(3 << 29), "2Ti": usage.Bytes(2 << 40),
		"99%": usage.Percent(0.9999), "100%": usage.Percent(1), "29%": usage.Percent(0.29), "0%": usage.Percent(0.001), "250%": usage.Percent(2.5),
	} {
		if got != want {
			t.Errorf("%q, expected %q", got, want)
		}
	}
}
