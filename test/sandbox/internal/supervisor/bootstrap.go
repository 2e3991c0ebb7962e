// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package supervisor

import (
	"context"
	"fmt"
	"time"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/api"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/world"
)

// interval between two looks at something that is about to be ready.
const interval = 50 * time.Millisecond

// clientOf talks to one of the sandbox's servers as the sandbox itself.
func (s *supervisor) clientOf(server string) (*api.Client, error) {
	access, err := s.authority.Access(s.Name, server, plane.Operator, []string{plane.Masters}, time.Now())
	if err != nil {
		return nil, err
	}
	return api.New(access)
}

// await repeats a check until it succeeds, and tells the starter.
func (s *supervisor) await(ctx context.Context, what string, check func(context.Context) error) error {
	if err := api.Until(ctx, interval, check); err != nil {
		return fmt.Errorf("waiting for %s: %w", what, err)
	}
	if err := s.Progress(fmt.Sprintf("%5.1fs  %s", time.Since(s.began).Seconds(), what)); err != nil {
		return starterGone(err)
	}
	return nil
}

// healthy checks that a path of a server answers 200.
func healthy(client *api.Client, path string) func(context.Context) error {
	return func(ctx context.Context) error { return client.Get(ctx, path, nil) }
}

// furnish creates nodes and the remaining definitions, and waits until a pod could run.
func (s *supervisor) furnish(ctx context.Context, all *definitions) error {
	for node := range world.Nodes(world.Zones) {
		if err := s.client.Ensure(ctx, node.Path, node.Body); err != nil {
			return err
		}
	}
	if err := s.install(ctx, all, all.others); err != nil {
		return err
	}
	scheduler, err := s.clientOf(fmt.Sprintf("https://127.0.0.1:%d", s.ports.Scheduler))
	if err != nil {
		return err
	}
	if err := s.await(ctx, "scheduler", healthy(scheduler, "/readyz")); err != nil {
		return err
	}
	// Without this account the API server admits no pod.
	account := healthy(s.client, "/api/v1/namespaces/default/serviceaccounts/default")
	if err := s.await(ctx, "default service account", account); err != nil {
		return err
	}
	if err := s.await(ctx, "nodes", s.nodesReady); err != nil {
		return err
	}
	return s.backup(ctx, all)
}

// nodesReady checks that every node is Ready and that its first taint, which keeps pods away, is gone.
func (s *supervisor) nodesReady(ctx context.Context) error {
	var nodes struct {
		Items []struct {
			Metadata struct{ Name string }
			Spec     struct{ Taints []struct{ Key string } }
			Status   struct {
				Conditions []struct{ Type, Status string }
			}
		}
	}
	if err := s.client.Get(ctx, "/api/v1/nodes", &nodes); err != nil {
		return err
	}
	for _, node := range nodes.Items {
		ready := false
		for _, condition := range node.Status.Conditions {
			ready = ready || condition.Type == "Ready" && condition.Status == "True"
		}
		if !ready || len(node.Spec.Taints) > 0 {
			return fmt.Errorf("expected %s to be ready, found taints %v", node.Metadata.Name, node.Spec.Taints)
		}
	}
	return nil
}
