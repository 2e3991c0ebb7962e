// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

func TestLogStream(t *testing.T) {
	s := apitest.New(t)
	const log = "2026-03-01T12:00:00.5Z a\n2026-03-01T12:00:01.5Z b\n"
	s.SetLog("shop/web/app", log)
	s.SetLog("shop/web/app?previous", "2026-03-01T11:00:00Z old\n")
	client := connect(t, s)
	for _, c := range []struct {
		o           cluster.LogOptions
		want, query string
	}{
		{cluster.LogOptions{Container: "app", Tail: -1}, log, "container=app&timestamps=true"},
		{cluster.LogOptions{Container: "app", Tail: 1, Follow: true}, "2026-03-01T12:00:01.5Z b", "container=app&follow=true&tailLines=1&timestamps=true"},
		{cluster.LogOptions{Container: "app", Tail: -1, Previous: true}, "2026-03-01T11:00:00Z old\n", "container=app&previous=true&timestamps=true"},
		{cluster.LogOptions{Container: "app", Tail: -1, Since: time.Date(2026, 3, 1, 13, 0, 1, 9e8, time.FixedZone("", 3600))}, "2026-03-01T12:00:01.5Z b\n",
			"container=app&sinceTime=2026-03-01T12%3A00%3A01Z&timestamps=true"},
	} {
		body, err := client.LogStream(t.Context(), "shop", "web", c.o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		body.Close()
		if diff := cmp.Diff(c.want, string(got)); diff != "" {
			t.Error(diff)
		}
		asked := s.Requests()
		if diff := cmp.Diff("GET /api/v1/namespaces/shop/pods/web/log?"+c.query, asked[len(asked)-1]); diff != "" {
			t.Error(diff)
		}
	}
}

func TestLogStreamThatCannotBeOpened(t *testing.T) {
	s := apitest.New(t)
	if _, err := connect(t, s).LogStream(t.Context(), "shop", "../x", cluster.LogOptions{}); fault.KindOf(err) != fault.Usage {
		t.Errorf("got %v", err)
	}
	s.On = func(w http.ResponseWriter, _ *http.Request) bool {
		apitest.Fail(w, http.StatusForbidden, "Forbidden", "not you", nil)
		return true
	}
	_, err := connect(t, s).LogStream(t.Context(), "shop", "web", cluster.LogOptions{Container: "app"})
	var f *fault.Error
	if !errors.As(err, &f) || !apierrors.IsForbidden(err) || f.Where != "container app" || f.Hint != "kubectl auth can-i get pods --subresource=log -n shop" {
		t.Errorf("got %#v", err)
	}
}
