// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tail_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/logs"
	"github.com/kubectl-micro/kubectl-micro/pkg/tail"
)

var all = []tail.Target{{Namespace: "shop"}}

func short(l logs.Line) string { return l.Pod + "/" + l.Container + " " + l.Text }

// read is a run without follow, with what was told.
func read(t *testing.T, n *node, o tail.Options, targets ...tail.Target) (lines, told []string, counts tail.Counts) {
	t.Helper()
	if targets == nil {
		targets = all
	}
	o.Trouble = func(err error) { told = append(told, err.Error()) }
	x := tail.New(n.client(t), o)
	pods, err := x.Pods(t.Context(), targets)
	if err != nil {
		t.Fatal(err)
	}
	for l := range x.Read(t.Context(), pods) {
		lines = append(lines, short(l))
	}
	return lines, told, x.Counts()
}

func TestRead(t *testing.T) {
	n := newNode(t)
	web := pod("web-1", "app", "istio-proxy")
	web.Spec.InitContainers = []corev1.Container{{Name: "init"}}
	web.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "init", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}}}
	web.Spec.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debug"}}}
	web.Status.EphemeralContainerStatuses = []corev1.ContainerStatus{{Name: "debug", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
	n.put(web)
	n.put(pod("web-2", "app"))
	late := pod("web-3", "app")
	late.Status.ContainerStatuses[0].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff"}}
	n.put(late)
	n.write("shop/web-1/init", 1, "migrated")
	n.write("shop/web-1/app", 5, "five", "five again", "")
	n.write("shop/web-1/app", 9, "nine\r")
	n.write("shop/web-1/istio-proxy", 7, "seven")
	n.write("shop/web-1/debug", 8, "eight")
	n.write("shop/web-2/app", 5, "five of two")
	want := []string{
		"web-1/init migrated", "web-1/app five", "web-1/app five again", "web-1/app ", "web-2/app five of two",
		"web-1/istio-proxy seven", "web-1/debug eight", "web-1/app nine",
	}
	got, told, counts := read(t, n, tail.Options{Tail: -1})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"container shop/web-3/app has no log yet: it has not started (ImagePullBackOff)"}, told); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(tail.Counts{Containers: 5, Read: 8, Kept: 8}, counts); diff != "" {
		t.Error(diff)
	}

	got, _, counts = read(t, n, tail.Options{
		Tail: 2, Containers: regexp.MustCompile("^app$"),
		Keep: func() func(logs.Piece) bool { return func(p logs.Piece) bool { return p.Text != "" } },
	})
	if diff := cmp.Diff([]string{"web-2/app five of two", "web-1/app nine"}, got); diff != "" {
		t.Error(diff)
	}
	if counts.Read != 3 || counts.Kept != 2 {
		t.Errorf("%+v", counts)
	}
	if got, _, _ = read(t, n, tail.Options{Tail: -1}, tail.Target{Namespace: "shop", Pod: "web-2"}, tail.Target{Namespace: "shop", Selector: labels.SelectorFromSet(labels.Set{"app": "none"})}); len(got) != 1 {
		t.Errorf("one pod wrote %q", got)
	}
}

// There is no limit to the number of containers, only to how many are opened at once.
func TestReadManyContainers(t *testing.T) {
	n := newNode(t)
	for i := range 200 {
		n.put(pod(fmt.Sprintf("web-%03d", i), "app"))
		n.write(fmt.Sprintf("shop/web-%03d/app", i), 200-i, "hello")
	}
	got, told, _ := read(t, n, tail.Options{Tail: -1, Starts: 8})
	if len(got) != 200 || got[0] != "web-199/app hello" || got[199] != "web-000/app hello" || len(told) > 0 {
		t.Errorf("%d lines, first %q; told %q", len(got), got[:1], told)
	}
}

func TestReadPrevious(t *testing.T) {
	n := newNode(t)
	p := pod("web-1", "app", "other")
	p.Status.ContainerStatuses[0].RestartCount = 1
	n.put(p)
	n.write("shop/web-1/app", 1, "before")
	n.restart("shop/web-1/app")
	n.write("shop/web-1/app", 2, "after")
	if got, told, _ := read(t, n, tail.Options{Tail: -1, Previous: true}); len(got) != 1 || got[0] != "web-1/app before" || len(told) > 0 {
		t.Errorf("read %q, told %q", got, told)
	}
}

// What one container lacks, the others do not; rights that are missing are told
// once for a namespace.
func TestReadGoesOn(t *testing.T) {
	n := newNode(t)
	for _, name := range []string{"a", "b", "c", "d"} {
		n.put(pod(name, "app"))
	}
	n.write("shop/a/app", 1, "fine")
	n.forbidden["/api/v1/namespaces/shop/pods/b/log"] = true
	n.forbidden["/api/v1/namespaces/shop/pods/c/log"] = true
	got, told, counts := read(t, n, tail.Options{Tail: -1})
	slices.Sort(told)
	if len(got) != 1 || len(told) != 2 || !strings.Contains(told[0]+told[1], "not you") || !strings.Contains(told[0]+told[1], "no log of shop/d/app") {
		t.Errorf("read %q, told %q", got, told)
	}
	if counts.Containers != 4 || counts.Failed != 3 {
		t.Errorf("%+v", counts)
	}
}

