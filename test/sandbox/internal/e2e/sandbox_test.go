// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/api"
)

// TestTwoSandboxes starts two sandboxes at the same time, looks into the first and ends both, each in its own way.
func TestTwoSandboxes(t *testing.T) {
	parent := exec.Command("sleep", "600")
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = parent.Process.Kill(); _ = parent.Wait() })
	first, second := newBox(t), newBox(t)
	file := second.dir + ".kubeconfig"
	other := second.command("up", "--kubeconfig", file)
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	printed := strings.TrimSpace(first.must("up", "--until-pid", strconv.Itoa(parent.Process.Pid)))
	if err := other.Wait(); err != nil {
		t.Fatalf("second sandbox: %v", err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}

	t.Run("looks", func(t *testing.T) {
		s := first.status()
		if printed != s.Kubeconfig || !s.Running || s.Phase != "ready" || len(s.Components) != 5 {
			t.Errorf("expected a ready sandbox with five components and kubeconfig %s, found %+v", printed, s)
		}
		if s.APIServer == second.status().APIServer {
			t.Error("expected two API servers, found one")
		}
		if again := strings.TrimSpace(first.must("up")); again != printed || first.status().Pid != s.Pid {
			t.Errorf("expected the second up to find the sandbox running at %s, found %s", printed, again)
		}
		admin := first.client("--user", "tester", "--groups", "system:masters")
		t.Run("resources", func(t *testing.T) { served(t, admin) })
		t.Run("nodes", func(t *testing.T) { zones(t, admin) })
		t.Run("access", func(t *testing.T) { access(t, first) })
		t.Run("audit", func(t *testing.T) { audit(t, first) })
		t.Run("deployment", func(t *testing.T) { deployment(t, admin) })
		t.Run("faults", func(t *testing.T) { faults(t, admin) })
		t.Run("load", func(t *testing.T) { load(t, first, admin) })
	})

	t.Run("down", func(t *testing.T) {
		s := second.status()
		second.must("down")
		gone(t, s.pids())
	})
	t.Run("until-pid", func(t *testing.T) {
		s := first.status()
		if err := parent.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = parent.Wait()
		gone(t, s.pids())
		if _, err := os.Stat(first.dir); !os.IsNotExist(err) {
			t.Errorf("expected %s to be removed, found %v", first.dir, err)
		}
	})
}

// served lists one resource of each family of CRDs.
func served(t *testing.T, client *api.Client) {
	for _, path := range []string{
		"/apis/networking.istio.io/v1/virtualservices",
		"/apis/security.istio.io/v1/authorizationpolicies",
		"/apis/telemetry.istio.io/v1/telemetries",
		"/apis/gateway.networking.k8s.io/v1/httproutes",
		"/apis/monitoring.coreos.com/v1/servicemonitors",
		"/apis/metrics.k8s.io/v1beta1/pods",
		"/apis/metrics.k8s.io/v1beta1/nodes",
		"/apis/kwok.x-k8s.io/v1alpha1/metrics",
	} {
		if err := client.Get(t.Context(), path, nil); err != nil {
			t.Error(err)
		}
	}
}

func zones(t *testing.T, client *api.Client) {
	var nodes struct {
		Items []struct {
			Metadata struct {
				Name   string
				Labels map[string]string
			}
		}
	}
	if err := client.Get(t.Context(), "/api/v1/nodes", &nodes); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, node := range nodes.Items {
		got[node.Metadata.Name] = node.Metadata.Labels["topology.kubernetes.io/zone"]
	}
	want := map[string]string{"node-a": "zone-a", "node-b": "zone-b", "node-c": "zone-c"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// access asks as a user whom RBAC gives nothing, as one of a group it does, and with a certificate of yesterday.
func access(t *testing.T, b *box) {
	for _, test := range []struct {
		args []string
		code int
	}{
		{[]string{"--user", "bob"}, 403},
		{[]string{"--user", "bob", "--groups", "dev,system:masters"}, 0},
		{[]string{"--user", "bob", "--groups", "system:masters", "--expired"}, 401},
	} {
		err := b.client(test.args...).Get(t.Context(), "/api/v1/namespaces/default/pods", nil)
		if got := api.Code(err); got != test.code || test.code == 0 && err != nil {
			t.Errorf("%v: expected code %d, found %v", test.args, test.code, err)
		}
	}
}

// audit makes a known number of requests as a user of its own.
func audit(t *testing.T, b *box) {
	client := b.client("--user", "counted", "--groups", "system:masters")
	const requests = 7
	for range requests {
		if err := client.Get(t.Context(), "/api/v1/namespaces", nil); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	// The line of a request is written just after its answer.
	if err := api.Until(ctx, 20*time.Millisecond, func(context.Context) error {
		if got := countAudit(t, b.status().AuditLog, "counted"); got != requests {
			return fmt.Errorf("expected %d requests in the audit log, found %d", requests, got)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	if got := countAudit(t, b.status().AuditLog, "admin"); got != 0 {
		t.Errorf("expected no request of admin, who did nothing, found %d", got)
	}
}

func deployment(t *testing.T, client *api.Client) {
	apply(t, client, "/apis/apps/v1/namespaces/default/deployments", `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: web:1}]}
`)
	until(t, func(ctx context.Context) error {
		var web struct {
			Status struct{ ReadyReplicas, AvailableReplicas int }
		}
		if err := client.Get(ctx, "/apis/apps/v1/namespaces/default/deployments/web", &web); err != nil {
			return err
		}
		if web.Status.AvailableReplicas != 3 {
			return fmt.Errorf("expected 3 available replicas, found %+v", web.Status)
		}
		return nil
	})
}

func load(t *testing.T, b *box, client *api.Client) {
	args := []string{"--namespaces", "1", "--services", "2", "--pods", "2"}
	b.must("load", args...)
	b.must("load", args...) // what exists is left alone
	for path, want := range map[string]int{
		"/apis/networking.istio.io/v1/namespaces/world-000/virtualservices":  2,
		"/apis/networking.istio.io/v1/namespaces/world-000/destinationrules": 2,
		"/apis/apps/v1/namespaces/world-000/deployments":                     4,
		"/api/v1/namespaces/world-000/pods":                                  8,
		"/api/v1/namespaces/world-000/services":                              2,
	} {
		var list struct{ Items []struct{} }
		if err := client.Get(t.Context(), path, &list); err != nil {
			t.Fatal(err)
		}
		if len(list.Items) != want {
			t.Errorf("%s: expected %d, found %d", path, want, len(list.Items))
		}
	}
}

func until(t *testing.T, check func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := api.Until(ctx, 50*time.Millisecond, check); err != nil {
		t.Error(err)
	}
}
