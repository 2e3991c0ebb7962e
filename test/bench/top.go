// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
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
	return b.against(ctx, r, filepath.Join(dir, "audit.log"), "top", "at most 1.3", []string{"monitor", "top", "pods", "-A"})
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
