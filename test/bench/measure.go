// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// timed runs a command and returns how long it took. What it prints is thrown
// away unless it fails.
func (b *bench) timed(ctx context.Context, name string, args ...string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	cmd.Env = append(os.Environ(), "KUBECONFIG="+b.kubeconfig())
	started := time.Now()
	err := cmd.Run()
	took := time.Since(started)
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return took, err
}

func (b *bench) kubeconfig() string { return filepath.Join(b.dir, "kubeconfig") }

// up starts a sandbox that is the cluster of all commands from then on, until down.
func (b *bench) up(ctx context.Context, name string, args ...string) (dir string, down func(), err error) {
	dir = filepath.Join(b.dir, name)
	args = append([]string{"up", "--dir", dir, "--kubeconfig", b.kubeconfig(), "--until-pid", fmt.Sprint(os.Getpid())}, args...)
	_, err = b.timed(ctx, b.sandbox, args...)
	return dir, func() { _, _ = b.timed(context.WithoutCancel(ctx), b.sandbox, "down", "--dir", dir) }, err
}

// pair runs two commands in turn, so that whatever else the machine does hits
// both alike, and returns their medians. Each gets the number of the run.
func (b *bench) pair(ctx context.Context, ours, theirs func(i int) []string) (our, their time.Duration, err error) {
	var a, z []time.Duration
	for i := range b.runs {
		for _, side := range []struct {
			args  []string
			times *[]time.Duration
		}{{ours(i), &a}, {theirs(i), &z}} {
			took, err := b.timed(ctx, side.args[0], side.args[1:]...)
			if err != nil {
				return 0, 0, err
			}
			*side.times = append(*side.times, took)
		}
	}
	return median(a), median(z), nil
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// start compares the time to print the client's version.
func (b *bench) start(ctx context.Context, r *report) error {
	ours, theirs, err := b.pair(ctx,
		func(int) []string { return []string{b.binary, "version", "--client"} },
		func(int) []string { return []string{"kubectl", "version", "--client"} })
	if err != nil {
		return err
	}
	r.row("start", "`kubectl-micro version --client`", ms(ours), "`kubectl version --client`", ms(theirs), ratio(ours, theirs), "below 40 ms and 1.0")
	return nil
}

// size weighs the stripped binary.
func (b *bench) size(_ context.Context, r *report) error {
	info, err := os.Stat(b.binary)
	if err != nil {
		return err
	}
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		return err
	}
	peer, err := os.Stat(kubectl)
	if err != nil {
		return err
	}
	mb := func(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
	r.row("size", "`kubectl-micro`, stripped", mb(info.Size()), "`kubectl`", mb(peer.Size()),
		fmt.Sprintf("%.2f", float64(info.Size())/float64(peer.Size())), "at most 60 MB")
	return nil
}

// filter pushes a large stream through the canary filter and through kubectl's
// own local edit of a stream, which is given a tenth of it.
func (b *bench) filter(ctx context.Context, r *report) error {
	const documents = 10_000
	large, bytes, err := b.stream("large.yaml", documents)
	if err != nil {
		return err
	}
	small, fewer, err := b.stream("small.yaml", documents/10)
	if err != nil {
		return err
	}
	speeds := map[string][]time.Duration{}
	for range 5 {
		for _, c := range []struct{ name, file string }{{"ours", large}, {"kubectl", small}} {
			args := []string{b.binary, "canary", "user-service-7", "--weight", "10", "-f", c.file, "-o", "yaml"}
			if c.name == "kubectl" {
				args = []string{"kubectl", "annotate", "--local", "-f", c.file, "-o", "yaml", "a=b"}
			}
			took, err := b.timed(ctx, args[0], args[1:]...)
			if err != nil {
				return err
			}
			speeds[c.name] = append(speeds[c.name], took)
		}
	}
	ours := float64(bytes) / 1e6 / median(speeds["ours"]).Seconds()
	theirs := float64(fewer) / 1e6 / median(speeds["kubectl"]).Seconds()
	r.row("filter", fmt.Sprintf("`canary SVC --weight 10 -f -o yaml`, %d documents, %.1f MB", documents, float64(bytes)/1e6),
		fmt.Sprintf("%.1f MB/s", ours), fmt.Sprintf("`kubectl annotate --local`, %d documents", documents/10),
		fmt.Sprintf("%.1f MB/s", theirs), fmt.Sprintf("%.1f", ours/theirs), "at least 20 MB/s")
	return nil
}

// stream writes the shop over and over under other names until there are n documents.
func (b *bench) stream(name string, n int) (file string, size int, err error) {
	shop, err := documents(b.shop)
	if err != nil {
		return "", 0, err
	}
	var out strings.Builder
	for i := range n {
		if i > 0 {
			out.WriteString("---\n")
		}
		turn := fmt.Sprint(i / len(shop))
		out.WriteString(strings.NewReplacer(
			"user-service", "user-service-"+turn, "namespace: shop", "namespace: shop"+turn,
			".shop.svc", ".shop"+turn+".svc", "name: shop\n", "name: shop"+turn+"\n",
		).Replace(shop[i%len(shop)]))
	}
	file = filepath.Join(b.dir, name)
	return file, out.Len(), os.WriteFile(file, []byte(out.String()), 0o600)
}

// documents splits the YAML files of a directory.
func documents(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		for d := range strings.SplitSeq("\n"+string(data), "\n---\n") {
			if strings.Contains(d, "kind:") {
				out = append(out, strings.TrimPrefix(d, "\n")+"\n")
			}
		}
	}
	return out, nil
}

