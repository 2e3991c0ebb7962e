// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// busy is a pod that uses a quarter of a core and 200Mi, whatever it runs.
const busy = `
apiVersion: v1
kind: Pod
metadata:
  name: busy
  annotations: {kwok.x-k8s.io/usage-cpu: 250m, kwok.x-k8s.io/usage-memory: 200Mi}
spec:
  containers:
    - name: app
      image: registry.example.com/app
      resources: {requests: {cpu: 500m, memory: 400Mi}, limits: {memory: 800Mi}}
`

// Usage is that of the real metrics-server, on a control plane of its own: the
// shared one has no metrics.
func TestTop(t *testing.T) {
	b := &box{dir: filepath.Join(t.TempDir(), "sandbox"), metered: true}
	t.Cleanup(b.down)
	if err := b.up(); err != nil {
		t.Fatal(err)
	}
	if err := b.world(t.Context(), "top", nil); err != nil {
		t.Fatal(err)
	}
	if err := b.apply(t.Context(), "top", busy); err != nil {
		t.Fatal(err)
	}
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := b.kubeconfig(kubeconfig, "top", "admin", ""); err != nil {
		t.Fatal(err)
	}
	var last error
	// It takes two looks of metrics-server, of which there is one every ten seconds.
	err := wait.PollUntilContextTimeout(t.Context(), time.Second, 2*patience, true, func(context.Context) (bool, error) {
		last = wantBusy(microctl(t, kubeconfig, "monitor", "top", "pods", "-o", "json"))
		return last == nil, nil
	})
	if err != nil {
		t.Fatal(err, last)
	}
	// It is its own workload, and all that its node has to do.
	if err := wantBusy(microctl(t, kubeconfig, "monitor", "top", "workloads", "pod/busy", "-o", "json")); err != nil {
		t.Error("workloads:", err)
	}
	err = wait.PollUntilContextTimeout(t.Context(), time.Second, patience, true, func(context.Context) (bool, error) {
		last = wantBusyNode(microctl(t, kubeconfig, "monitor", "top", "nodes", "-o", "json"))
		return last == nil, nil
	})
	if err != nil {
		t.Error("nodes:", err, last)
	}
}

// wantBusyNode checks the node with the busy pod. The usage of a node without such
// pods is unknown here, and that is said rather than shown as 0.
func wantBusyNode(got result) error {
	var list api.NodeUsageList
	if err := json.Unmarshal([]byte(got.stdout), &list); err != nil || got.code != 0 {
		return fmt.Errorf("exit code %d, %w: %s%s", got.code, err, got.stdout, got.stderr)
	}
	busy := 0
	for _, n := range list.Items {
		cpu, memory := n.CPU, n.Memory
		switch {
		case cpu.Used == nil:
			if !strings.Contains(got.stderr, n.Name) {
				return fmt.Errorf("node %s: expected a note that nothing is known, found %q", n.Name, got.stderr)
			}
		case *cpu.Requests != 0.5 || *memory.Requests != 400<<20 || *cpu.Used < 0.24 || *cpu.Used > 0.26 || *memory.Used != 200<<20:
			return fmt.Errorf("node %s: expected what the busy pod asks for and uses, found %s", n.Name, got.stdout)
		default:
			busy++
		}
	}
	if len(list.Items) != 3 || busy != 1 {
		return fmt.Errorf("expected three nodes and the busy pod on one of them, found %s", got.stdout)
	}
	return nil
}

// wantBusy checks what the busy pod is said to use. CPU is a difference over a
// measured time, hence about a quarter of a core.
func wantBusy(got result) error {
	var list api.UsageList
	if err := json.Unmarshal([]byte(got.stdout), &list); err != nil || got.code != 0 {
		return fmt.Errorf("exit code %d, %w: %s%s", got.code, err, got.stdout, got.stderr)
	}
	if len(list.Items) != 1 || list.Items[0].CPU.Used == nil || list.Items[0].Memory.Used == nil {
		return fmt.Errorf("expected the usage of one pod, found %s", got.stdout)
	}
	u := list.Items[0]
	if cpu := *u.CPU.Used; cpu < 0.24 || cpu > 0.26 {
		return fmt.Errorf("CPU: got %v cores, want about 0.25", cpu)
	}
	if of := *u.CPU.UsedOfRequests; of < 0.48 || of > 0.52 {
		return fmt.Errorf("CPU: got %v of what it asks for, want about half", of)
	}
	if memory, of := *u.Memory.Used, *u.Memory.UsedOfLimits; memory != 200<<20 || of != 0.25 {
		return fmt.Errorf("memory: got %v bytes, %v of the limit, want 200Mi and a quarter", memory, of)
	}
	return nil
}
