// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

const deploymentDiff = `--- LIVE/apps.v1.Deployment.shop.web
+++ MERGED/apps.v1.Deployment.shop.web
@@ -4,4 +4,4 @@
   name: web
   namespace: shop
 spec:
-  replicas: 2
+  replicas: 3
`

func TestDiffSink(t *testing.T) {
	created := plan.Change{Object: ref.Of("v1", "Service", "", "web"), Verb: plan.Apply, After: object(t, `{kind: Service, metadata: {name: web}}`)}
	deleted := plan.Change{Object: created.Object, Verb: plan.Delete, Before: created.After}
	for _, tc := range []struct {
		name    string
		changes []plan.Change
		want    string
	}{
		{"nothing", nil, ""},
		{"no difference", []plan.Change{change(t, "web", 2)}, ""},
		{"a change", []plan.Change{change(t, "same", 2), change(t, "web", 3)}, deploymentDiff},
		{"a new object", []plan.Change{created}, "--- LIVE/v1.Service..web\n+++ MERGED/v1.Service..web\n@@ -0,0 +1,3 @@\n+kind: Service\n+metadata:\n+  name: web\n"},
		{"a deleted object", []plan.Change{deleted}, "--- LIVE/v1.Service..web\n+++ MERGED/v1.Service..web\n@@ -1,3 +0,0 @@\n-kind: Service\n-metadata:\n-  name: web\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var b bytes.Buffer
			outcomes, err := render.DiffSink{Out: &b}.Do(t.Context(), plan.Plan{Changes: tc.changes})
			if diff := cmp.Diff(tc.want, b.String()); diff != "" {
				t.Error(diff)
			}
			if (err != nil) != (tc.want != "") || err != nil && fault.KindOf(err) != fault.Negative {
				t.Errorf("error %v of kind %d", err, fault.KindOf(err))
			}
			if len(outcomes) != len(tc.changes) {
				t.Errorf("%d outcomes for %d changes", len(outcomes), len(tc.changes))
			}
			for i, o := range outcomes {
				if o.Written || o.Object != tc.changes[i].Object {
					t.Errorf("outcome %d is %+v", i, o)
				}
			}
		})
	}
}

func TestDiffSinkColours(t *testing.T) {
	var b bytes.Buffer
	sink := render.DiffSink{Out: &b, Palette: render.Colors(render.ColorAlways, nil)}
	if _, err := sink.Do(t.Context(), plan.Plan{Changes: []plan.Change{change(t, "web", 3)}}); fault.KindOf(err) != fault.Negative {
		t.Fatal(err)
	}
	want := "\x1b[1m--- LIVE/apps.v1.Deployment.shop.web\x1b[0m\n\x1b[1m+++ MERGED/apps.v1.Deployment.shop.web\x1b[0m\n" +
		"\x1b[36m@@ -4,4 +4,4 @@\x1b[0m\n   name: web\n   namespace: shop\n spec:\n\x1b[31m-  replicas: 2\x1b[0m\n\x1b[32m+  replicas: 3\x1b[0m\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestDiffMasksSecrets(t *testing.T) {
	before := object(t, `
apiVersion: v1
kind: Secret
metadata:
  name: db
  annotations:
    note: visible
    kubectl.kubernetes.io/last-applied-configuration: '{"data":{"password":"aHVudGVyMg=="}}'
data: {password: aHVudGVyMg==, same: c2FtZQ==, gone: Z29uZQ==}`)
	after := object(t, `
apiVersion: v1
kind: Secret
metadata:
  name: db
  annotations:
    note: still visible
    kubectl.kubernetes.io/last-applied-configuration: '{"data":{"password":"c2VjcmV0"}}'
data: {password: c2VjcmV0, same: c2FtZQ==, new: bmV3}
stringData: {token: plain}`)
	c := plan.Change{Object: ref.Of("v1", "Secret", "shop", "db"), Verb: plan.Apply, Before: before, After: after}
	var b bytes.Buffer
	if _, err := (render.DiffSink{Out: &b}).Do(t.Context(), plan.Plan{Changes: []plan.Change{c}}); fault.KindOf(err) != fault.Negative {
		t.Fatal(err)
	}
	for _, secret := range []string{"aHVudGVyMg", "c2FtZQ", "Z29uZQ", "c2VjcmV0", "bmV3", "plain"} {
		if strings.Contains(b.String(), secret) {
			t.Errorf("the diff shows %q", secret)
		}
	}
	for _, line := range []string{
		"-  gone: '***'", "+  new: '***'", "-  password: '*** (before)'", "+  password: '*** (after)'", "   same: '***'",
		"+  token: '***'", "-    note: visible", "+    note: still visible",
		"-    kubectl.kubernetes.io/last-applied-configuration: '*** (before)'",
	} {
		if !strings.Contains(b.String(), line+"\n") {
			t.Errorf("the diff lacks %q:\n%s", line, &b)
		}
	}
	if before["data"].(map[string]any)["gone"] != "Z29uZQ==" {
		t.Error("masking changed the object")
	}
}

