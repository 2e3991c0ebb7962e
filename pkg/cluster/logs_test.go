// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

func TestLogs(t *testing.T) {
	s := apitest.New(t)
	s.Logs = map[string]string{
		"shop/web/app":          "one\ntwo\nthree\n",
		"shop/web/app?previous": "panic: é\n",
		"shop/web/":             "alone\n",
	}
	c := connect(t, s)
	for name, x := range map[string]struct {
		container   string
		previous    bool
		tail, limit int64
		want        string
	}{
		"all":              {"app", false, -1, 0, "one\ntwo\nthree\n"},
		"the end":          {"app", false, 2, 0, "two\nthree"},
		"no lines":         {"app", false, 0, 0, ""},
		"some bytes":       {"app", false, -1, 5, "one\nt"},
		"the run before":   {"app", true, -1, 0, "panic: é\n"},
		"half a character": {"app", true, -1, 8, "panic: \uFFFD"},
		"the only one":     {"", false, -1, 0, "alone\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.Logs(t.Context(), "shop", "web", x.container, x.previous, x.tail, x.limit)
			if err != nil || got != x.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	last := s.Requests()
	if _, err := c.Logs(t.Context(), "shop", "web", "app", true, 20, 4096); err != nil {
		t.Fatal(err)
	}
	want := []string{"GET /api/v1/namespaces/shop/pods/web/log?container=app&limitBytes=4096&previous=true&tailLines=20"}
	if d := cmp.Diff(want, s.Requests()[len(last):]); d != "" {
		t.Error(d)
	}
}

// A proxy or an old server may not know limitBytes.
func TestLogsAreLimitedOnThisSideToo(t *testing.T) {
	s := apitest.New(t)
	s.On = func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = w.Write([]byte(strings.Repeat("x", 3<<20)))
		return true
	}
	for limit, want := range map[int64]int{10: 10, 0: cluster.DefaultLogBytes, -1: cluster.DefaultLogBytes} {
		got, err := connect(t, s).Logs(t.Context(), "shop", "web", "app", false, -1, limit)
		if err != nil || len(got) != want {
			t.Errorf("limit %d: got %d bytes, %v", limit, len(got), err)
		}
	}
}

func TestLogsThatCannotBeRead(t *testing.T) {
	s := apitest.New(t)
	_, err := connect(t, s).Logs(t.Context(), "shop", "web", "app", true, 5, 0)
	if !apierrors.IsBadRequest(err) || fault.KindOf(err) != fault.Failed || err.Error() != "cannot read the log of Pod shop/web: no log of shop/web/app?previous" {
		t.Errorf("got %v", err)
	}
	s = apitest.New(t)
	s.On = func(w http.ResponseWriter, _ *http.Request) bool {
		apitest.Fail(w, http.StatusForbidden, "Forbidden", "not you", nil)
		return true
	}
	_, err = connect(t, s).Logs(t.Context(), "shop", "web", "app", false, 5, 0)
	var f *fault.Error
	if !errors.As(err, &f) || !apierrors.IsForbidden(err) || f.Hint != "kubectl auth can-i get pods --subresource=log -n shop" {
		t.Errorf("got %#v", err)
	}
	if _, err = connect(t, s).Logs(t.Context(), "shop", "../nodes", "app", false, 5, 0); fault.KindOf(err) != fault.Usage {
		t.Errorf("got %v", err)
	}
}
