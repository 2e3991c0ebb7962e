// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

func TestGet(t *testing.T) {
	s := apitest.New(t, virtualService(90, 10))
	s.Versions = map[string][]string{"networking.istio.io": {"v1beta1"}}
	c := connect(t, s)
	unversioned := reviews
	unversioned.Version = ""
	got, err := c.Get(t.Context(), unversioned)
	if err != nil || got["apiVersion"] != "networking.istio.io/v1beta1" || weights(t, got) != [2]any{int64(90), int64(10)} {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err = c.Get(t.Context(), reviews); !errors.Is(err, cluster.ErrNotServed) || apierrors.IsNotFound(err) {
		t.Errorf("a version that is not served: got %v", err)
	}
	unversioned.Name = "none"
	if _, err = c.Get(t.Context(), unversioned); !apierrors.IsNotFound(err) || fault.KindOf(err) != fault.Usage || errors.Is(err, cluster.ErrNotServed) {
		t.Errorf("an object that does not exist: got %v", err)
	}
}

func TestGetOfWhatNoRequestCanName(t *testing.T) {
	s := apitest.New(t)
	c := connect(t, s)
	for name, object := range map[string]ref.Ref{
		"a path":       {Version: "v1", Kind: "Pod", Namespace: "shop", Name: "../secrets/key"},
		"a namespace":  {Version: "v1", Kind: "Pod", Namespace: "a/b", Name: "p"},
		"a dot":        {Version: "v1", Kind: "Pod", Namespace: "shop", Name: ".."},
		"no name":      {Version: "v1", Kind: "Pod", Namespace: "shop"},
		"no namespace": {Version: "v1", Kind: "Pod", Name: "p"},
	} {
		if _, err := c.Get(t.Context(), object); fault.KindOf(err) != fault.Usage {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if len(s.Requests()) != 0 {
		t.Errorf("asked the server: %v", s.Requests())
	}
}

func TestGetOfAKindOutsideTheModel(t *testing.T) {
	s := apitest.New(t)
	s.On = func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/apis/example.com/v1":
			_ = json.NewEncoder(w).Encode(map[string]any{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "example.com/v1", "resources": []any{
				map[string]any{"name": "mice/status", "kind": "Mouse", "namespaced": false},
				map[string]any{"name": "mice", "kind": "Mouse", "namespaced": false},
			}})
		case "/apis/example.com/v1/mice/jerry":
			_ = json.NewEncoder(w).Encode(map[string]any{"kind": "Mouse"})
		default:
			return false
		}
		return true
	}
	c := connect(t, s)
	for range 2 {
		got, err := c.Get(t.Context(), ref.Ref{Group: "example.com", Version: "v1", Kind: "Mouse", Namespace: "ignored", Name: "jerry"})
		if err != nil || got["kind"] != "Mouse" {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	want := []string{"GET /apis/example.com/v1", "GET /apis/example.com/v1/mice/jerry", "GET /apis/example.com/v1/mice/jerry"}
	if d := cmp.Diff(want, s.Requests()); d != "" {
		t.Error(d)
	}
	for _, object := range []ref.Ref{
		{Group: "example.com", Version: "v1", Kind: "Cat", Name: "tom"},
		{Group: "example.org", Version: "v1", Kind: "Cat", Name: "tom"},
	} {
		if _, err := c.Get(t.Context(), object); !errors.Is(err, cluster.ErrNotServed) {
			t.Errorf("%v: got %v", object, err)
		}
	}
}

func TestServerThatDoesNotAnswer(t *testing.T) {
	s := apitest.New(t)
	s.On = func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }
	config := s.Config()
	config.Timeout = time.Nanosecond
	c, err := cluster.New(config)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Get(t.Context(), reviews)
	var typed *fault.Error
	if !errors.As(err, &typed) || typed.Kind != fault.Timeout || !strings.Contains(typed.Hint, "--request-timeout") {
		t.Errorf("got %#v", err)
	}
}

func TestBadConfiguration(t *testing.T) {
	_, err := cluster.New(&rest.Config{Host: "https://127.0.0.1", TLSClientConfig: rest.TLSClientConfig{CAFile: "/no/such/file"}})
	if fault.KindOf(err) != fault.Failed || !strings.Contains(err.Error(), "the connection to the cluster is not configured right") {
		t.Errorf("got %v", err)
	}
}
