// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The world that everybody's connections are worked out of.
const (
	mapNamespaces, mapWorkloads, mapPolicies = 50, 2000, 500
	mapRuns                                  = 5
)

// oneWorkload is a workload of that world; onePolicy lets one app of the same
// namespace and one of all teams' in, and every third out to an address.
const (
	oneWorkload = `apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: SPACE}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME, group: GROUP, tier: TIER}}
    spec:
      containers:
      - name: app
        image: registry.example.com/app:1.4.0
        ports: [{name: http, containerPort: 8080}]
---
`
	onePolicy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: NAME, namespace: SPACE}
spec:
  podSelector: {matchLabels: {group: GROUP}}
  policyTypes: [TYPES]
  ingress:
  - from:
    - podSelector: {matchLabels: {group: OTHER}}
    - podSelector: {matchLabels: {tier: TIER}}
      namespaceSelector: {matchLabels: {team: TEAM}}
    ports: [{port: http, protocol: TCP}]
  egress:
  - to: [{podSelector: {}}]
  - to: [{ipBlock: {cidr: BLOCK}}]
    ports: [{port: 443, protocol: TCP}]
---
`
)

// policed writes the manifests of that world, a file for each namespace.
func (b *bench) policed() (dir string, err error) {
	dir = filepath.Join(b.dir, "policed")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	const workloads, policies = mapWorkloads / mapNamespaces, mapPolicies / mapNamespaces
	for n := range mapNamespaces {
		space := fmt.Sprintf("team-%02d", n)
		var out strings.Builder
		fmt.Fprintf(&out, "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s, labels: {team: t%d}}\n---\n", space, n%7)
		for i := range workloads {
			out.WriteString(strings.NewReplacer("NAME", fmt.Sprintf("app-%02d", i), "SPACE", space,
				"GROUP", fmt.Sprintf("g%d", i%policies), "TIER", fmt.Sprintf("l%d", i%3)).Replace(oneWorkload))
		}
		for i := range policies {
			types := "Ingress"
			if i%3 == 0 {
				types = "Ingress, Egress"
			}
			out.WriteString(strings.NewReplacer("NAME", fmt.Sprintf("policy-%d", i), "SPACE", space, "TYPES", types,
				"GROUP", fmt.Sprintf("g%d", i), "OTHER", fmt.Sprintf("g%d", (i+n)%policies), "TIER", fmt.Sprintf("l%d", (i+n)%3),
				"TEAM", fmt.Sprintf("t%d", (i+n)%7), "BLOCK", fmt.Sprintf("203.0.%d.0/24", n*policies/3+i)).Replace(onePolicy))
		}
		if err := os.WriteFile(filepath.Join(dir, space+".yaml"), []byte(out.String()), 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// secureFiles works out who may connect to whom in a large set of manifests.
func (b *bench) secureFiles(ctx context.Context, r *report) error {
	dir, err := b.policed()
	if err != nil {
		return err
	}
	var times []time.Duration
	var memory int64
	for range mapRuns {
		u, err := b.weighed(ctx, b.binary, "secure", "map", "-f", dir)
		if err != nil {
			return err
		}
		times, memory = append(times, u.Wall), max(memory, u.Memory)
	}
	r.row("map", fmt.Sprintf("`secure map -f`, %d workloads, %d NetworkPolicies, %d namespaces", mapWorkloads, mapPolicies, mapNamespaces),
		ms(median(times)), "", fmt.Sprintf("%d MB", memory>>20), "", "below 1 s")
	return nil
}

// matrix runs the engine's own benchmark: all pairs of 10,000 pods, without any
// reading or printing.
func (b *bench) matrix(ctx context.Context, r *report) error {
	for _, world := range []struct{ bench, what, aim string }{
		{"10000x2000", "all pairs of 10,000 pods, 2,000 NetworkPolicies", "below 100 ms and 300 MB"},
		{"distinct10000", "the same, no two pods alike", "below 1 s"},
	} {
		cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-benchmem", "-bench", "^BenchmarkMatrix$/^"+world.bench+"$/^(new|matrix)$", "./pkg/reach/network")
		out, err := cmd.Output()
		if err != nil {
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				err = fmt.Errorf("%w\n%s%s", err, out, exit.Stderr)
			}
			return err
		}
		took, allocated, err := benchmarked(string(out))
		if err != nil {
			return err
		}
		r.row("matrix", world.what, ms(took), "", fmt.Sprintf("%d MB", allocated>>20), "", world.aim)
	}
	return nil
}

// benchmarkLine is a result of `go test -bench -benchmem`.
var benchmarkLine = regexp.MustCompile(`(?m)^Benchmark\S+\s+\d+\s+([0-9.]+) ns/op.*?(\d+) B/op`)

// benchmarked adds up the results in what `go test` printed: time, and bytes
// allocated, which is more than was ever in use.
func benchmarked(out string) (took time.Duration, allocated int64, err error) {
	found := benchmarkLine.FindAllStringSubmatch(out, -1)
	if len(found) != 2 {
		return 0, 0, fmt.Errorf("expected the results of two benchmarks, found %d:\n%s", len(found), out)
	}
	for _, m := range found {
		ns, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return 0, 0, err
		}
		bytes, err := strconv.ParseInt(m[2], 10, 64)
		if err != nil {
			return 0, 0, err
		}
		took, allocated = took+time.Duration(ns), allocated+bytes
	}
	return took, allocated, nil
}
