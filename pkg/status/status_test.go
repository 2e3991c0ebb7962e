// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package status_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/status"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// web is a Deployment of three pods, of which ready are.
func web(ready int, more string) string {
	return fmt.Sprintf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, uid: w}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: a}]}}
status: {readyReplicas: %d}
`, ready) + more
}

// pod is one of its pods, on node n1, with a status in flow style.
func pod(name, containers, conditions string) string {
	return fmt.Sprintf(`---
apiVersion: v1
kind: Pod
metadata: {name: %s, labels: {app: web}, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: w, controller: true}]}
spec: {nodeName: n1, containers: [{name: app, image: a, resources: {limits: {cpu: 100m, memory: 128Mi}}}]}
status: {phase: Running, containerStatuses: [%s], conditions: [%s]}
`, name, containers, conditions)
}

// waits is a container that does not start.
func waits(reason string) string {
	return "{name: app, image: a, imageID: '', restartCount: 4, state: {waiting: {reason: " + reason + "}}}"
}

const (
	killed = "{name: app, image: a, imageID: '', ready: true, restartCount: 1, state: {running: {}}, lastState: {terminated: {reason: OOMKilled, exitCode: 137, finishedAt: '2026-03-01T11:48:00Z'}}}"
	fine   = "{name: app, image: a, imageID: '', ready: true, restartCount: 0, state: {running: {}}}"
	isUp   = "{type: Ready, status: 'True'}"
	node   = "---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\nstatus: {conditions: [{type: Ready, status: 'True'}, {type: %s, status: 'True'}]}\n"
	quota  = "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nstatus: {hard: {requests.cpu: '10'}, used: {requests.cpu: 9800m}}\n"
	scaler = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n" +
		"spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 5}\nstatus: {currentReplicas: %d, desiredReplicas: 5}\n"
	rollout = "---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web-%d, creationTimestamp: '%s', annotations: {deployment.kubernetes.io/revision: '%d'}, " +
		"ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: w, controller: true}]}\n" +
		"spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}}\n"
)

// requests is the group of web: of so many a second, so many fail with a flag.
func requests(rate, failed float64) signals.Group {
	g := signals.Group{
		Key: signals.Key{Namespace: modeltest.Namespace, Workload: "web"}, Window: 5 * time.Minute, Rate: &rate, Failed: failed,
	}
	if failed > 0 {
		g.Parts = []signals.Part{{Code: "503", Flags: "UF", Rate: failed, To: "web", Outcome: signals.Failed}}
	}
	return g
}

// Each cause, and that the one before it in the list outranks it.
func TestWhy(t *testing.T) {
	three := pod("web-a", fine, isUp) + pod("web-b", fine, isUp) + pod("web-c", fine, isUp)
	failing := []signals.Group{requests(10, 1)}
	old, fresh := fmt.Sprintf(rollout, 1, "2026-03-01T10:00:00Z", 1), fmt.Sprintf(rollout, 2, "2026-03-01T11:57:00Z", 2)
	for _, c := range []struct {
		name, world string
		groups      []signals.Group
		throttled   float64
		want        string
	}{
		{"nothing", web(3, three), nil, 0, ""},
		{"failures after a rollout", web(3, three+old+fresh), failing, 0, "rollout of revision 2 3m ago, and UF 1.0rps → web (connection to the upstream failed)"},
		{"failures long after it", web(3, three+old+fmt.Sprintf(rollout, 2, "2026-03-01T11:30:00Z", 2)), failing, 0, "UF 1.0rps → web (connection to the upstream failed)"},
		{"a first revision is no rollout", web(3, three+fresh), failing, 0, "UF 1.0rps → web (connection to the upstream failed)"},
		{"failures before memory", web(3, pod("web-a", killed, isUp)), failing, 0, "UF 1.0rps → web (connection to the upstream failed)"},
		{"few failures after memory", web(3, pod("web-a", killed, isUp)), []signals.Group{requests(10, 0.01)}, 0, "OOMKilled 1× 12m ago"},
		{"memory before the maximum", web(3, pod("web-a", killed, isUp)+fmt.Sprintf(scaler, 5)), nil, 0, "OOMKilled 1× 12m ago"},
		{"the maximum before quota", web(3, three+quota+fmt.Sprintf(scaler, 5)), nil, 0, "HPA at max 5/5"},
		{"below the maximum", web(3, three+fmt.Sprintf(scaler, 4)), nil, 0, ""},
		{"quota before the node", web(2, pod("web-a", fine, isUp)+quota+fmt.Sprintf(node, "MemoryPressure")), nil, 0, "quota requests.cpu 98%"},
		{"quota stops nobody who is there", web(3, three+quota), nil, 0, ""},
		{"a quota of nothing", web(2, pod("web-a", fine, isUp)+"---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nstatus: {hard: {limits.cpu: '0'}, used: {limits.cpu: '0'}}\n"), nil, 0, "quota limits.cpu allows none"},
		{"a quota of what pods do not use", web(2, pod("web-a", fine, isUp)+"---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nstatus: {hard: {services: '1', requests.storage: '1'}, used: {services: '1', requests.storage: '1'}}\n"), nil, 0, "2/3 ready"},
		{"the node before a crash", web(2, pod("web-a", waits("CrashLoopBackOff"), "")+fmt.Sprintf(node, "DiskPressure")), nil, 0, "n1 DiskPressure"},
		{"a crash before not ready", web(1, pod("web-a", waits("CrashLoopBackOff"), "")+pod("web-b", waits("CrashLoopBackOff"), "")), nil, 0, "CrashLoopBackOff in 2 pods"},
		{"an image", web(2, pod("web-a", waits("ImagePullBackOff"), "")), nil, 0, "ImagePullBackOff in 1 pod"},
		{"on its way", web(2, pod("web-a", waits("ContainerCreating"), "")), nil, 0, "2/3 ready"},
		{"no node", web(2, pod("web-a", fine, "{type: PodScheduled, status: 'False', message: '0/3 nodes are available'}")), nil, 0, "2/3 ready: 0/3 nodes are available"},
		{"an event", web(2, pod("web-a", fine, "")+"---\napiVersion: v1\nkind: Event\nmetadata: {name: e}\ntype: Warning\nmessage: \"Readiness probe failed:\\nmore\"\n"+
			"involvedObject: {apiVersion: v1, kind: Pod, name: web-a, namespace: prod}\n"), nil, 0, "2/3 ready: Readiness probe failed:"},
		{"not ready before throttling", web(2, three), nil, 0.5, "2/3 ready"},
		{"throttled", web(3, three), nil, 0.34, "CPU throttled 34%"},
		{"hardly throttled", web(3, three), nil, 0.24, ""},
		{"few failures, when there is nothing else", web(3, three), []signals.Group{requests(10, 0.01)}, 0, "UF 0.01rps → web (connection to the upstream failed)"},
		{"nobody calls", web(3, three), []signals.Group{requests(0, 0)}, 0, "no requests in 5m"},
		{"not measured", web(3, three), []signals.Group{{Key: signals.Key{Namespace: "prod", Workload: "other"}}}, 0, "no data"},
	} {
		facts := status.Facts{Groups: c.groups, Now: now, Throttled: func(string, string) *float64 { return &c.throttled }}
		rows := status.Rows(modeltest.Live(t, c.world), facts)
		if len(rows) != 1 || rows[0].Why != c.want {
			t.Errorf("%s: %+v, want %q", c.name, rows, c.want)
		}
	}
}

// What is no judgement: counts, use, the autoscaler, and who has a row.
func TestRows(t *testing.T) {
	world := web(2, pod("web-a", killed, isUp)+pod("web-b", fine, isUp)+fmt.Sprintf(scaler, 3)+`---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec: {selector: {matchLabels: {app: agent}}, template: {metadata: {labels: {app: agent}}, spec: {containers: [{name: a, image: a}]}}}
