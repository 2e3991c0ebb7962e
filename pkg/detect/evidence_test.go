// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect_test

import (
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
)

// every collects all the evidence in a value, whatever it is in.
func every(v reflect.Value, yield func(api.DetectedEvidence)) {
	if e, ok := v.Interface().(api.DetectedEvidence); ok {
		yield(e)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			every(v.Elem(), yield)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			every(v.Field(i), yield)
		}
	case reflect.Slice:
		for i := range v.Len() {
			every(v.Index(i), yield)
		}
	}
}

// check reports evidence that is not there. It is what a reader of a report
// relies on, so it holds for any tree.
func check(t testing.TB, fsys fs.FS, d api.Detection) (n int) {
	t.Helper()
	every(reflect.ValueOf(d), func(e api.DetectedEvidence) {
		n++
		data, err := fs.ReadFile(fsys, e.File)
		if err != nil {
			t.Errorf("%+v: %v", e, err)
			return
		}
		if e.Value == "" || e.Source == "" || e.Confidence < 1 || e.Confidence > 100 {
			t.Errorf("incomplete: %+v", e)
		}
		lines := strings.Split(string(data), "\n")
		switch {
		case e.Line == 0 && e.Quote == "":
		case e.Line < 1 || e.Line > len(lines) || e.Quote == "":
			t.Errorf("no such line: %+v", e)
		case !strings.Contains(lines[e.Line-1], e.Quote):
			t.Errorf("%+v: the line is %q", e, lines[e.Line-1])
		}
	})
	for _, s := range d.Services {
		for _, f := range []api.DetectedFact{s.Language, s.Framework, s.Build, s.Version, s.Kind, s.Entry, s.Start, s.Port, s.Protocol, s.Dockerfile, s.User} {
			checkFact(t, f)
		}
	}
	return n
}

// checkFact holds a fact to its contract: the winner leads, and a tie has none.
func checkFact(t testing.TB, f api.DetectedFact) {
	t.Helper()
	if !slices.IsSortedFunc(f.Evidence, func(a, b api.DetectedEvidence) int { return b.Confidence - a.Confidence }) {
		t.Errorf("not sorted: %+v", f.Evidence)
	}
	if len(f.Ambiguous) == 1 || f.Value != nil && len(f.Ambiguous) > 0 || len(f.Evidence) > 0 && f.Value == nil && len(f.Ambiguous) == 0 {
		t.Errorf("neither decided nor a tie: %+v", f)
	}
	for _, value := range append(f.Ambiguous, f.String()) {
		if value == "" {
			continue
		}
		if !slices.ContainsFunc(f.Evidence, func(e api.DetectedEvidence) bool {
			return e.Value == value && e.Confidence == f.Evidence[0].Confidence
		}) {
			t.Errorf("%q is not among the best of %+v", value, f.Evidence)
		}
	}
}

func TestQuotesStand(t *testing.T) {
	built, err := filepath.Glob("../image/testdata/*/tree.txtar")
	if err != nil || len(built) == 0 {
		t.Fatalf("no trees of images: %v", err)
	}
	for _, name := range built {
		_, fsys, _ := open(t, name)
		if n := check(t, fsys, detect.Scan(fsys, detect.Options{})); n < 7 {
			t.Errorf("%s: %d observations", name, n)
		}
	}
	for _, name := range trees(t) {
		_, fsys, _ := open(t, name)
		if n := check(t, fsys, detect.Scan(fsys, detect.Options{})); n < 10 {
			t.Errorf("%s: %d observations", name, n)
		}
	}
}

func TestDeterministic(t *testing.T) {
	for _, name := range trees(t) {
		_, fsys, _ := open(t, name)
		first := detect.Scan(fsys, detect.Options{})
		for range 5 {
			if diff := cmp.Diff(first, detect.Scan(fsys, detect.Options{})); diff != "" {
				t.Fatalf("%s: %s", name, diff)
			}
		}
	}
}
