// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package timeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/timeline"
)

func replicaSet(name, owner, revision, minutes, containers string) string {
	return fmt.Sprintf(`{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: %s, namespace: shop, creationTimestamp: "2026-03-01T12:%s:00Z", annotations: {%s},
ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: %s, uid: u, controller: true}]}, spec: {template: {spec: {containers: [%s]}}}}`, name, minutes, revision, owner, containers)
}

const deployment = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}}}`

func TestRollouts(t *testing.T) {
	number := func(n int) string { return fmt.Sprintf("deployment.kubernetes.io/revision: %q", fmt.Sprint(n)) }
	got := timeline.Build(world(t, deployment,
		replicaSet("web-3", "web", number(3), "20", "{name: app, image: 'a:2'}"),
		replicaSet("web-1", "web", number(4), "00", "{name: app, image: 'a:1'}"), // rolled back to: a later number, its own time
		replicaSet("web-2", "web", number(2), "10", "{name: app, image: 'a:2'}, {name: log, image: l}"),
		replicaSet("web-4", "web", "", "30", "{name: app, image: 'a:2', args: [x]}"),
		replicaSet("web-5", "web", number(6), "40", "{name: app, image: 'a:2', args: [a, b]}"),
		replicaSet("web-6", "web", number(7), "50", "{name: app, image: 'a:2', args: [c]}"),
	), timeline.Options{})
	want := []string{
		"rollout 12:00..12:00 1x deployment/web Rollout: revision 4: app a:1",
		"rollout 12:10..12:10 1x deployment/web Rollout: revision 2: app a:1 → a:2, new container log l",
		"rollout 12:20..12:20 1x deployment/web Rollout: revision 3: without container log",
		"rollout 12:30..12:30 1x deployment/web Rollout: a revision without a number: the images stay, the template changed",
		"rollout 12:40..12:40 1x deployment/web Rollout: revision 6: the images stay, the template changed",
		"rollout 12:50..12:50 1x deployment/web Rollout: revision 7: the images stay, the template changed",
	}
	if diff := cmp.Diff(want, lines(got)); diff != "" {
		t.Error(diff)
	}
}

// A ReplicaSet that was rolled back to tells by its annotations what it was before;
// when it was is in the events, and unknown without.
func TestRollback(t *testing.T) {
	numbers := func(now int, before string) string {
		return fmt.Sprintf("deployment.kubernetes.io/revision: '%d', deployment.kubernetes.io/revision-history: %q", now, before)
	}
	sets := []string{
		deployment,
		replicaSet("web-1", "web", numbers(5, "1,3"), "00", "{name: app, image: 'a:1'}"),
		replicaSet("web-2", "web", numbers(4, "2"), "10", "{name: app, image: 'a:2'}"),
		replicaSet("web-3", "web", numbers(6, ""), "50", "{name: app, image: 'a:3'}"),
	}
	want := []string{
		"rollout 12:00..12:00 1x deployment/web Rollout: revision 1: app a:1",
		"rollout 12:10..12:10 1x deployment/web Rollout: revision 2: app a:1 → a:2",
		"rollout 12:50..12:50 1x deployment/web Rollout: revision 6: app a:1 → a:3", // not from a:2, which was made before it
	}
	if diff := cmp.Diff(want, rolled(t, sets...)); diff != "" {
		t.Errorf("without events: %s", diff)
	}
	got := rolled(t, append(sets,
		event("e1", "Deployment", "web", "ScalingReplicaSet", "Scaled up replica set web-1 from 0 to 1", 0, 40, 3),
		event("e2", "Deployment", "web", "ScalingReplicaSet", "Scaled up replica set web-1 from 1 to 2", 0, 41, 3),
		event("e3", "Deployment", "web", "ScalingReplicaSet", "Scaled up replica set web-2 to 1", 10, 30, 2),
		event("e4", "Deployment", "web", "ScalingReplicaSet", "Scaled down replica set web-2 to 0", 12, 20, 2),
		event("e5", "Deployment", "other", "ScalingReplicaSet", "Scaled up replica set web-2 to 1", 12, 20, 2),
	)...)
	want = []string{want[0], want[1],
		"rollout 12:30..12:30 1x deployment/web Rollout: revision 4, back to revision 2: app a:1 → a:2",
		"rollout 12:40..12:40 1x deployment/web Rollout: revision 5, back to revision 1: app a:2 → a:1",
		want[2],
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("with events: %s", diff)
	}
}

// Of a rollout that never got on the pods from before are still there: that those of
// the new ReplicaSet go is the first that is seen of the way back.
func TestRollbackWithoutScalingUp(t *testing.T) {
	got := rolled(t, deployment,
		replicaSet("web-1", "web", "deployment.kubernetes.io/revision: '3', deployment.kubernetes.io/revision-history: '1'", "00", "{name: app, image: 'a:1'}"),
		replicaSet("web-2", "web", "deployment.kubernetes.io/revision: '2'", "10", "{name: app, image: 'a:2'}"),
		event("e1", "Deployment", "web", "ScalingReplicaSet", "Scaled down replica set web-2 from 10 to 1", 11, 11, 1),
		event("e2", "Deployment", "web", "ScalingReplicaSet", "Scaled down replica set web-2 from 1 to 0", 20, 20, 1),
	)
	want := "rollout 12:20..12:20 1x deployment/web Rollout: revision 3, back to revision 1: app a:2 → a:1"
	if len(got) != 3 || got[2] != want {
		t.Errorf("found %q, want at last %q", got, want)
	}
}

// What the controller says of a scaling depends on its version.
func TestRollbackMessages(t *testing.T) {
	for _, c := range []struct {
		message string
		sign    bool
	}{
		{"Scaled up replica set web-1 to 1", true},
		{"Scaled up replica set web-1 to 1 from 0", true},
		{"Scaled up replica set web-1 from 0 to 1", true},
		{"Scaled up replica set web-1 to 5 from 3", false}, // by an autoscaler, whenever it was rolled back
		{"Scaled up replica set web-1 from 3 to 5", false},
		{"Scaled down replica set web-2 to 0", true},
		{"Scaled down replica set web-2 to 0 from 1", true},
		{"Scaled down replica set web-2 from 1 to 0", true},
		{"Scaled down replica set web-2 to 1 from 10", false},
		{"Scaled down replica set web-2 from 10 to 1", false},
		{"Scaled down replica set web-2 to 10", false},
		{"Scaled down replica set web-1 to 0 from 1", false},
		{"Scaled sideways replica set web-1 from 0 to 1", false},
	} {
		got := rolled(t, deployment,
			replicaSet("web-1", "web", "deployment.kubernetes.io/revision: '3', deployment.kubernetes.io/revision-history: '1'", "00", "{name: app, image: 'a:1'}"),
			replicaSet("web-2", "web", "deployment.kubernetes.io/revision: '2'", "10", "{name: app, image: 'a:2'}"),
			event("e", "Deployment", "web", "ScalingReplicaSet", c.message, 20, 20, 1),
		)
		if sign := len(got) == 3; sign != c.sign {
			t.Errorf("%s: rollouts %q", c.message, got)
		}
	}
}

// rolled are the rollouts among the entries.
func rolled(t *testing.T, documents ...string) []string {
	t.Helper()
	return slices.DeleteFunc(lines(timeline.Build(world(t, documents...), timeline.Options{})), func(l string) bool { return !strings.HasPrefix(l, "rollout") })
}

func TestNews(t *testing.T) {
	first := replicaSet("web-1", "web", `deployment.kubernetes.io/revision: "1"`, "00", "{name: app, image: 'a:1'}")
	second := replicaSet("web-2", "web", `deployment.kubernetes.io/revision: "2"`, "10", "{name: app, image: 'a:2'}")
	news := timeline.NewNews(world(t, deployment, first), "shop")
	of := model.Deployments.Ref("shop", "web")
	for _, c := range []struct {
		object          ref.Ref
		reason, message string
		due             bool
	}{
		{of, "ScalingReplicaSet", "Scaled up replica set web-2 from 0 to 1", true},
		{of, "ScalingReplicaSet", "Scaled down replica set web-1 from 2 to 1", false},
		{of, "ScalingReplicaSet", "Scaled up replica set web-2 from 1 to 2", false},   // another step of the same
		{of, "ScalingReplicaSet", "Scaled down replica set web-1 from 1 to 0", false}, // the end of it
		{of, "ScalingReplicaSet", "Scaled down replica set web-2 from 1 to 0", true},  // and back
		{model.Deployments.Ref("other", "web"), "ScalingReplicaSet", "Scaled up replica set web-2 from 1 to 2", true},
		{of, "ScalingReplicaSet", "Scaled up replica set web-1 from 0 to 1", true},
		{of, "ScalingReplicaSet", "Scaled down replica set web-1 to 0 from 1", true},
		{of, "Killing", "Scaled up replica set web-2 from 0 to 1", false},
	} {
		if got := news.Due(timeline.Entry{Object: c.object, Reason: c.reason, Message: c.message}); got != c.due {
			t.Errorf("%s of %s: due %t, want %t", c.message, c.object, got, c.due)
		}
	}
	for i, want := range [][]string{{"rollout 12:10..12:10 1x deployment/web Rollout: revision 2: app a:1 → a:2"}, nil} {
		if diff := cmp.Diff(want, lines(news.Of(world(t, deployment, first, second), "shop"))); diff != "" {
			t.Errorf("look %d: %s", i, diff)
		}
	}
}

// A rollback of a rollout that got halfway: that the one before gets more pods says
// nothing yet, that nothing is left of the other one does.
func TestNewsOfRollback(t *testing.T) {
	first := replicaSet("web-1", "web", "deployment.kubernetes.io/revision: '1'", "00", "{name: app, image: 'a:1'}")
	second := replicaSet("web-2", "web", "deployment.kubernetes.io/revision: '2'", "10", "{name: app, image: 'a:2'}")
	back := replicaSet("web-1", "web", "deployment.kubernetes.io/revision: '3', deployment.kubernetes.io/revision-history: '1'", "00", "{name: app, image: 'a:1'}")
	news := timeline.NewNews(world(t, deployment, first, second), "shop")
	of := model.Deployments.Ref("shop", "web")
	var events, told []string
	for i, message := range []string{
		"Scaled up replica set web-2 from 0 to 2", "Scaled down replica set web-1 from 4 to 3", "Scaled up replica set web-1 from 3 to 4",
		"Scaled down replica set web-2 from 2 to 1", "Scaled down replica set web-2 from 1 to 0", "Scaled up replica set web-1 from 4 to 6",
	} {
		events = append(events, event(fmt.Sprint("e", i), "Deployment", "web", "ScalingReplicaSet", message, 20+i, 20+i, 1))
		if news.Due(timeline.Entry{Object: of, Reason: "ScalingReplicaSet", Message: message}) {
			told = append(told, lines(news.Of(world(t, append(events, deployment, back, second)...), "shop"))...)
		}
	}
	want := []string{"rollout 12:24..12:24 1x deployment/web Rollout: revision 3, back to revision 1: app a:2 → a:1"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}