status: {desiredNumberScheduled: 4, numberReady: 3}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec: {selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: a, image: a}]}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {template: {metadata: {labels: {app: once}}, spec: {containers: [{name: a, image: a}]}}}
`)
	lost := requests(2, 2)
	lost.Workload, lost.Service = signals.NoUpstream, "cart"
	facts := status.Facts{Now: now, Groups: []signals.Group{requests(10, 0), lost}}
	if diff := cmp.Diff([]string{
		"DaemonSet/agent 3/4 3/4 ready", "Service/cart -/- UF 2.0rps → web (connection to the upstream failed)", "StatefulSet/db 0/1 0/1 ready", "Deployment/web 2/3 rps 10 restarts 1 hpa 3/5",
	}, tell(status.Rows(modeltest.Live(t, world), facts))); diff != "" {
		t.Errorf("of a cluster: %s", diff)
	}
	// Of manifests nobody knows what is ready.
	if diff := cmp.Diff([]string{"DaemonSet/agent -/-", "StatefulSet/db -/-", "Deployment/web -/3"},
		cut(tell(status.Rows(modeltest.Files(t, "world.yaml", world), status.Facts{Now: now})))); diff != "" {
		t.Errorf("of files: %s", diff)
	}
}

// cut leaves the first two words.
func cut(lines []string) []string {
	for i, l := range lines {
		lines[i] = strings.Join(strings.Fields(l)[:2], " ")
	}
	return lines
}

// tell writes rows down.
func tell(rows []status.Row) []string {
	number := func(n *int32) string {
		if n == nil {
			return "-"
		}
		return fmt.Sprint(*n)
	}
	var out []string
	for _, r := range rows {
		s := fmt.Sprintf("%s/%s %s/%s", r.Ref.Kind, r.Ref.Name, number(r.Ready), number(r.Wanted))
		if r.Ref.Kind == "Deployment" && r.Group != nil {
			s += fmt.Sprintf(" rps %g restarts %d hpa %s/%d", *r.Group.Rate, r.Usage.Restarts, number(r.HPA.Current), r.HPA.Max)
		} else if r.Why != "" {
			s += " " + r.Why
		}
		out = append(out, s)
	}
	return out
}

// Whatever is the matter, there is one row with at most one short line of cause, and
// there is one whenever pods are missing or requests fail.
func TestOneCause(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	parts := []string{
		pod("web-a", killed, isUp), pod("web-b", waits("CrashLoopBackOff"), ""), pod("web-c", waits("ErrImagePull"), ""), quota,
		fmt.Sprintf(scaler, 5), fmt.Sprintf(node, "PIDPressure"),
	}
	for range 200 {
		world := web(random.IntN(4), "")
		for _, p := range parts {
			if random.IntN(2) == 0 {
				world += p
			}
		}
		facts := status.Facts{Now: now}
		if random.IntN(2) == 0 {
			facts.Groups = []signals.Group{requests(10, float64(random.IntN(3)))}
		}
		rows := status.Rows(modeltest.Live(t, world), facts)
		if len(rows) != 1 || strings.ContainsAny(rows[0].Why, "\n\t") || len([]rune(rows[0].Why)) > 140 {
			t.Fatalf("%+v of\n%s", rows, world)
		}
		wrong := *rows[0].Ready < 3 || rows[0].Group != nil && rows[0].Group.Failed > 0
		if wrong && rows[0].Why == "" {
			t.Fatalf("no cause of\n%s", world)
		}
	}
}

// Metrics name a workload without its kind.
func TestWorkloadsOfOneName(t *testing.T) {
	world := web(3, pod("web-a", fine, isUp)+pod("web-b", fine, isUp)+pod("web-c", fine, isUp)) + "---\n{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: web}, spec: {selector: {matchLabels: {app: s}}, template: {metadata: {labels: {app: s}}, spec: {containers: [{name: a, image: a}]}}}, status: {readyReplicas: 1}}\n"
	rows := status.Rows(modeltest.Live(t, world), status.Facts{Groups: []signals.Group{requests(10, 0)}, Now: now})
	if len(rows) != 2 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		if r.Group != nil || r.Why != "no data of its own: workloads of several kinds have this name" {
			t.Errorf("%s: %v %q", r.Ref, r.Group, r.Why)
		}
	}
}