// shift compares a one-shot canary on a live control plane with the bare write
// it ends in, and counts requests in the API server's audit log.
func (b *bench) shift(ctx context.Context, r *report) error {
	dir, down, err := b.up(ctx, "sandbox")
	if err != nil {
		return err
	}
	defer down()
	for _, args := range [][]string{
		{"apply", "-k", b.shop},
		{"wait", "-n", "shop", "--for=condition=Available", "--timeout=90s", "deploy/user-service-v1", "deploy/user-service-v2"},
	} {
		if _, err := b.timed(ctx, "kubectl", args...); err != nil {
			return err
		}
	}
	ours, theirs, err := b.pair(ctx,
		func(i int) []string {
			return []string{b.binary, "canary", "user-service", "-n", "shop", "--weight", fmt.Sprint(10 + i%20)}
		},
		func(i int) []string {
			patch := fmt.Sprintf(`[{"op":"replace","path":"/spec/http/0/timeout","value":"%ds"}]`, 6+i%20)
			return []string{"kubectl", "patch", "vs", "user-service", "-n", "shop", "--type=json", "-p", patch}
		})
	if err != nil {
		return err
	}
	r.row("shift", "`canary user-service --weight N`", ms(ours), "`kubectl patch` of the same object", ms(theirs), ratio(ours, theirs), "at most 1.3")
	requests, err := count(filepath.Join(dir, "audit.log"), "kubectl-micro/", b.runs)
	if err != nil {
		return err
	}
	bare, err := count(filepath.Join(dir, "audit.log"), "kubectl/", b.runs)
	if err != nil {
		return err
	}
	r.row("requests", "`canary user-service --weight N`", fmt.Sprintf("%.1f", requests), "`kubectl patch`, discovery cached", fmt.Sprintf("%.1f", bare),
		fmt.Sprintf("%.1f", requests/bare), "at most 8 requests")
	return nil
}

// count returns the requests a program made, by its user agent, for each of its
// runs. Requests of the set-up before the runs count for kubectl too, so only
// those on VirtualServices and of discovery are counted there.
func count(auditLog, agent string, runs int) (float64, error) {
	file, err := os.Open(auditLog)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	total := 0
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event struct {
			UserAgent  string `json:"userAgent"`
			RequestURI string `json:"requestURI"`
			Verb       string `json:"verb"`
		}
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			continue // the last line may still be being written
		}
		mine := strings.HasPrefix(event.UserAgent, agent)
		if agent == "kubectl/" {
			mine = mine && strings.Contains(event.RequestURI, "virtualservices/user-service") && event.Verb != "create"
		}
		if mine {
			total++
		}
	}
	return float64(total) / float64(runs), lines.Err()
}

func ms(d time.Duration) string { return fmt.Sprintf("%.0f ms", float64(d)/1e6) }

func ratio(a, b time.Duration) string { return fmt.Sprintf("%.2f", float64(a)/float64(b)) }
