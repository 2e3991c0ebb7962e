// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/api"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/stage"
)

// digest is what tells faults apart in a pod's status: of the pod, and of its first container.
type digest struct {
	Phase, Reason, Ready, Waiting string
	Running                       bool
	LastReason                    string
	LastExitCode, Restarts        int
	// Neighbour is whether the second container is ready.
	Neighbour bool
}

var wantFaults = map[string]digest{
	"crash-loop":     {Phase: "Running", Ready: "False", Waiting: "CrashLoopBackOff", LastReason: "Error", LastExitCode: 1, Restarts: 5, Neighbour: true},
	"oom":            {Phase: "Running", Ready: "False", Waiting: "CrashLoopBackOff", LastReason: "OOMKilled", LastExitCode: 137, Restarts: 3, Neighbour: true},
	"image-pull":     {Phase: "Pending", Ready: "False", Waiting: "ImagePullBackOff", Neighbour: true},
	"config-missing": {Phase: "Pending", Ready: "False", Waiting: "CreateContainerConfigError", Neighbour: true},
	"pending":        {Phase: "Pending", Ready: "False", Waiting: "ContainerCreating"},
	"unready":        {Phase: "Running", Ready: "False", Running: true, Neighbour: true},
	"evicted":        {Phase: "Failed", Ready: "False", Reason: "Evicted"},
}

// faults creates a pod for every fault, one that is healthy at first, and a controller whose pods get evicted.
func faults(t *testing.T, client *api.Client) {
	names, err := stage.Faults()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		pod(t, client, name, fmt.Sprintf("{%s: %s}", stage.Fault, name))
	}
	pod(t, client, "late", fmt.Sprintf("{%s: crash-loop, %s: 5s, %s: neighbour}", stage.Fault, stage.Delay, stage.Container))
	expect(t, client, "late", digest{Phase: "Running", Ready: "True", Running: true, Neighbour: true})
	apply(t, client, "/apis/apps/v1/namespaces/default/replicasets", fmt.Sprintf(`
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: evictee}
spec:
  selector: {matchLabels: {app: evictee}}
  template:
    metadata: {labels: {app: evictee}, annotations: {%s: evicted}}
    spec: {containers: [{name: app, image: web:1}]}
`, stage.Fault))
	for _, name := range names {
		want, ok := wantFaults[name]
		if !ok {
			t.Errorf("fault %s has no expectation in this test", name)
			continue
		}
		expect(t, client, name, want)
	}
	expect(t, client, "late", digest{Phase: "Running", Ready: "False", Running: true})
	replaced(t, client)
}

// replaced waits until a pod of the controller is evicted and another one is in its place.
func replaced(t *testing.T, client *api.Client) {
	t.Helper()
	until(t, func(ctx context.Context) error {
		var pods struct {
			Items []struct {
				Status struct{ Phase, Reason string }
			}
		}
		if err := client.Get(ctx, "/api/v1/namespaces/default/pods?labelSelector=app%3Devictee", &pods); err != nil {
			return err
		}
		found := map[string]int{}
		for _, pod := range pods.Items {
			found[pod.Status.Phase+pod.Status.Reason]++
		}
		if found["FailedEvicted"] == 0 || found["Running"] != 1 {
			return fmt.Errorf("expected evicted pods and one that runs, found %v", found)
		}
		return nil
	})
}

func pod(t *testing.T, client *api.Client, name, annotations string) {
	t.Helper()
	apply(t, client, "/api/v1/namespaces/default/pods", fmt.Sprintf(`
apiVersion: v1
kind: Pod
metadata: {name: %s, annotations: %s}
spec: {containers: [{name: app, image: web:1}, {name: neighbour, image: log:1}]}
`, name, annotations))
}

// expect waits for the status of a fault.
func expect(t *testing.T, client *api.Client, name string, want digest) {
	t.Helper()
	until(t, func(ctx context.Context) error {
		got, err := read(ctx, client, name)
		if err != nil {
			return err
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return errors.New(name + ": " + diff)
		}
		return nil
	})
}

func read(ctx context.Context, client *api.Client, name string) (digest, error) {
	var pod struct {
		Status struct {
			Phase, Reason     string
			Conditions        []struct{ Type, Status string }
			ContainerStatuses []struct {
				Ready        bool
				RestartCount int
				State        struct {
					Running *struct{}
					Waiting struct{ Reason string }
				}
				LastState struct {
					Terminated struct {
						Reason   string
						ExitCode int
					}
				}
			}
		}
	}
	if err := client.Get(ctx, "/api/v1/namespaces/default/pods/"+name, &pod); err != nil {
		return digest{}, err
	}
	d := digest{Phase: pod.Status.Phase, Reason: pod.Status.Reason}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == "Ready" {
			d.Ready = condition.Status
		}
	}
	if containers := pod.Status.ContainerStatuses; len(containers) == 2 {
		d.Waiting, d.Running = containers[0].State.Waiting.Reason, containers[0].State.Running != nil
		d.LastReason, d.LastExitCode = containers[0].LastState.Terminated.Reason, containers[0].LastState.Terminated.ExitCode
		d.Restarts, d.Neighbour = containers[0].RestartCount, containers[1].Ready
	}
	return d, nil
}