func TestReadEndsEarly(t *testing.T) {
	n := newNode(t)
	n.put(pod("a", "app"))
	for i := range 1000 {
		n.write("shop/a/app", i, "x")
	}
	x := tail.New(n.client(t), tail.Options{Tail: -1})
	pods, err := x.Pods(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	for range x.Read(t.Context(), pods) {
		break // goleak sees that nothing is left
	}
}

// A line longer than what is held at once comes in pieces, and none is lost.
func TestReadLongLines(t *testing.T) {
	n := newNode(t)
	n.put(pod("a", "app"))
	long := strings.Repeat("0123456789", 250_000)
	n.write("shop/a/app", 1, long, "short")
	x := tail.New(n.client(t), tail.Options{Tail: -1})
	pods, err := x.Pods(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for l := range x.Read(t.Context(), pods) {
		if len(l.Text) > 2<<20 || !l.Time.Equal(at(1)) {
			t.Errorf("a piece of %d bytes at %s", len(l.Text), l.Time)
		}
		text.WriteString(l.Text)
	}
	if text.String() != long+"short" {
		t.Errorf("%d bytes, want %d", text.Len(), len(long)+5)
	}
}

func TestPodsThatMayNotBeListed(t *testing.T) {
	n := newNode(t)
	n.put(pod("a", "app"))
	n.forbidden["/api/v1/namespaces/dark/pods?limit=500"] = true
	dark := tail.Target{Namespace: "dark"}
	var told []error
	x := tail.New(n.client(t), tail.Options{Trouble: func(err error) { told = append(told, err) }})
	pods, err := x.Pods(t.Context(), append([]tail.Target{dark}, all...))
	if err != nil || len(pods) != 1 || len(told) != 1 || !apierrors.IsForbidden(told[0]) {
		t.Errorf("%d pods, %v, told %v", len(pods), err, told)
	}
	if _, err = x.Pods(t.Context(), []tail.Target{dark}); !apierrors.IsForbidden(err) || fault.KindOf(err) != fault.Failed {
		t.Errorf("got %v", err)
	}
}

func TestResolve(t *testing.T) {
	object := func(apiVersion, kind, name string, spec map[string]any) map[string]any {
		return map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": map[string]any{"namespace": "shop", "name": name}, "spec": spec}
	}
	matches := map[string]any{"matchLabels": map[string]any{"app": "web"}}
	s := apitest.New(t,
		object("v1", "Service", "web", map[string]any{"selector": map[string]any{"app": "web", "track": "a"}}),
		object("v1", "Service", "external", map[string]any{"type": "ExternalName"}),
		object("apps/v1", "Deployment", "web", map[string]any{"selector": matches}),
		object("apps/v1", "Deployment", "batch", map[string]any{"selector": matches}),
		object("apps/v1", "StatefulSet", "odd", map[string]any{"selector": map[string]any{}}),
		object("v1", "Pod", "web-1", map[string]any{}),
	)
	client, err := cluster.New(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	for arg, want := range map[string]string{
		"web": "service/web app=web,track=a", "svc/web": "service/web app=web,track=a", "deploy/web": "deployment/web app=web",
		"batch": "deployment/batch app=web", "web-1": "pod/web-1 web-1", "pods/web-1": "pod/web-1 web-1",
	} {
		got, err := tail.Resolve(t.Context(), client, "shop", []string{arg})
		if err != nil {
			t.Errorf("%s: %v", arg, err)
			continue
		}
		text := got[0].Name + " " + got[0].Pod
		if got[0].Selector != nil {
			text += got[0].Selector.String()
		}
		if text != want || got[0].Namespace != "shop" || tail.Describe(got) != got[0].Name {
			t.Errorf("%s: %q, want %q", arg, text, want)
		}
	}
	for arg, want := range map[string][2]string{
		"svc/wed":      {`no Service is called "wed" in namespace shop`, "did you mean service/web?"},
		"wep":          {`no Service, workload or pod is called "wep" in namespace shop`, "did you mean web?"},
		"zzzzzz":       {`no Service, workload or pod is called "zzzzzz" in namespace shop`, "kubectl get services,deployments,pods -n shop"},
		"depoy/web":    {`no kind is called "depoy"`, "did you mean deploy/web?"},
		"xyz/web":      {`no kind is called "xyz"`, "svc/web | deploy/web | pod/web"},
		"vs/web":       {"expected a kind with pods behind it, found VirtualService", "svc/web | deploy/web | pod/web"},
		"svc/":         {`expected a target such as svc/NAME or NAME, found "svc/"`, ""},
		"svc/external": {"service/external has no selector: no pods are behind it by their labels", "kubectl get service external -n shop -o yaml"},
		"sts/odd":      {"statefulset/odd has no selector: no pods are its own by their labels", "kubectl get statefulsets odd -n shop -o yaml"},
	} {
		_, err := tail.Resolve(t.Context(), client, "shop", []string{arg})
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Usage || f.Message != want[0] || f.Hint != want[1] {
			t.Errorf("%s: %#v", arg, err)
		}
	}
	s.On = func(w http.ResponseWriter, r *http.Request) bool {
		apitest.Fail(w, http.StatusForbidden, "Forbidden", "not you", nil)
		return true
	}
	if _, err := tail.Resolve(t.Context(), client, "shop", []string{"svc/web"}); !apierrors.IsForbidden(err) {
		t.Errorf("got %v", err)
	}
	if got := tail.Describe([]tail.Target{{}, {Namespace: "a"}}); got != "all namespaces, namespace a" {
		t.Errorf("got %q", got)
	}
}

// deadline bounds what a test waits for.
func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}
