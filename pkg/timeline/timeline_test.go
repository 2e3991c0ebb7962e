// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package timeline_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apirand "k8s.io/apimachinery/pkg/util/rand"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/timeline"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is a Snapshot of objects in YAML.
func world(t testing.TB, documents ...string) *model.Snapshot {
	t.Helper()
	b := model.NewBuilder(model.Options{})
	for _, d := range documents {
		var raw map[string]any
		if err := yaml.Unmarshal([]byte(d), &raw); err != nil {
			t.Fatal(err)
		}
		b.Add(model.FromRaw(raw, "shop"))
	}
	s, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// event is one of core/v1, minutes after noon.
func event(name, kind, object, reason, message string, first, last, count int) string {
	at := func(minutes int) string { return noon.Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339) }
	apiVersion := map[string]string{"Pod": "v1", "Service": "v1", "Node": "v1", "HorizontalPodAutoscaler": "autoscaling/v2", "Job": "batch/v1", "CronJob": "batch/v1"}[kind]
	if apiVersion == "" {
		apiVersion = "apps/v1"
	}
	return fmt.Sprintf(`{apiVersion: v1, kind: Event, metadata: {name: %s, namespace: shop}, involvedObject: {apiVersion: %s, kind: %s, namespace: shop, name: %s},
reason: %s, message: %q, type: Warning, count: %d, firstTimestamp: %q, lastTimestamp: %q}`, name, apiVersion, kind, object, reason, message, count, at(first), at(last))
}

func line(e timeline.Entry) string {
	return fmt.Sprintf("%s %s..%s %dx %s %s: %s", e.Kind, e.First.Format("15:04"), e.Last.Format("15:04"), e.Count, e.Object.Short(), e.Reason, e.Message)
}

func lines(all []timeline.Entry) []string {
	var out []string
	for _, e := range all {
		out = append(out, line(e))
	}
	return out
}

// What says the same is one entry: numbers and hashes do not count, words do.
func TestFold(t *testing.T) {
	s := world(t,
		event("a", "Pod", "web-1", "BackOff", "back-off 10s restarting container app in pod web-1_shop(1f2e)", 0, 5, 3),
		event("b", "Pod", "web-1", "BackOff", "back-off 20s restarting container app in pod web-1_shop(9d8c)", 6, 9, 2),
		event("c", "Pod", "web-1", "BackOff", "back-off pulling image", 1, 1, 1),
		event("d", "Pod", "web-2", "BackOff", "back-off 10s restarting container app in pod web-2_shop(1f2e)", 2, 2, 0),
		event("e", "Deployment", "web", "ScalingReplicaSet", "Scaled up replica set web-5d8f7c from 0 to 3", 3, 3, 1),
	)
	want := []string{
		"event 12:01..12:01 1x pod/web-1 BackOff: back-off pulling image",
		"event 12:02..12:02 1x pod/web-2 BackOff: back-off 10s restarting container app in pod web-2_shop(1f2e)",
		"scaling 12:03..12:03 1x deployment/web ScalingReplicaSet: Scaled up replica set web-5d8f7c from 0 to 3",
		"event 12:00..12:09 5x pod/web-1 BackOff: back-off 20s restarting container app in pod web-1_shop(9d8c)",
	}
	if diff := cmp.Diff(want, lines(timeline.Build(s, timeline.Options{}))); diff != "" {
		t.Error(diff)
	}
	if got := timeline.Build(s, timeline.Options{Since: noon.Add(3 * time.Minute), Types: []string{"warning"}}); len(got) != 2 {
		t.Errorf("since: %v", lines(got))
	}
	if got := timeline.Build(s, timeline.Options{Namespace: "bank"}); len(got) != 0 {
		t.Errorf("elsewhere: %v", lines(got))
	}
	if got := timeline.Build(s, timeline.Options{Types: []string{"Normal"}}); len(got) != 0 {
		t.Errorf("normal: %v", lines(got))
	}
}

