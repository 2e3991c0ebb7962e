// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The pods whose usage is measured: topPods in each of two deployments of a service.
const (
	topNamespaces, topServices, topPods = 50, 25, 2
	topAll                              = topNamespaces * topServices * 2 * topPods
)

// top compares the table of what all pods use with the bare lists that it makes, of
// pods and of their usage. That comes from metrics-server, through the API server.
func (b *bench) top(ctx context.Context, r *report) error {
	dir, down, err := b.up(ctx, "top", "--metrics-server")
	if err != nil {
		return err
	}
	defer down()
	if _, err := b.timed(ctx, b.sandbox, "load", "--dir", dir, "-timeout", "20m",
		"-namespaces", fmt.Sprint(topNamespaces), "-services", fmt.Sprint(topServices), "-pods", fmt.Sprint(topPods)); err != nil {
		return err
	}
	if err := b.measured(ctx, topAll); err != nil {
		return err
	}
	if err := b.against(ctx, r, filepath.Join(dir, "audit.log"), "top", "at most 1.3", topPodsAll); err != nil {
		return err
	}
	for _, peer := range []struct {
		aim  string
		args []string
	}{
		{"at most 1.3", []string{"kubectl", "top", "pod", "-A"}},
		{"at most 0.5", []string{"kube-capacity", "-p", "-u"}},
	} {
		if _, err := exec.LookPath(peer.args[0]); err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s is not in PATH: its row of top is left out\n", peer.args[0])
			continue
		}
		ours, theirs, err := b.usagePair(ctx, peer.args)
		if err != nil {
			return err
		}
		r.row("top", fmt.Sprintf("`%s`, %d MB", strings.Join(topPodsAll, " "), ours.Memory>>20), ms(ours.Wall),
			fmt.Sprintf("`%s`, %d MB", strings.Join(peer.args, " "), theirs.Memory>>20), ms(theirs.Wall), ratio(ours.Wall, theirs.Wall), peer.aim)
	}
	return nil
}

// topPodsAll is the command that is measured.
var topPodsAll = []string{"monitor", "top", "pods", "-A"}

// usagePair runs it and another program in turn: the medians of the times, and the
// largest resident sets.
func (b *bench) usagePair(ctx context.Context, peer []string) (ours, theirs usage, err error) {
	var times [2][]time.Duration
	for range clusterRuns {
		for i, side := range []struct {
			args []string
			out  *usage
		}{{append([]string{b.binary}, topPodsAll...), &ours}, {peer, &theirs}} {
			u, err := b.weighed(ctx, side.args...)
			if err != nil {
				return ours, theirs, err
			}
			times[i] = append(times[i], u.Wall)
			side.out.Memory = max(side.out.Memory, u.Memory)
		}
	}
	ours.Wall, theirs.Wall = median(times[0]), median(times[1])
	return ours, theirs, nil
}

// measured waits until metrics-server knows the usage of so many pods, which takes it
// two looks at each.
func (b *bench) measured(ctx context.Context, pods int) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	config, client, err := b.transport()
	if err != nil {
		return err
	}
	look := time.NewTicker(2 * time.Second)
	defer look.Stop()
	for known := 0; ; {
		if known, err = usages(ctx, client, config.Host); err == nil && known >= pods {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("expected the usage of %d pods, found that of %d: %w", pods, known, context.Cause(ctx))
		case <-look.C:
		}
	}
}

// usages counts the pods whose usage is known.
func usages(ctx context.Context, client *http.Client, host string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, host+"/apis/metrics.k8s.io/v1beta1/pods", nil)
	if err != nil {
		return 0, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var list struct{ Items []struct{} }
	err = json.NewDecoder(answer.Body).Decode(&list)
	return len(list.Items), err
}
