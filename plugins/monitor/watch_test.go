// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/prom/promtest"
	"github.com/kubectl-micro/kubectl-micro/test/terminal"
)

// asProgram says that this test binary is the program in a terminal.
const asProgram = "KUBECTL_MICRO_MONITOR_TEST_PROGRAM"

// TestScreen uses `monitor -w` as somebody does at a terminal, on a real Prometheus.
func TestScreen(t *testing.T) {
	prometheus := promtest.Shared(t, "shop")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	shop, err := filepath.Abs("../../examples/shop-by-hand")
	if err != nil {
		t.Fatal(err)
	}
	x := terminal.Open(t, terminal.Options{}, "env", "PS1=$ ", "ENV=", "KUBECONFIG=/nowhere", asProgram+"=1", "sh")
	x.Shows("$")
	x.Keys("echo was here before; '"+self+"' monitor -w -n shop -f "+shop+" --prometheus "+prometheus+" --at "+promtest.Now.Format(time.RFC3339)+"; echo code=$?", "Enter")

	x.Shows("[1 services]", "services of shop", "api-gateway      60.0  100%", "! order-service    20.0  90.00%", "gRPC 14 4.0rps")
	x.Keys("v")
	x.Shows("server view", "order-service    18.0  100%")
	x.Keys("v", "2")
	x.Shows("[2 versions]", "versions of shop · client view", "user-service     v1             46.0  100%     49.8ms  ⣼⣿", "! user-service     v2             4.0   95.00%   498ms   ⣼⣿")
	x.Keys("/", "v2", "Enter", "j", "Enter") // of a version, what runs it
	x.Shows("[3 workloads]", "workloads of svc/user-service")
	x.Keys("1")
	x.Shows("[1 services]")
	x.Keys("/", "user", "Enter", "V")
	x.Shows("versions of svc/user-service")
	x.Hides("order-service")
	x.Keys("1", "/", "user", "Enter", "Enter")
	x.Shows("[3 workloads]", "workloads of svc/user-service", "deploy/user-service-v2  -/2    4.0   95.00%")
	x.Keys("Enter")
	x.Shows("[4 pods]", "pods of deploy/user-service-v1", "MEM  RST  RISK\n>  user-service-v1  -     -    -        -    -    -    -\n", "nothing runs in files")
	x.Keys("Escape") // a key right after it would be one with alt
	x.Shows("[3 workloads]")
	x.Keys("y")
	x.Shows("istio_requests_total", "y copies it")
	x.Keys("?", "w") // any key closes the query
	x.Shows("workloads of svc/user-service", "client view · 15m")
	x.Keys("5")
	x.Shows("[5 edges]", "istio-ingress/shared-istio  api-gateway")
	x.Keys("g", "Enter") // what is called
	x.Shows("[3 workloads]", "workloads of svc/")
	x.Keys("Escape")
	x.Shows("[5 edges]")
	x.Keys("7")
	x.Shows("expected a cluster to read logs of")
	x.Keys("q")
	x.Shows("was here before\ncode=0\n")
	if !x.Restored() {
		t.Error("expected a cursor and no alternate screen")
	}
}

// TestWatchInterrupted ends a watch in a pipe as ctrl-c does.
func TestWatchInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "monitor", "stat", "svc/user-service", "-n", "shop", "-w", "--interval", "15s", "-o", "jsonl",
		"--prometheus", promtest.Shared(t, "shop"), "--at", promtest.Now.Add(-10*time.Minute).Format(time.RFC3339))
	cmd.Env = append(os.Environ(), asProgram+"=1", "KUBECONFIG=/nowhere")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// What is over comes at once.
	lines := bufio.NewScanner(out)
	for range 3 {
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), `{"at":"2026-03-01T1`) {
			t.Fatalf("expected a row, found %q", lines.Text())
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("expected exit code 130, found %v", err)
	}
}
