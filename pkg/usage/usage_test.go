// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package usage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/usage"
)

// say prints an amount, "-" for nil.
func say(a usage.Amount) string {
	one := func(x *float64) string {
		if x == nil {
			return "-"
		}
		return fmt.Sprintf("%.6g", *x)
	}
	return one(a.CPU) + " " + one(a.Memory)
}

// facts are what tests look at of a pod.
type facts struct{ Used, Requests, Limits, OfRequests, OfLimits string }

func factsOf(p usage.Pod) facts {
	return facts{say(p.Used), say(p.Requests), say(p.Limits), say(p.OfRequests), say(p.OfLimits)}
}

const metrics = `
---
apiVersion: metrics.k8s.io/v1beta1
kind: PodMetrics
metadata: {name: a, namespace: prod}
timestamp: "2026-03-01T12:00:00Z"
window: 15s
containers:
`

func TestPods(t *testing.T) {
	for _, c := range []struct {
		name, pod, metrics string
		want               facts
	}{
		{"a container within its limits", `spec: {containers: [{name: app, resources: {requests: {cpu: 200m, memory: 100}, limits: {cpu: 1, memory: 200}}}]}`,
			`[{name: app, usage: {cpu: 100m, memory: 50}}]`, facts{"0.1 50", "0.2 100", "1 200", "0.5 0.5", "0.1 0.25"}},
		{"no metrics are unknown, not zero", `spec: {containers: [{name: app, resources: {requests: {cpu: 200m, memory: 100}, limits: {cpu: 1, memory: 200}}}]}`,
			``, facts{"- -", "0.2 100", "1 200", "- -", "- -"}},
		{"one resource may be unknown", `spec: {containers: [{name: app, resources: {requests: {cpu: 200m, memory: 100}}}]}`,
			`[{name: app, usage: {memory: 50}}]`, facts{"- 50", "0.2 100", "- -", "- 0.5", "- -"}},
		{"a share of nothing is unknown", `spec: {containers: [{name: app}]}`,
			`[{name: app, usage: {cpu: 100m, memory: 50}}]`, facts{"0.1 50", "0 0", "- -", "- -", "- -"}},
		{"usage of native sidecars counts", `spec: {initContainers: [{name: istio-proxy, restartPolicy: Always, resources: {requests: {cpu: 100m, memory: 10}, limits: {cpu: 1, memory: 20}}}],
			containers: [{name: app, resources: {requests: {cpu: 100m, memory: 10}, limits: {cpu: 1, memory: 20}}}]}`,
			`[{name: app, usage: {cpu: 50m, memory: 10}}, {name: istio-proxy, usage: {cpu: 50m, memory: 10}}]`, facts{"0.1 20", "0.2 20", "2 40", "0.5 1", "0.05 0.5"}},
		{"a pod is not limited where a sidecar is not", `spec: {initContainers: [{name: istio-proxy, restartPolicy: Always, resources: {limits: {memory: 20}}}],
			containers: [{name: app, resources: {limits: {cpu: 1, memory: 20}}}]}`,
			`[{name: app, usage: {cpu: 50m, memory: 10}}]`, facts{"0.05 10", "1 40", "- 40", "0.05 0.25", "- 0.25"}},
		{"init containers need no limit", `spec: {initContainers: [{name: migrate, resources: {requests: {cpu: 2}}}], containers: [{name: app, resources: {limits: {cpu: 1, memory: 20}}}]}`,
			`[{name: app, usage: {cpu: 50m, memory: 10}}]`, facts{"0.05 10", "2 20", "1 20", "0.025 0.5", "0.05 0.5"}},
		{"the pod as a whole", `spec: {resources: {requests: {cpu: 1}, limits: {cpu: 2, memory: 100}}, containers: [{name: a}, {name: b, resources: {limits: {cpu: 1}}}]}`,
			`[{name: a, usage: {cpu: 500m, memory: 25}}, {name: b, usage: {cpu: 500m, memory: 25}}]`, facts{"1 50", "1 100", "2 100", "1 0.5", "0.5 0.5"}},
		{"a limit of zero is none", `spec: {containers: [{name: app, resources: {limits: {cpu: 0}}}]}`,
			`[{name: app, usage: {cpu: 50m, memory: 10}}]`, facts{"0.05 10", "0 0", "- -", "- -", "- -"}},
	} {
		text := "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: prod}\n" + c.pod + "\n"
		if c.metrics != "" {
			text += metrics + "  " + c.metrics + "\n"
		}
		pods := usage.Pods(modeltest.Live(t, text))
		if len(pods) != 1 {
			t.Fatalf("%s: %d pods", c.name, len(pods))
		}
		if diff := cmp.Diff(c.want, factsOf(pods[0])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// A StatefulSet's pods have one name after the other: what was measured before a
// pod was made is another's.
func TestMetricsOfAnEarlierPod(t *testing.T) {
	text := `{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: prod, creationTimestamp: %q}, spec: {containers: [{name: app}]}}` +
		metrics + "- {name: app, usage: {cpu: 1, memory: 1}}\n"
	for created, want := range map[string]string{"2026-03-01T12:00:05Z": "- -", "2026-03-01T11:59:00Z": "1 1"} {
		pods := usage.Pods(modeltest.Live(t, fmt.Sprintf(text, created)))
		if got := say(pods[0].Used); got != want {
			t.Errorf("made at %s: used %s, expected %s", created, got, want)
		}
	}
}

// Two pods whose namespaces and names read the same when they are joined by a
// dash.
func TestKeysAreNotJoinedNames(t *testing.T) {
	pods := usage.Pods(modeltest.Live(t, `
{apiVersion: v1, kind: Pod, metadata: {name: api-web-0, namespace: team}, spec: {containers: [{name: app}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web-0, namespace: team-api}, spec: {containers: [{name: app}]}}
---
{apiVersion: metrics.k8s.io/v1, kind: PodMetrics, metadata: {name: api-web-0, namespace: team}, containers: [{name: app, usage: {cpu: 1, memory: 1}}]}
---
{apiVersion: metrics.k8s.io/v1, kind: PodMetrics, metadata: {name: web-0, namespace: team-api}, containers: [{name: app, usage: {cpu: 2, memory: 2}}]}
`))
	usage.Throttle(pods, map[usage.Place]float64{{Namespace: "team", Pod: "api-web-0", Container: "app"}: 0.5})
	var got []string
	for _, p := range pods {
		got = append(got, fmt.Sprintf("%s/%s %s %t", p.Ref.Namespace, p.Ref.Name, say(p.Used), p.Throttled != nil))
	}
	if diff := cmp.Diff([]string{"team/api-web-0 1 1 true", "team-api/web-0 2 2 false"}, got); diff != "" {
		t.Error(diff)
	}
	if all := usage.Workloads(pods); len(all) != 2 {
		t.Errorf("%d workloads, expected 2", len(all))
	}
}

func TestRestartsAndEnds(t *testing.T) {
	pods := usage.Pods(modeltest.Live(t, `
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: prod}
spec:
  initContainers: [{name: migrate}, {name: proxy, restartPolicy: Always}]
  containers: [{name: app}, {name: log}]
status:
  conditions: [{type: Initialized, status: "True"}]
  initContainerStatuses:
  - {name: migrate, restartCount: 7}
  - {name: proxy, restartCount: 2, lastState: {terminated: {reason: OOMKilled, exitCode: 137, finishedAt: "2026-03-01T10:00:00Z"}}}
  containerStatuses:
  - {name: app, restartCount: 3, state: {terminated: {reason: OOMKilled, exitCode: 137, finishedAt: "2026-03-01T11:48:00Z"}}, lastState: {terminated: {reason: Error, exitCode: 1}}}
  - {name: log, restartCount: 1, lastState: {terminated: {reason: Error, exitCode: 2}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: prod}, spec: {initContainers: [{name: migrate}], containers: [{name: app}]},
 status: {initContainerStatuses: [{name: migrate, restartCount: 7, state: {running: {}}}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: ended, namespace: prod}, spec: {containers: [{name: app}]}, status: {phase: Failed}}
`))
	if len(pods) != 2 {
		t.Fatalf("%d pods, expected 2: one has ended", len(pods))
	}
	a, b := pods[0], pods[1]
	if a.Restarts != 6 || b.Restarts != 7 {
		t.Errorf("restarts %d and %d, expected 6 and 7", a.Restarts, b.Restarts)
	}
	if a.OOM == nil || a.OOM.Containers != 2 || !a.OOM.Last.Equal(time.Date(2026, 3, 1, 11, 48, 0, 0, time.UTC)) || b.OOM != nil {
		t.Errorf("OOM %+v and %+v", a.OOM, b.OOM)
	}
	var names []string
	for _, c := range append(a.Containers, b.Containers...) {
		names = append(names, fmt.Sprintf("%s %t %t %v", c.Name, c.Sidecar, c.Init, c.Ended != nil))
	}
	want := []string{"proxy true false true", "app false false true", "log false false true", "migrate false true false", "app false false false"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}

func TestOwners(t *testing.T) {
	pod := func(name, labels, kind, owner string) string {
		return fmt.Sprintf("---\n{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: prod, labels: {%s}, ownerReferences: [{apiVersion: %s, name: %s, uid: u, controller: true}]}, spec: {containers: [{name: app}]}}\n",
			name, labels, kind, owner)
	}
	rs := "apps/v1, kind: ReplicaSet"
	s := modeltest.Live(t, `
{apiVersion: v1, kind: Pod, metadata: {name: alone, namespace: prod}, spec: {containers: [{name: app}]}}
---
{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: rollout-5d4, namespace: prod, ownerReferences: [{apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: rollout, uid: u, controller: true}]}}
---
{apiVersion: batch/v1, kind: Job, metadata: {name: nightly-1, namespace: prod, ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: nightly, uid: u, controller: true}]}}
`+pod("a", "pod-template-hash: 7c9", rs, "web-7c9")+pod("b", "pod-template-hash: other", rs, "bare-1")+
		pod("c", "", rs, "rollout-5d4")+pod("d", "", "batch/v1, kind: Job", "nightly-1")+pod("e", "", "apps/v1, kind: StatefulSet", "db"))
	var got []string
	for _, p := range usage.Pods(s) {
		got = append(got, p.Ref.Name+" "+p.Owner.Short())
	}
	want := []string{"a deployment/web", "alone pod/alone", "b replicaset/bare-1", "c rollout/rollout", "d cronjob/nightly", "e statefulset/db"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for k, open := range usage.OwnerKinds() {
		if !open(s) {
			t.Errorf("%s: the pods leave something open", k)
		}
		if open(modeltest.Live(t, pod("a", "pod-template-hash: 7c9", rs, "web-7c9"))) {
			t.Errorf("%s: a Deployment's pod leaves nothing open", k)
		}
	}
}

func TestTemplates(t *testing.T) {
	o := modeltest.Objects(t, "x.yaml", `
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 3, template: {spec: {containers: [{name: app, resources: {requests: {cpu: 100m}, limits: {memory: 10}}}]}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: api}, spec: {selector: {matchLabels: {app: api}}, template: {spec: {containers: [{name: app}]}}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: alone}, spec: {containers: [{name: app}]}}
`)
	b := model.NewBuilder(model.Options{Offline: true, Partial: true})
	for _, one := range o {
		b.Add(one)
	}
	s, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range usage.Workloads(usage.Pods(s)) {
		got = append(got, fmt.Sprintf("%s %d %d %s %s %s", w.Ref.Short(), w.Pods, w.Measured, say(w.Used), say(w.Requests), say(w.Limits)))
	}
	want := []string{"deployment/api 1 0 - - 0 0 - -", "deployment/web 3 0 - - 0.3 30 - 30", "pod/alone 1 0 - - 0 0 - -"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// An init container that runs out of memory again and again keeps its pod from
// starting; between two tries it does not run.
func TestInitContainerThatFails(t *testing.T) {
	pods := usage.Pods(modeltest.Live(t, `
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: prod}, spec: {initContainers: [{name: migrate}, {name: done}], containers: [{name: app}]},
 status: {initContainerStatuses: [
  {name: migrate, restartCount: 4, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {reason: OOMKilled, exitCode: 137}}},
  {name: done, restartCount: 1, state: {terminated: {reason: Completed}}}]}}
`))
	if p := pods[0]; p.OOM == nil || p.OOM.Containers != 1 || p.Restarts != 5 || len(p.Containers) != 2 || p.Containers[0].Name != "migrate" {
		t.Errorf("%+v, OOM %+v", p, p.OOM)
	}
}