func TestDiffDropsManagedFields(t *testing.T) {
	before, after := deployment(t), deployment(t)
	after["metadata"].(map[string]any)["managedFields"] = []any{"other"}
	c := plan.Change{Object: ref.Of("apps/v1", "Deployment", "shop", "web"), Verb: plan.Apply, Before: before, After: after}
	var b bytes.Buffer
	if _, err := (render.DiffSink{Out: &b}).Do(t.Context(), plan.Plan{Changes: []plan.Change{c}}); err != nil || b.Len() > 0 {
		t.Errorf("error %v, printed\n%s", err, &b)
	}
}

// runner records how the external program is run and what it would see.
type runner struct {
	code  int
	err   error
	name  string
	args  []string
	files map[string]string
}

func (r *runner) run(_ context.Context, out, _ io.Writer, name string, args ...string) (int, error) {
	r.name, r.args, r.files = name, args[2:], map[string]string{}
	for _, dir := range args[:2] {
		side, _, _ := strings.Cut(filepath.Base(dir), "-")
		entries, err := os.ReadDir(dir)
		if err != nil {
			return 0, err
		}
		for _, e := range entries {
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				return 0, err
			}
			r.files[side+"/"+e.Name()] = string(data)
		}
	}
	fmt.Fprintln(out, "seen")
	return r.code, r.err
}

func TestDiffSinkRunsAnExternalProgram(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	evil := change(t, "web", 3)
	evil.Object.Name = "../../etc/passwd"
	for _, tc := range []struct {
		name, external string
		code           int
		err            error
		want           fault.Kind
	}{
		{"differences", "colordiff -N -u --color=always ; $(rm) -x/y a=b", 1, nil, fault.Negative},
		{"none, says the program", "colordiff", 0, nil, 0},
		{"failure", "colordiff", 2, nil, fault.Failed},
		{"cannot run", "colordiff", 0, errors.New("not found"), fault.Failed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &runner{code: tc.code, err: tc.err}
			var b bytes.Buffer
			sink := render.DiffSink{Out: &b, External: tc.external, Run: r.run}
			_, err := sink.Do(t.Context(), plan.Plan{Changes: []plan.Change{change(t, "web", 3), evil}})
			if fault.KindOf(err) != tc.want {
				t.Errorf("error %v of kind %d, want %d", err, fault.KindOf(err), tc.want)
			}
			if r.name != "colordiff" || b.String() != "seen\n" {
				t.Errorf("ran %q, printed %q", r.name, &b)
			}
			merged := strings.Replace(deploymentYAML, "replicas: 2", "replicas: 3", 1)
			want := map[string]string{
				"LIVE/apps.v1.Deployment.shop.web":                "x" + deploymentYAML,
				"LIVE/apps.v1.Deployment.shop..._.._etc_passwd":   "x" + deploymentYAML,
				"MERGED/apps.v1.Deployment.shop.web":              "x" + merged,
				"MERGED/apps.v1.Deployment.shop..._.._etc_passwd": "x" + merged,
			}
			for name, text := range want {
				if r.files[name] != text[1:] {
					t.Errorf("%s holds %q", name, r.files[name])
				}
			}
			if len(r.files) != len(want) {
				t.Errorf("%d files, want %d", len(r.files), len(want))
			}
			if tc.code == 1 {
				if diff := cmp.Diff([]string{"-N", "-u", "--color=always", "a=b"}, r.args); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
	if left, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestDiffSinkExecutes(t *testing.T) {
	script := filepath.Join(t.TempDir(), "differ")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$3\"; echo oops >&2; exit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for external, want := range map[string]fault.Kind{script + " -q": fault.Negative, "/does/not/exist": fault.Failed} {
		var out, errOut bytes.Buffer
		_, err := render.DiffSink{Out: &out, ErrOut: &errOut, External: external}.Do(t.Context(), plan.Plan{Changes: []plan.Change{change(t, "web", 3)}})
		if fault.KindOf(err) != want {
			t.Errorf("%s: %v", external, err)
		}
		if want == fault.Negative && (out.String() != "-q\n" || errOut.String() != "oops\n") {
			t.Errorf("%s: stdout %q, stderr %q", external, &out, &errOut)
		}
	}
}