// Names that controllers give end in five random characters, not always with a digit
// among them. Of which ReplicaSet an event of a rollout tells is no such thing.
func TestFoldNames(t *testing.T) {
	s := world(t,
		event("a", "Job", "sync", "SuccessfulCreate", "Created pod: sync-pm4bs", 0, 0, 1),
		event("b", "Job", "sync", "SuccessfulCreate", "Created pod: sync-xdktp", 1, 1, 1),
		event("c", "Job", "sync", "SuccessfulCreate", "Created image: large", 2, 2, 1),
		event("d", "Deployment", "web", "ScalingReplicaSet", "Scaled up replica set web-5d8f7c from 0 to 2", 3, 3, 1),
		event("e", "Deployment", "web", "ScalingReplicaSet", "Scaled up replica set web-7b9dd4 from 0 to 1", 4, 4, 1),
		event("f", "Deployment", "web", "ScalingReplicaSet", "Scaled up replica set web-7b9dd4 from 1 to 2", 5, 5, 1),
	)
	want := []string{
		"event 12:00..12:01 2x job/sync SuccessfulCreate: Created pod: sync-xdktp",
		"event 12:02..12:02 1x job/sync SuccessfulCreate: Created image: large",
		"scaling 12:03..12:03 1x deployment/web ScalingReplicaSet: Scaled up replica set web-5d8f7c from 0 to 2",
		"scaling 12:04..12:05 2x deployment/web ScalingReplicaSet: Scaled up replica set web-7b9dd4 from 1 to 2",
	}
	if diff := cmp.Diff(want, lines(timeline.Build(s, timeline.Options{}))); diff != "" {
		t.Error(diff)
	}
}

// Two containers of a pod that say the same are two entries.
func TestFoldContainers(t *testing.T) {
	of := func(name, field string, minute int) string {
		return strings.Replace(event(name, "Pod", "web-1", "Unhealthy", "Readiness probe failed: statuscode: 503", minute, minute, 1), "name: web-1", "name: web-1, fieldPath: '"+field+"'", 1)
	}
	got := timeline.Build(world(t, of("a", "spec.containers{app}", 0), of("b", "spec.initContainers{istio-proxy}", 1), of("c", "spec.containers{app}", 2), of("d", "spec.nodeName", 3)), timeline.Options{})
	var found []string
	for _, e := range got {
		found = append(found, fmt.Sprint(e.Container, " ", e.Count))
	}
	if want := []string{"istio-proxy 1", "app 2", " 1"}; !slices.Equal(found, want) {
		t.Errorf("found %q, want %q", found, want)
	}
}

// Nothing is lost by folding: counts add up, and the order is that of time.
func TestFoldKeepsCounts(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		var documents []string
		total := 0
		for i := range random.IntN(40) {
			first := random.IntN(60)
			count := 1 + random.IntN(5)
			total += count
			documents = append(documents, event(fmt.Sprintf("e%d", i), "Pod", fmt.Sprintf("p-%d", random.IntN(3)), []string{"A", "B"}[random.IntN(2)], fmt.Sprintf("try %d", random.IntN(9)), first, first+random.IntN(9), count))
		}
		got := timeline.Build(world(t, documents...), timeline.Options{})
		for _, e := range got {
			total -= e.Count
			if e.Last.Before(e.First) {
				t.Fatalf("ends before it begins: %s", line(e))
			}
		}
		if total != 0 || len(got) > 6 {
			t.Fatalf("%d entries, %d occurrences are missing", len(got), total)
		}
		if !slices.IsSortedFunc(got, func(a, b timeline.Entry) int { return a.Last.Compare(b.Last) }) {
			t.Fatal("not in order")
		}
	}
}

