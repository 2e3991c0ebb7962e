// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rules_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

func TestFew(t *testing.T) {
	for _, c := range []struct {
		list []string
		most int
		want string
	}{
		{nil, 3, ""}, {[]string{"a"}, 3, "a"}, {[]string{"a", "b", "c"}, 3, "a, b, c"},
		{[]string{"a", "b", "c", "d"}, 3, "a, b, c and 1 more"}, {[]string{"a", "b", "c", "d", "e"}, 2, "a, b and 3 more"},
	} {
		if got := rules.Few(c.list, c.most); got != c.want {
			t.Errorf("%v: found %q, expected %q", c.list, got, c.want)
		}
	}
	pod := ref.Of("v1", "Pod", "shop", "a")
	if got, want := rules.FewOf([]ref.Ref{pod, pod, pod, pod}), "Pod shop/a, Pod shop/a, Pod shop/a and 1 more"; got != want {
		t.Errorf("found %q, expected %q", got, want)
	}
}

func TestDidYouMean(t *testing.T) {
	for name, want := range map[string]string{"revews": "did you mean reviews?", "ledger": ""} {
		if got := rules.DidYouMean(name, []string{"ratings", "reviews"}); got != want {
			t.Errorf("%s: found %q, expected %q", name, got, want)
		}
	}
}

func TestSeen(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	e := &corev1.Event{Reason: "Failed", Message: "no\n  such \tfile", LastTimestamp: metav1.NewTime(at)}
	want := finding.Evidence{Kind: "event", Of: "Pod shop/a", Value: "Failed: no such file", Time: at}
	if diff := cmp.Diff(want, rules.Seen(ref.Of("v1", "Pod", "shop", "a"), e)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	long := rules.OneLine(strings.Repeat("ä", 200)) // 400 bytes, cut at an odd one below
	if !utf8.ValidString(long) || len(long) > 303 || !strings.HasSuffix(long, "ä…") {
		t.Errorf("found %d bytes: %q", len(long), long)
	}
	if odd := rules.OneLine("x" + strings.Repeat("ä", 200)); !utf8.ValidString(odd) || !strings.HasSuffix(odd, "ä…") {
		t.Errorf("cut in the middle of a letter: %q", odd)
	}
}

func TestResultOfAText(t *testing.T) {
	on := modeltest.Objects(t, "f.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec: {externalName: cart, ports: [{port: 80}]}\n")[0]
	for pointer, want := range map[string]string{"/spec/externalName": "cart", "/spec/ports/0/port": "", "/spec/none": ""} {
		r := rules.Result{Finding: &finding.Finding{Pointer: pointer}, On: on}
		if text, ok := r.Text(); text != want || ok != (want != "") {
			t.Errorf("%s: found %q, %t, expected %q", pointer, text, ok, want)
		}
	}
	r := rules.Result{Finding: &finding.Finding{Pointer: "/spec/externalName"}, On: on}
	want := rules.Change(rules.Safe, "write x", on, patch.Op{Op: patch.Replace, Path: "/spec/externalName", Value: "x"})
	got := r.Replace(rules.Safe, "write x", "x")
	if got.Title != want.Title || got.Risk != want.Risk || len(got.Edits) != 1 || got.Edits[0].On != on {
		t.Errorf("found %+v, expected %+v", got, want)
	}
	if diff := cmp.Diff(want.Edits[0].Ops, got.Edits[0].Ops); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"app": "cart"}, rules.Decoded(map[string]string{"app": "cart"})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
