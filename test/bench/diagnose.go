// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// The world that a whole cluster is measured on, and how often.
const (
	worldNamespaces, worldServices, worldPods = 50, 20, 3
	clusterRuns                               = 7
	fileServices                              = 1000
)

// diagnoseFiles checks a large set of manifests.
func (b *bench) diagnoseFiles(ctx context.Context, r *report) error {
	file, size, err := b.repository(fileServices)
	if err != nil {
		return err
	}
	var times []time.Duration
	var memory int64
	for range 5 {
		u, err := b.weighed(ctx, b.binary, "diagnose", "-f", file)
		if err != nil {
			return err
		}
		times, memory = append(times, u.Wall), max(memory, u.Memory)
	}
	r.row("files", fmt.Sprintf("`diagnose -f`, %d documents, %.1f MB", 7*fileServices, float64(size)/1e6), ms(median(times)),
		"", fmt.Sprintf("%d MB", memory>>20), "", "at most 1 s and 150 MB")
	return nil
}

// largeCluster compares what looks at a large cluster with the bare lists of the
// same kinds, all at once and thrown away: nothing can be faster.
func (b *bench) largeCluster(ctx context.Context, r *report) error {
	dir, down, err := b.up(ctx, "large")
	if err != nil {
		return err
	}
	defer down()
	size := []string{"load", "--dir", dir, "-policies", "-timeout", "20m",
		"-namespaces", fmt.Sprint(worldNamespaces), "-services", fmt.Sprint(worldServices), "-pods", fmt.Sprint(worldPods)}
	if _, err := b.timed(ctx, b.sandbox, size...); err != nil {
		return err
	}
	for _, scope := range []struct {
		name, aim string
		args      []string
	}{
		{"cluster", "at most 1.5, below 200 MB", []string{"diagnose", "-A"}},
		{"namespace", "at most 300 ms", []string{"diagnose", "-n", "world-007"}},
		{"service", "", []string{"diagnose", "-n", "world-007", "svc/svc-007"}},
		{"check", "below 500 ms", []string{"secure", "check", "deploy/svc-007-v1", "svc/svc-008", "-n", "world-007"}},
	} {
		if !b.wanted(scope.name) {
			continue
		}
		if err := b.against(ctx, r, filepath.Join(dir, "audit.log"), scope.name, scope.aim, scope.args); err != nil {
			return err
		}
	}
	return nil
}

// against compares a command with the bare lists it makes.
func (b *bench) against(ctx context.Context, r *report, audit, name, aim string, args []string) error {
	began, err := os.Stat(audit)
	if err != nil {
		return err
	}
	command := append([]string{b.binary}, args...)
	if _, err := b.weighed(ctx, command...); err != nil {
		return err
	}
	lists, err := listed(audit, began.Size())
	if err != nil {
		return err
	}
	var ours, bare, packed []time.Duration
	var memory int64
	for range clusterRuns {
		u, err := b.weighed(ctx, command...)
		if err != nil {
			return err
		}
		ours, memory = append(ours, u.Wall), max(memory, u.Memory)
		for _, how := range []struct {
			accept string
			times  *[]time.Duration
		}{{"", &bare}, {protobuf, &packed}} {
			took, err := b.bare(ctx, lists, how.accept)
			if err != nil {
				return err
			}
			*how.times = append(*how.times, took)
		}
	}
	a := median(ours)
	what := fmt.Sprintf("`%s`, %d MB", strings.Join(args, " "), memory>>20)
	r.row(name, what, ms(a), fmt.Sprintf("the %d bare lists in JSON, in parallel", len(lists)), ms(median(bare)), ratio(a, median(bare)), aim)
	r.row(name, what, ms(a), "the same in protobuf where the server has it", ms(median(packed)), ratio(a, median(packed)), "")
	return nil
}

// protobuf is how ours asks for built-in kinds.
const protobuf = "application/vnd.kubernetes.protobuf"

// listed returns the lists that the program made and got since the log was so long,
// each once and without its pages.
func listed(audit string, since int64) ([]string, error) {
	file, err := os.Open(audit)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if _, err := file.Seek(since, io.SeekStart); err != nil {
		return nil, err
	}
	var out []string
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event struct {
			UserAgent, RequestURI, Verb string
			ResponseStatus              struct{ Code int }
		}
		if json.Unmarshal(lines.Bytes(), &event) != nil || event.Verb != "list" || !strings.HasPrefix(event.UserAgent, "kubectl-micro/") ||
			event.ResponseStatus.Code != http.StatusOK {
			continue
		}
		u, err := url.Parse(event.RequestURI)
		if err != nil {
			return nil, err
		}
		q := u.Query()
		q.Del("limit")
		q.Del("continue")
		u.RawQuery = q.Encode()
		if !slices.Contains(out, u.String()) {
			out = append(out, u.String())
		}
	}
	return out, lines.Err()
}

// transport is the connection to the sandbox, made anew for each run as a
// command makes it.
func (b *bench) transport() (*rest.Config, *http.Client, error) {
	config, err := clientcmd.BuildConfigFromFlags("", b.kubeconfig())
	if err != nil {
		return nil, nil, err
	}
	config.QPS = -1
	client, err := rest.HTTPClientFor(config)
	return config, client, err
}

// bare makes the lists, 16 at a time, and throws the answers away.
func (b *bench) bare(ctx context.Context, lists []string, accept string) (time.Duration, error) {
	config, client, err := b.transport()
	if err != nil {
		return 0, err
	}
	started := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(16)
	for _, list := range lists {
		g.Go(func() error { return get(ctx, client, config.Host+list, accept) })
	}
	err = g.Wait()
	return time.Since(started), err
}

// get makes one list; without accept the answer is JSON.
func get(ctx context.Context, client *http.Client, address, accept string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	if path := request.URL.Path; strings.HasSuffix(path, "/secrets") || strings.HasSuffix(path, "/configmaps") {
		accept = protobuf + ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
	}
	request.Header.Set("Accept", strings.TrimPrefix(accept+",application/json", ","))
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", address, answer.Status)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}