// The fields of both generations of events, and of those with a part of them.
func TestTimes(t *testing.T) {
	for name, c := range map[string]struct{ fields, want string }{
		"old":           {`count: 3, firstTimestamp: "2026-03-01T12:01:00Z", lastTimestamp: "2026-03-01T12:02:00Z"`, "12:01..12:02 3x"},
		"only first":    {`firstTimestamp: "2026-03-01T12:01:00Z"`, "12:01..12:01 1x"},
		"only last":     {`lastTimestamp: "2026-03-01T12:02:00Z"`, "12:02..12:02 1x"},
		"new":           {`eventTime: "2026-03-01T12:03:00.000000Z"`, "12:03..12:03 1x"},
		"series":        {`eventTime: "2026-03-01T12:03:00.000000Z", series: {count: 7, lastObservedTime: "2026-03-01T12:09:00.000000Z"}`, "12:03..12:09 7x"},
		"nothing":       {`count: 0`, "10:00..10:00 1x"},
		"another clock": {`firstTimestamp: "2026-03-01T13:01:00+01:00"`, "12:01..12:01 1x"},
	} {
		head := `{apiVersion: %s, kind: Event, metadata: {name: e, namespace: shop, creationTimestamp: "2026-03-01T10:00:00Z"}, reason: R, %s: {kind: Pod, apiVersion: v1, name: p}, %s: text, %s}`
		core := fmt.Sprintf(head, "v1", "involvedObject", "message", c.fields)
		later := strings.NewReplacer("count: 3", "deprecatedCount: 3", "count: 0", "deprecatedCount: 0", "first", "deprecatedFirst", "lastTimestamp", "deprecatedLastTimestamp").Replace(c.fields)
		for _, document := range []string{core, fmt.Sprintf(head, "events.k8s.io/v1", "regarding", "note", later)} {
			got := timeline.Build(world(t, document), timeline.Options{Namespace: "shop"})
			want := []string{"event " + c.want + " pod/p R: text"}
			if diff := cmp.Diff(want, lines(got)); diff != "" {
				t.Errorf("%s: %s%s", name, document, diff)
			} else if got[0].Type != "Normal" || got[0].Object.Namespace != "shop" {
				t.Errorf("%s: %+v", name, got[0])
			}
		}
	}
}

func TestAutoscaling(t *testing.T) {
	const hpa = `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web, namespace: shop}, spec: {scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}, minReplicas: 2, maxReplicas: 5},
status: {lastScaleTime: "2026-03-01T12:05:00Z", desiredReplicas: 4, conditions: [
{type: AbleToScale, status: "True", reason: Fine, lastTransitionTime: "2026-03-01T12:01:00Z"}, {type: ScalingActive, status: "False", reason: FailedGetResourceMetric, message: no metrics, lastTransitionTime: "2026-03-01T12:02:00Z"},
{type: ScalingLimited, status: "False", reason: Within, lastTransitionTime: "2026-03-01T12:03:00Z"}]}}`
	want := []string{
		"scaling 12:02..12:02 1x horizontalpodautoscaler/web FailedGetResourceMetric: no metrics",
		"scaling 12:05..12:05 1x horizontalpodautoscaler/web Scaled: deployment/web to 4 replicas (2 to 5)",
	}
	if diff := cmp.Diff(want, lines(timeline.Build(world(t, hpa), timeline.Options{}))); diff != "" {
		t.Error(diff)
	}
	want[1] = "scaling 12:05..12:05 1x horizontalpodautoscaler/web SuccessfulRescale: New size: 4"
	told := event("e", "HorizontalPodAutoscaler", "web", "SuccessfulRescale", "New size: 4", 5, 5, 1)
	if diff := cmp.Diff(want, lines(timeline.Build(world(t, hpa, told), timeline.Options{}))); diff != "" {
		t.Error(diff)
	}
}

