// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

func TestSavedThatIsNone(t *testing.T) {
	for name, c := range map[string]struct{ in, message, hint string }{
		"nothing":         {"", "s.jsonl: expected a saved snapshot (apiVersion kubectl-micro.dev/v1alpha1, kind Snapshot), found nothing", ""},
		"YAML":            {service("a"), "found no JSON object on the first line", "-f s.jsonl"},
		"another object":  {`{"apiVersion":"v1","kind":"Pod"}`, `found apiVersion "v1", kind "Pod"`, "-f s.jsonl"},
		"another kind":    {`{"apiVersion":"kubectl-micro.dev/v1alpha1","kind":"Report"}`, `kind "Report"`, "-f s.jsonl"},
		"another version": {`{"apiVersion":"kubectl-micro.dev/v2","kind":"Snapshot","version":"9.1.0"}`, `found apiVersion "kubectl-micro.dev/v2", kind "Snapshot"`, "kubectl micro 9.1.0"},
		"no head":         {`{"apiVersion":"kubectl-micro.dev/v1alpha1","kind":"Snapshot","time":12}`, "s.jsonl:1: cannot read the head", "save it anew"},
		"broken gzip":     {"\x1f\x8bxxxxxxxxxxxxxxxxx", "s.jsonl: cannot read the saved snapshot", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := saved([]byte(c.in))
			got, err := s.Load(t.Context(), everything)
			var f *fault.Error
			if got != nil || !errors.As(err, &f) || f.Kind != fault.Failed || !strings.Contains(err.Error(), c.message) || !strings.Contains(f.Hint, c.hint) {
				t.Errorf("got %v, %v, hint %q", got, err, hint(err))
			}
			if _, again := s.Head(t.Context()); again == nil || again.Error() != err.Error() {
				t.Errorf("Head says %v", again)
			}
		})
	}
	if _, err := (&source.Saved{Path: "missing.jsonl"}).Load(t.Context(), everything); fault.KindOf(err) != fault.Failed || hint(err) != "ls ." {
		t.Errorf("got %v", err)
	}
}

// A newer head may say more.
func TestSavedByANewerVersion(t *testing.T) {
	in := `{"apiVersion":"kubectl-micro.dev/v1alpha1","kind":"Snapshot","version":"9.0.0","news":{"a":1},"options":{"more":true},"kinds":["Pod","Thing.example.org"],"objects":1}
{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"b"}}
`
	got, err := saved([]byte(in)).Load(t.Context(), source.Want{Kinds: []*model.Kind{model.Pods.Kind}})
	if err != nil || len(got.Objects()) != 1 || len(got.Gaps()) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

// A file that is cut off anywhere gives what is before the cut, an error, and
// nothing that could be taken for absent.
func TestSavedThatIsCutOff(t *testing.T) {
	s, err := live(t, world(t)).Load(t.Context(), source.Want{})
	if err != nil {
		t.Fatal(err)
	}
	data := save(t, s, head)
	lines := bytes.SplitAfter(data, []byte("\n"))
	for cut := len(lines[0]); cut < len(data)-1; cut++ { // the last line break is nothing to miss
		got, err := saved(data[:cut]).Load(t.Context(), source.Want{})
		if got == nil || err == nil {
			t.Fatalf("cut at %d: %v, %v", cut, got, err)
		}
		whole := bytes.Count(data[:cut], []byte("\n")) - 1
		if data[cut] == '\n' {
			whole++
		}
		if d := cmp.Diff(names(s)[:whole], names(got), cmp.Transformer("none", func(l []string) []string { return append([]string{}, l...) })); d != "" {
			t.Fatalf("cut at %d: %s", cut, d)
		}
		if errs := fault.All(err); len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), "s.jsonl:") {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if _, unknown := got.Gap(model.Pods.GroupKind, "shop"); !unknown {
			t.Fatalf("cut at %d: the pods that are lost count as absent", cut)
		}
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err = w.Write(data)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	for cut := 20; cut < packed.Len(); cut += 7 {
		got, err := saved(packed.Bytes()[:cut]).Load(t.Context(), source.Want{})
		if err == nil || got != nil && len(got.Objects()) > len(s.Objects()) {
			t.Fatalf("compressed, cut at %d: %v, %v", cut, got, err)
		}
	}
}

// A broken line costs one object.
func TestSavedWithBrokenLines(t *testing.T) {
	s, err := live(t, world(t)).Load(t.Context(), source.Want{})
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(save(t, s, head), []byte("\n"))
	lines[2] = []byte("{]\n")
	lines[4] = []byte("{\"kind\":\"Pod\"}\n")
	got, err := saved(bytes.Join(lines, nil)).Load(t.Context(), source.Want{})
	if got == nil || len(got.Objects()) != len(s.Objects())-2 {
		t.Fatalf("got %v, %v", got, err)
	}
	errs := fault.All(err)
	if len(errs) != 2 || !strings.HasPrefix(errs[0].Error(), "s.jsonl:3: ") || !strings.HasPrefix(errs[1].Error(), "s.jsonl:5: ") {
		t.Errorf("got %v", errs)
	}
}

// FuzzSaved: whatever a file holds, there is a Snapshot or an error of ours.
func FuzzSaved(f *testing.F) {
	const first = `{"apiVersion":"kubectl-micro.dev/v1alpha1","kind":"Snapshot","kinds":["Pod"],"gaps":[{"kind":"Service","reason":"x"}],"objects":1}` + "\n"
	f.Add([]byte(first + `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[]}}`))
	f.Add([]byte(first + `{"apiVersion":"v1","kind":"Pod","metadata":{"annotations":[],"labels":1,"name":{}},"spec":1}`))
	f.Add([]byte(first + "\n\n[]\nnull\n"))
	f.Add([]byte("\x1f\x8b\x08"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, w := range []source.Want{{}, {Namespace: "a", Slim: true}, {Scopes: map[*model.Kind]source.Scope{model.Pods.Kind: {MetadataOnly: true}}}} {
			got, err := saved(data).Load(t.Context(), w)
			if got == nil && err == nil {
				t.Fatalf("%q: neither", data)
			}
			for _, err := range fault.All(err) {
				var typed *fault.Error
				if !errors.As(err, &typed) {
					t.Fatalf("%q: %#v", data, err)
				}
			}
		}
	})
}
