// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Command sandbox runs a real Kubernetes control plane for tests: etcd, kube-apiserver, kube-controller-manager and
// kube-scheduler, with kwok in the place of kubelets. All of them are in this one binary, built from Go modules; there
// is no Docker and no download of binaries.
//
// Build it with
//
//	go build -trimpath -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=v1.36.3" -o sandbox .
//
// The version has to be set: without it the API server reports one that clients cannot parse. No other step is needed.
// The CRDs of Istio, Gateway API and the Prometheus Operator are not in the binary; the first `sandbox up` of a user
// has the go command fetch three pinned Go modules and keeps the CRDs in the user's cache directory. `sandbox crds` does
// that alone, ahead of time, and `sandbox crds --output FILE` with `sandbox up --crds FILE` serves a machine without Go.
// The first start also keeps there what the API server made of the CRDs, which makes later starts twice as fast.
//
// Test it with `go test ./internal/...`, which builds the binary itself (`-args -binary FILE` takes another one). `go vet`
// and `go test` of this package work too, but have the vet command look at all of Kubernetes first, for minutes.
// Linux only: processes are tied together by parent death signals and pidfds.
//
// Use it with
//
//	export KUBECONFIG=$(sandbox up --name mine --until-pid $$)
//	kubectl get nodes
//	sandbox down --name mine
//
// A sandbox is its directory: --name gives it one of its own in the temporary directory, --dir any other. Several run
// at once. `up` prints the path of the administrator's kubeconfig when the API server serves every CRD, three nodes in
// three zones are Ready and pods are admitted; on a sandbox that runs already it only prints the path. The supervisor
// process behind it ends everything when a component crashes, on `down`, on a signal, and when the process of
// --until-pid is gone; if it is killed itself, the kernel ends the components.
//
// RBAC is on. The kubeconfig of `up` belongs to the user admin, as whom nothing else acts: the lines of that user in the
// audit log (`sandbox status -o json` names it) are the requests of the program under test. `sandbox kubeconfig --user
// NAME --groups A,B` makes a kubeconfig for anybody else, with a client certificate that --expired makes an expired one.
//
// Pods are Ready as soon as they are scheduled. The annotation sandbox.kubectl-micro.dev/fault of a pod or a pod template
// makes them fail: crash-loop, evicted, image-pull, oom, pending or unready; sandbox.kubectl-micro.dev/fault-delay lets
// them be healthy for a while first, and sandbox.kubectl-micro.dev/fault-container chooses the container. kwok's own
// resources say what the kubelet answers: Logs and ClusterLogs for `kubectl logs`, ClusterPortForward for `kubectl
// port-forward`, ClusterExec for `kubectl exec`. metrics.k8s.io is a CRD to create PodMetrics and NodeMetrics in; with
// `sandbox up --metrics-server` it is the real metrics-server, and the usage of a pod is what its annotations
// kwok.x-k8s.io/usage-cpu and usage-memory say, half a minute after it was made. kwok has no usage for init containers,
// hence none for native sidecars.
//
// `sandbox load` creates a world of namespaces, services, deployments and Istio objects that is the same on every machine.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/command"
)

func main() {
	if len(os.Args) > 1 {
		if component, ok := components[os.Args[1]]; ok {
			os.Exit(component(os.Args[2:]))
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command.Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
