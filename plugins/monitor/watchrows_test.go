// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/test/terminal"
)

// TestScreenRows goes from an event to the logs of its pod, and from there to all
// events of that.
func TestScreenRows(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	pod := func(name string) object {
		return object{
			"apiVersion": "v1", "kind": "Pod", "metadata": object{"namespace": "shop", "name": name},
			"spec":   object{"containers": []any{object{"name": "app", "image": "app:1"}}},
			"status": object{"phase": "Running", "containerStatuses": []any{object{"name": "app", "state": object{"running": object{}}}}},
		}
	}
	event := func(name, kind, of, message string, minute int) object {
		return object{
			"apiVersion": "v1", "kind": "Event", "metadata": object{"namespace": "shop", "name": name, "uid": name}, "type": "Warning", "reason": "Unhealthy", "message": message,
			"involvedObject": object{"apiVersion": "v1", "kind": kind, "namespace": "shop", "name": of},
			"count":          int64(1), "firstTimestamp": fmt.Sprintf("2026-03-01T12:%02d:00Z", minute), "lastTimestamp": fmt.Sprintf("2026-03-01T12:%02d:00Z", minute),
		}
	}
	server := apitest.New(t, object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": "shop"}}, pod("cart-0"), pod("user-0"),
		event("a", "Pod", "user-0", "slow to answer", 1), event("b", "Node", "n", "out of disk", 2), event("c", "Pod", "cart-0", "does not answer", 3))
	server.SetLog("shop/cart-0/app", "2026-03-01T12:00:00Z cart begins\n")
	config := filepath.Join(t.TempDir(), "config")
	err := os.WriteFile(config, fmt.Appendf(nil, `{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c, user: u, namespace: shop}}],
clusters: [{name: c, cluster: {server: %q}}], users: [{name: u, user: {}}]}`, server.Config().Host), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	x := terminal.Open(t, terminal.Options{}, "env", "KUBECONFIG="+config, asProgram+"=1", self, "monitor", "-w", "--prometheus", "none")
	x.Shows("[1 services]")
	x.Keys("6")
	x.Shows("[6 events]", "slow to answer", "out of disk", "does not answer")
	x.Keys("k", "Enter") // a Node has no logs
	x.Keys("j", "Enter")
	x.Shows("[7 logs]", "logs of pod/cart-0", "cart begins")
	x.Keys("t")
	x.Shows("[6 events]", "events of pod/cart-0", "does not answer")
	x.Hides("slow to answer")
	x.Keys("q")
}
