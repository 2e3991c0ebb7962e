// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

const (
	// SidecarPort is where the agent in a sidecar answers for its proxy and for the
	// application, to connections from within the pod.
	SidecarPort = 15020
	// SidecarPath asks for what has counted anything, and only for metrics of
	// requests, TCP connections and its own life: Envoy has thousands of others.
	SidecarPath = "/stats/prometheus?usedonly&filter=istio_(request|tcp)|server.uptime"
	// atOnce is how many proxies are asked at the same time, patience how long one
	// of them may take.
	atOnce, patience = 16, 10 * time.Second
)

// Sidecars is a source of golden signals from the proxies themselves: what they
// counted between two scrapes.
type Sidecars struct {
	// Pods returns those to ask. It is called for each answer: between two of them
	// pods go and others come.
	Pods func(ctx context.Context) ([]ref.Ref, error)
	// Get returns the exposition of a pod's proxy.
	Get func(ctx context.Context, pod ref.Ref) (io.ReadCloser, error)
	// Apart is the time between the two scrapes.
	Apart time.Duration
	// Patience is how long one proxy may take to answer; zero is 10 seconds.
	Patience time.Duration
	Now      func() time.Time
}

// Signals implements [signals.Source]. Pods that do not answer are warnings, all of
// them not answering is an error. The window is the time between the scrapes,
// whatever the query says.
func (s *Sidecars) Signals(ctx context.Context, q signals.Query) (signals.Answer, error) {
	pods, err := s.Pods(ctx)
	if err != nil {
		return signals.Answer{}, err
	}
	before, failed, err := s.scrape(ctx, pods, q)
	if err != nil {
		return signals.Answer{}, err
	}
	pause := time.NewTimer(s.Apart)
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return signals.Answer{}, context.Cause(ctx)
	case <-pause.C:
	}
	var alive []ref.Ref
	for _, pod := range pods {
		if _, ok := before[pod]; ok {
			alive = append(alive, pod)
		}
	}
	after, gone, err := s.scrape(ctx, alive, q)
	if err != nil {
		return signals.Answer{}, err
	}
	answer := signals.Answer{At: s.Now(), Window: s.Apart, Warnings: append(failed, gone...)}
	for _, pod := range alive {
		if _, ok := after[pod]; !ok {
			continue
		}
		rates, err := signals.Delta(before[pod], after[pod], q)
		if err != nil {
			return signals.Answer{}, err
		}
		answer.Vector = append(answer.Vector, rates...)
	}
	return answer, nil
}

// scrape asks pods, and returns what those said that answered.
func (s *Sidecars) scrape(ctx context.Context, pods []ref.Ref, q signals.Query) (map[ref.Ref]signals.Scrape, []string, error) {
	metrics := append(q.Metrics(), signals.Lives()...)
	var mu sync.Mutex
	found := map[ref.Ref]signals.Scrape{}
	failed := map[ref.Ref]error{}
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, pod := range pods {
		group.Go(func() error {
			one, err := s.one(ctx, pod, metrics)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed[pod] = err
			} else {
				found[pod] = one
			}
			return nil
		})
	}
	_ = group.Wait() // no error leaves a goroutine
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	var warnings []string
	var errs []error
	for _, pod := range pods { // in their order
		if err := failed[pod]; err != nil {
			errs = append(errs, err)
			warnings = append(warnings, fmt.Sprintf("pod %s/%s does not count: %s", pod.Namespace, pod.Name, err))
		}
	}
	if len(found) == 0 && len(errs) > 0 {
		return nil, nil, fault.Failedf("expected metrics on port %d of %d proxies, none answered", SidecarPort, len(pods)).
			Because(errs[0]).
			Try("kubectl auth can-i create pods --subresource=portforward -n %s", pods[0].Namespace)
	}
	return found, warnings, nil
}

// one reads the counters of one proxy, with its pod among their labels.
func (s *Sidecars) one(ctx context.Context, pod ref.Ref, metrics []string) (signals.Scrape, error) {
	// One that hangs must not keep the others from being subtracted in time.
	limit := cmp.Or(s.Patience, patience)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fault.Failedf("no answer within %s", limit))
	defer cancel()
	body, err := s.Get(ctx, pod)
	if err != nil {
		return signals.Scrape{}, overdue(ctx, err)
	}
	defer body.Close()
	scrape := signals.Scrape{Instance: pod.Namespace + "/" + pod.Name, At: s.Now()}
	format := Format{Name: "metrics of pod " + scrape.Instance, Wanted: func(name string) bool { return slices.Contains(metrics, name) }}
	err = format.Read(body, func(p Point) error {
		p.Labels = append(p.Labels, signals.Label{Name: "pod", Value: pod.Name}, signals.Label{Name: "namespace", Value: pod.Namespace})
		scrape.Samples = append(scrape.Samples, p.Sample)
		return nil
	})
	return scrape, overdue(ctx, err)
}

// overdue returns why the context ended rather than that it did.
func overdue(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
