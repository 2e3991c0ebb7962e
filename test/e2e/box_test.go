// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// box is the control plane that all tests share. It starts with the first test
// that needs it and cannot outlive this process.
type box struct {
	dir  string
	kept bool // it belongs to whoever runs the tests
	// metered is one with metrics-server, which takes some seconds more to start, and
	// minutes to build the first time.
	metered bool

	once  sync.Once
	err   error
	admin *rest.Config
}

var theBox = &box{}

// up starts the control plane, or finds it running.
func (b *box) up() error {
	b.once.Do(func() { b.err = b.start() })
	return b.err
}

func (b *box) start() error {
	args := []string{"up", "--dir", b.dir}
	if b.metered {
		args = append(args, "--metrics-server")
	}
	if !b.kept {
		args = append(args, "--until-pid", strconv.Itoa(os.Getpid()))
	}
	if _, err := output(sandbox, args...); err != nil {
		return err
	}
	text, err := output(sandbox, "kubeconfig", "--dir", b.dir)
	if err != nil {
		return err
	}
	if b.admin, err = clientcmd.RESTConfigFromKubeConfig([]byte(text)); err != nil {
		return err
	}
	b.admin.QPS = -1
	if !b.kept {
		return nil
	}
	return b.kubectl("delete", "namespace", "--ignore-not-found", "-l", ours)
}

func (b *box) down() {
	if b.kept || b.admin == nil {
		return
	}
	if _, err := output(sandbox, "down", "--dir", b.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// auditLog is where the API server notes every request.
func (b *box) auditLog() string { return filepath.Join(b.dir, "audit.log") }

// kubeconfig writes a kubeconfig for a user, with a namespace as the current
// one. The user called admin may do everything.
func (b *box) kubeconfig(file, namespace, user, groups string, more ...string) error {
	args := []string{"kubeconfig", "--dir", b.dir}
	if user != "admin" {
		args = append(args, "--user", user, "--groups", groups)
	}
	text, err := output(sandbox, append(args, more...)...)
	if err != nil {
		return err
	}
	config, err := clientcmd.Load([]byte(text))
	if err != nil {
		return err
	}
	config.Contexts[config.CurrentContext].Namespace = namespace
	return clientcmd.WriteToFile(*config, file)
}

// ours marks the namespaces of these tests.
const ours = "kubectl-micro.dev/e2e=true"

// world makes a namespace, applies manifests of testdata/world to it and waits
// until its pods are endpoints.
func (b *box) world(ctx context.Context, namespace string, fixtures []string) error {
	kubectl := func(args ...string) error { return b.kubectl(append([]string{"-n", namespace}, args...)...) }
	if err := kubectl("create", "namespace", namespace); err != nil {
		return err
	}
	if err := kubectl("label", "namespace", namespace, ours); err != nil {
		return err
	}
	for _, f := range fixtures {
		if err := kubectl("apply", "-f", filepath.Join("testdata", "world", f+".yaml")); err != nil {
			return err
		}
	}
	return b.ready(ctx, namespace, replicas)
}

// kubectl runs kubectl as the administrator.
func (b *box) kubectl(args ...string) error {
	_, err := output("kubectl", append([]string{"--kubeconfig", filepath.Join(b.dir, "kubeconfig")}, args...)...)
	return err
}

// apply applies manifests to a namespace as the administrator.
func (b *box) apply(ctx context.Context, namespace, text string) error {
	cmd := exec.CommandContext(ctx, "kubectl", "--kubeconfig", filepath.Join(b.dir, "kubeconfig"), "-n", namespace, "apply", "-f", "-")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("kubectl apply: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// patience is how long the control plane may take for anything.
const patience = 90 * time.Second

// ready waits until as many pods of a namespace are ready endpoints as its
// Deployments are said to want: none of kubectl's waits knows EndpointSlices.
func (b *box) ready(ctx context.Context, namespace string, wanted func(deployments []*model.Object) int) error {
	client, err := cluster.New(b.admin)
	if err != nil {
		return err
	}
	in := cluster.ListOptions{Namespace: namespace}
	var want, have int
	err = wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		deployments, err := client.List(ctx, model.Deployments.Kind, in)
		if err != nil {
			return false, err
		}
		slices, err := client.List(ctx, model.EndpointSlices.Kind, in)
		if err != nil {
			return false, err
		}
		want, have = wanted(deployments), endpoints(slices)
		return have == want, nil
	})
	if err != nil {
		return fmt.Errorf("namespace %s: %d pods are ready endpoints, want %d: %w", namespace, have, want, err)
	}
	return nil
}

func replicas(deployments []*model.Object) int {
	total := 0
	for _, o := range deployments {
		if d, ok := model.Deployments.Of(o); ok {
			total += int(*d.Value.Spec.Replicas)
		}
	}
	return total
}

// endpoints counts the pods that are ready behind some Service.
func endpoints(slices []*model.Object) int {
	pods := map[string]bool{}
	for _, o := range slices {
		s, _ := model.EndpointSlices.Of(o)
		for _, e := range s.Value.Endpoints {
			if e.Conditions.Ready != nil && *e.Conditions.Ready && e.TargetRef != nil {
				pods[e.TargetRef.Name] = true
			}
		}
	}
	return len(pods)
}

// output runs a program and returns what it printed; its stderr is in the error.
func output(program string, args ...string) (string, error) {
	cmd := exec.Command(program, args...)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("%s %s: %w: %s", filepath.Base(program), strings.Join(args, " "), err, bytes.TrimSpace(exit.Stderr))
	}
	return string(out), err
}
