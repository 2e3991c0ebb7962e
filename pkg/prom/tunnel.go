// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// tunnel sends requests to a pod behind a Service through a port-forward. It stays
// with one pod, whose numbers need not be those of another replica, until that
// fails: then it looks for a ready one again.
type tunnel struct {
	*http.Transport
	cluster *Cluster
	service Service

	mu sync.Mutex
	// to is the pod; without a name it is to be found first.
	to pod
}

// RoundTrip implements [http.RoundTripper]. A pod that gave no answer is not kept,
// and neither are the connections to it; that somebody asks no more says nothing of it.
func (t *tunnel) RoundTrip(req *http.Request) (*http.Response, error) {
	before := t.current()
	resp, err := t.Transport.RoundTrip(req)
	if err != nil && !errors.Is(req.Context().Err(), context.Canceled) {
		t.forget(before)
		t.CloseIdleConnections()
	}
	return resp, err
}

// dial connects to the pod, and to another one if it cannot be reached any more.
func (t *tunnel) dial(ctx context.Context) (net.Conn, error) {
	to, err := t.find(ctx)
	if err != nil {
		return nil, err
	}
	c, err := t.cluster.Dial(ctx, t.service.Namespace, to.name, to.port)
	if err == nil || ctx.Err() != nil {
		return c, err
	}
	t.forget(to)
	other, unfound := t.find(ctx)
	if unfound != nil || other == to {
		return nil, err // which is nearer to the cause
	}
	return t.cluster.Dial(ctx, t.service.Namespace, other.name, other.port)
}

// find returns the pod; where none is chosen it chooses the first of the ready ones.
func (t *tunnel) find(ctx context.Context) (pod, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.to.name != "" {
		return t.to, nil
	}
	behind, err := t.cluster.endpoints(ctx, t.service)
	if err != nil {
		return pod{}, err
	}
	for _, p := range behind {
		if p.name != "" { // what is no pod has no port-forward
			t.to = p
			return p, nil
		}
	}
	return pod{}, fault.Failedf("expected a ready pod behind Service %s, found none", t.service.object()).
		Try("kubectl get pods,endpointslices -n %s", t.service.Namespace)
}

func (t *tunnel) current() pod {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.to
}

// forget lets the next connection look for a pod again, unless one was found since.
func (t *tunnel) forget(old pod) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.to == old {
		t.to = pod{}
	}
}