// What belongs to an object: what it made, over all storeys, what is behind it,
// and what is gone but for its name.
func TestFor(t *testing.T) {
	owned := func(kind, name, ownerKind, owner, labels string) string {
		return fmt.Sprintf(`{apiVersion: %s, kind: %s, metadata: {name: %s, namespace: shop, labels: {%s}, ownerReferences: [{apiVersion: %s, kind: %s, name: %s, uid: u, controller: true}]}}`,
			map[string]string{"Pod": "v1", "Job": "batch/v1"}[kind], kind, name, labels, map[string]string{"ReplicaSet": "apps/v1", "Job": "batch/v1", "CronJob": "batch/v1"}[ownerKind], ownerKind, owner)
	}
	objects := []string{
		deployment, replicaSet("web-5d8f7c", "web", "", "00", "{name: app, image: a}"), owned("Pod", "web-5d8f7c-bcdfg", "ReplicaSet", "web-5d8f7c", "app: web"),
		`{apiVersion: v1, kind: Service, metadata: {name: front, namespace: shop}, spec: {selector: {app: web}}}`,
		`{apiVersion: v1, kind: Pod, metadata: {name: web-44444444-ccccc, namespace: shop}}`, // looks like one of web, and is nobody's
		`{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: scaler, namespace: shop}, spec: {scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}, maxReplicas: 5}}`,
		`{apiVersion: batch/v1, kind: CronJob, metadata: {name: nightly, namespace: shop}}`,
		owned("Job", "nightly-29000000", "CronJob", "nightly", ""), owned("Pod", "nightly-29000000-bbbbb", "Job", "nightly-29000000", ""),
	}
	for _, e := range [][2]string{
		{"Deployment", "web"}, {"ReplicaSet", "web-5d8f7c"}, {"ReplicaSet", "web-6b9c8d5f4"}, {"Pod", "web-5d8f7c-bcdfg"}, {"Pod", "web-6b9c8d5f4-xzwvb"},
		{"Pod", "web-44444444-ccccc"}, {"Pod", "web-api-5d8f7c-bcdfg"},
		{"Pod", "web-db-xzwvb"}, {"Pod", "web-canary-xzwvb"}, {"Pod", "web-6b9c8d-xzwvb"}, {"Pod", "web-6b9c8d5f4-xyzwv"}, {"ReplicaSet", "web-v2"}, // of others that begin alike
		{"Service", "front"}, {"HorizontalPodAutoscaler", "scaler"},
		{"CronJob", "nightly"}, {"Job", "nightly-28000000"}, {"Pod", "nightly-29000000-bbbbb"}, {"Pod", "nightly-28000000-ccccc"}, {"Node", "node-1"},
	} {
		objects = append(objects, event(strings.ToLower(e[0]+"."+e[1]), e[0], e[1], "R", "text", 0, 0, 1))
	}
	s := world(t, objects...)
	ofWeb := []string{"Deployment web", "HorizontalPodAutoscaler scaler", "Pod web-5d8f7c-bcdfg", "Pod web-6b9c8d5f4-xzwvb", "ReplicaSet web-5d8f7c", "ReplicaSet web-6b9c8d5f4"}
	for of, want := range map[ref.Ref][]string{
		model.Deployments.Ref("shop", "web"):        ofWeb,
		model.Services.Ref("shop", "front"):         append([]string{"Service front"}, ofWeb...),
		model.ReplicaSets.Ref("shop", "web-5d8f7c"): {"Pod web-5d8f7c-bcdfg", "ReplicaSet web-5d8f7c"},
		model.Pods.Ref("shop", "web-5d8f7c-bcdfg"):  {"Pod web-5d8f7c-bcdfg"},
		model.CronJobs.Ref("shop", "nightly"):       {"CronJob nightly", "Job nightly-28000000", "Pod nightly-28000000-ccccc", "Pod nightly-29000000-bbbbb"},
		model.Deployments.Ref("elsewhere", "web"):   nil,
	} {
		var got []string
		for _, e := range timeline.Build(s, timeline.Options{For: &of}) {
			if e.Kind == timeline.Event {
				got = append(got, e.Object.Kind+" "+e.Object.Name)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", of, diff)
		}
	}
}

// What controllers name is known by its name alone once it is gone.
func TestForGone(t *testing.T) {
	of := model.Deployments.Ref("shop", "web")
	for range 200 {
		hash := apirand.SafeEncodeString(fmt.Sprint(10_000_000 + rand.Uint32N(math.MaxUint32-10_000_000)))
		pod := "web-" + hash + "-" + apirand.String(5)
		s := world(t, deployment, event("a", "ReplicaSet", "web-"+hash, "R", "text", 0, 0, 1), event("b", "Pod", pod, "R", "text", 0, 0, 1))
		if got := timeline.Build(s, timeline.Options{For: &of}); len(got) != 2 {
			t.Fatalf("%s: found %v", pod, lines(got))
		}
	}
}
