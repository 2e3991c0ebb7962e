// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// told is an event of a watch as the server writes it.
func told(kind, name string, version int) string {
	return fmt.Sprintf(`{"type":%q,"object":{"kind":"Pod","apiVersion":"v1","metadata":{"namespace":"shop","name":%q,"resourceVersion":"%d","managedFields":[{"manager":"x"}]}}}`, kind, name, version)
}

const expired = `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410,"message":"too old"}}`

// watches answers each watch with the next of some answers, and notes what it was
// asked; the last one stays open.
type watches struct {
	mu      sync.Mutex
	answers []string
	asked   []url.Values
}

func (x *watches) serve(w http.ResponseWriter, r *http.Request) bool {
	x.mu.Lock()
	answer := x.answers[min(len(x.asked), len(x.answers)-1)]
	last := len(x.asked) >= len(x.answers)-1
	x.asked = append(x.asked, r.URL.Query())
	x.mu.Unlock()
	reasons := map[string]string{"401": "Unauthorized", "403": "Forbidden", "503": "ServiceUnavailable"}
	if reason, fails := reasons[answer[:3]]; fails {
		code, _ := strconv.Atoi(answer[:3])
		apitest.Fail(w, code, reason, "no", nil)
		return true
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, answer)
	w.(http.Flusher).Flush()
	if last {
		<-r.Context().Done()
	}
	return true
}

// A watch goes on where the one before ended: from the version that was told last,
// and from the beginning where that is forgotten.
func TestFollow(t *testing.T) {
	x := &watches{answers: []string{
		told("ADDED", "b", 9) + told("ADDED", "a", 3),
		told("ADDED", "b", 9) + told("ADDED", "a", 3) + told("MODIFIED", "a", 12) + told("BOOKMARK", "", 15),
		expired,
		"503",
		told("ADDED", "a", 20) + told("DELETED", "a", 21),
	}}
	s := apitest.New(t)
	s.On = x.serve
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var got, troubles []string
	err := connect(t, s).Follow(ctx, model.Pods.Kind, cluster.ListOptions{Namespace: "shop"},
		func(err error) { troubles = append(troubles, err.Error()) },
		func(c cluster.Change) error {
			got = append(got, fmt.Sprintf("%s %t", c.Object.Ref, c.Gone))
			if p, ok := model.Pods.Of(c.Object); !ok || len(p.Value.ManagedFields) > 0 {
				t.Errorf("%s is no pod without managed fields", c.Object.Ref)
			}
			if c.Gone {
				cancel()
			}
			return nil
		})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	a, b := "Pod shop/a ", "Pod shop/b "
	if diff := cmp.Diff([]string{b + "false", a + "false", b + "false", a + "false", a + "false", a + "false", a + "true"}, got); diff != "" {
		t.Error(diff)
	}
	var versions []string
	for _, q := range x.asked {
		versions = append(versions, q.Get("watch")+q.Get("allowWatchBookmarks")+" "+q.Get("resourceVersion"))
	}
	if diff := cmp.Diff([]string{"truetrue ", "truetrue ", "truetrue 15", "truetrue ", "truetrue "}, versions); diff != "" {
		t.Error(diff)
	}
	if len(troubles) != 1 || !strings.HasPrefix(troubles[0], "cannot watch pods in namespace shop") {
		t.Errorf("troubles %q", troubles)
	}
}

func TestFollowEnds(t *testing.T) {
	x := &watches{answers: []string{"403"}}
	s := apitest.New(t)
	s.On = x.serve
	each := func(cluster.Change) error { return nil }
	err := connect(t, s).Follow(t.Context(), model.Pods.Kind, cluster.ListOptions{Namespace: "shop"}, nil, each)
	var f *fault.Error
	if !errors.As(err, &f) || !apierrors.IsForbidden(err) || f.Hint != "kubectl auth can-i watch pods -n shop" {
		t.Errorf("got %#v", err)
	}
	// Credentials that are over in the middle of it end it, too.
	const over = `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Unauthorized","code":401,"message":"no"}}`
	for _, answer := range []string{"401", over} {
		x = &watches{answers: []string{told("MODIFIED", "a", 1), answer, "503"}}
		s = apitest.New(t)
		s.On = x.serve
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		err := connect(t, s).Follow(ctx, model.Pods.Kind, cluster.ListOptions{Namespace: "shop"}, nil, each)
		if cancel(); !apierrors.IsUnauthorized(err) || len(x.asked) != 2 {
			t.Errorf("%s: asked %d times, got %v", answer, len(x.asked), err)
		}
	}
	x = &watches{answers: []string{told("ADDED", "a", 1)}}
	s = apitest.New(t)
	s.On = x.serve
	enough := errors.New("enough")
	if err := connect(t, s).Follow(t.Context(), model.Pods.Kind, cluster.ListOptions{}, nil, func(cluster.Change) error { return enough }); err != enough {
		t.Errorf("got %v", err)
	}
	s = apitest.New(t)
	s.Versions = map[string][]string{"": {}}
	if err := connect(t, s).Follow(t.Context(), model.Pods.Kind, cluster.ListOptions{}, nil, each); !errors.Is(err, cluster.ErrNotServed) {
		t.Errorf("got %v", err)
	}
}

// The server of tests tells what there is, as a real one does.
func TestFollowTheServerOfTests(t *testing.T) {
	s := apitest.New(t, virtualService(90, 10))
	var later map[string]any
	text, _ := json.Marshal(virtualService(50, 50))
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(text), `"name":"reviews"`, `"name":"ratings"`)), &later); err != nil {
		t.Fatal(err)
	}
	s.Later(later)
	enough := errors.New("enough")
	var got []string
	err := connect(t, s).Follow(t.Context(), model.VirtualServices.Kind, cluster.ListOptions{Namespace: "shop"}, nil, func(c cluster.Change) error {
		got = append(got, c.Object.Ref.String())
		if len(got) == 2 {
			return enough
		}
		return nil
	})
	if err != enough || strings.Join(got, ", ") != "VirtualService shop/ratings, VirtualService shop/reviews" {
		t.Errorf("%v, %q", err, got)
	}
}

func TestPauseEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := cluster.Pause(ctx, 100); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := cluster.Pause(t.Context(), 0); err != nil {
		t.Errorf("got %v", err)
	}
}
