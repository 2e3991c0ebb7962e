// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-micro/kubectl-micro/pkg/prom/promtest"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

const (
	statRuns  = 5
	logLines  = 600_000
	logRuns   = 5
	tableRows = 5000
)

// stat compares the table of all services with the queries that it sends, one after
// the other, and with the three that ask Prometheus for quantiles, all at once.
func (b *bench) stat(ctx context.Context, r *report) error {
	server, err := promtest.Run(promtest.Big())
	if err != nil {
		return err
	}
	defer server.Close()
	command := []string{b.binary, "monitor", "stat", "-A", "--prometheus", server.URL, "--at", promtest.Now.Format(time.RFC3339)}
	sent, err := b.sent(ctx, append(command, "--show-queries"))
	if err != nil {
		return err
	}
	var quantiles []string
	for _, q := range []string{"0.5", "0.95", "0.99"} {
		quantiles = append(quantiles, "histogram_quantile("+q+
			", sum by (le, destination_service_name, destination_service_namespace) (rate(istio_request_duration_milliseconds_bucket[5m])))")
	}
	var ours, raw, three []time.Duration
	var memory int64
	for range statRuns {
		u, err := b.weighed(ctx, command...)
		if err != nil {
			return err
		}
		ours, memory = append(ours, u.Wall), max(memory, u.Memory)
		for _, how := range []struct {
			rounds [][]string
			times  *[]time.Duration
		}{{[][]string{sent[:1], sent[1:]}, &raw}, {[][]string{quantiles}, &three}} {
			started := time.Now()
			for _, queries := range how.rounds {
				if err := ask(ctx, server.URL, queries); err != nil {
					return err
				}
			}
			*how.times = append(*how.times, time.Since(started))
		}
	}
	a := median(ours)
	what := fmt.Sprintf("`monitor stat -A`, 200 services, 120,000 series of buckets, %d MB", memory>>20)
	r.row("stat", what, ms(a), "the two queries that it sends, the answers thrown away", ms(median(raw)), ratio(a, median(raw)), "at most 1.2")
	r.row("stat", what, ms(a), "three queries of `histogram_quantile`, in parallel", ms(median(three)), ratio(a, median(three)), "at most 0.35")
	return nil
}

// sent returns the queries that a command says it sends.
func (b *bench) sent(ctx context.Context, command []string) ([]string, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+b.kubeconfig())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, stderr.String())
	}
	var out []string
	for _, found := range regexp.MustCompile(`(?m)^# (label_replace\(.*)$`).FindAllSubmatch(stderr.Bytes(), -1) {
		out = append(out, string(found[1]))
	}
	if len(out) != 2 {
		return nil, fmt.Errorf("%s: expected two queries, of requests and of buckets, found %d", strings.Join(command, " "), len(out))
	}
	return out, nil
}

// ask sends queries to Prometheus all at once and throws the answers away.
func ask(ctx context.Context, base string, queries []string) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, q := range queries {
		group.Go(func() error {
			form := url.Values{"query": {q}, "time": {strconv.FormatInt(promtest.Now.Unix(), 10)}}
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/v1/query?"+form.Encode(), nil)
			if err != nil {
				return err
			}
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				return errors.New(answer.Status)
			}
			_, err = io.Copy(io.Discard, answer.Body)
			return err
		})
	}
	return group.Wait()
}

// logs pushes JSON lines through a filter by level, and counts the time of all
// cores that took.
func (b *bench) logs(ctx context.Context, r *report) error {
	file := filepath.Join(b.dir, "lines.json")
	var out bytes.Buffer
	for i := range logLines {
		level := "info"
		if i%100 == 0 {
			level = "error"
		}
		fmt.Fprintf(&out, `{"ts":"2026-03-01T12:00:%02d.%06dZ","level":"%s","logger":"http","msg":"request done","method":"GET","path":"/users/%d","status":200,"ms":%d}`+"\n",
			i/1000%60, i%1_000_000, level, i, i%97)
	}
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		return err
	}
	var speeds []time.Duration
	for range logRuns {
		in, err := os.Open(file)
		if err != nil {
			return err
		}
		cmd := exec.CommandContext(ctx, b.binary, "monitor", "logs", "-", "--level", "warn", "-o", "raw")
		var got, stderr bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &got, &stderr
		err = cmd.Run()
		_ = in.Close()
		if lines := bytes.Count(got.Bytes(), []byte("\n")); err == nil && lines != logLines/100 {
			err = fmt.Errorf("expected %d lines, found %d", logLines/100, lines)
		}
		if err != nil {
			return fmt.Errorf("monitor logs: %w\n%s", err, stderr.String())
		}
		used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok {
			return errors.New("no usage of processes on this system")
		}
		speeds = append(speeds, time.Duration(used.Utime.Nano()+used.Stime.Nano()))
	}
	speed := logLines / median(speeds).Seconds()
	r.row("logs", fmt.Sprintf("`monitor logs - --level warn`, %d JSON lines, %.0f MB", logLines, float64(out.Len())/1e6),
		fmt.Sprintf("%.0f lines/s a core", speed), "", "", "", "at least 300,000")
	return nil
}

// table lays out a large table.
func (b *bench) table(_ context.Context, r *report) error {
	t := &render.Table{Header: []string{"NAMESPACE", "NAME", "READY", "RPS", "SUCCESS", "P50", "P95", "P99", "CPU", "WHY"}}
	for i := range tableRows {
		t.Rows = append(t.Rows, []string{"shop", fmt.Sprintf("service-%d", i), "3/3", "12.5", "99.99%", "12ms", "24.8ms", "49.8ms", "120m/500m", "UF 1.0rps → user-service-v1"})
	}
	var times []time.Duration
	for range 21 {
		started := time.Now()
		if err := t.Write(io.Discard); err != nil {
			return err
		}
		times = append(times, time.Since(started))
	}
	r.row("table", fmt.Sprintf("a table of %d rows and 10 columns", tableRows), fmt.Sprintf("%.1f ms", median(times).Seconds()*1e3), "", "", "", "at most 60 ms")
	return nil
}
