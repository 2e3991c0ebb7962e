// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

func TestRequestsAreCounted(t *testing.T) {
	s := apitest.New(t)
	body := []byte(`{"kind":"PodList","apiVersion":"v1","items":[]}`)
	s.On = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
		return true
	}
	c := connect(t, s)
	if count, bytes := c.Requests(); count != 0 || bytes != 0 {
		t.Errorf("%d requests and %d bytes before the first", count, bytes)
	}
	const lists = 20
	var all sync.WaitGroup
	for range lists {
		all.Go(func() {
			if _, err := c.List(t.Context(), model.Pods.Kind, cluster.ListOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if count, bytes := c.Requests(); count != lists || bytes != int64(lists*len(body)) {
		t.Errorf("%d requests and %d bytes, want %d and %d", count, bytes, lists, lists*len(body))
	}
}

// Wrappers of the caller keep working beside the counter.
func TestRequestsWithWrappersOfTheCaller(t *testing.T) {
	s := apitest.New(t, pod(1))
	config := s.Config()
	seen := 0
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) { seen++; return next.RoundTrip(r) })
	})
	c, err := cluster.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.List(t.Context(), model.Pods.Kind, cluster.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	if count, bytes := c.Requests(); count != 1 || seen != 1 || bytes == 0 {
		t.Errorf("counted %d, the wrapper saw %d; %d bytes", count, seen, bytes)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
