// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/schema"
)

// TestModules fails when a module has been updated and the table has not.
func TestModules(t *testing.T) {
	found := map[string]string{}
	for _, m := range schema.Modules() {
		if found[m[0]] == "" {
			found[m[0]] = m[1]
		}
	}
	for _, test := range []struct{ module, file, required string }{
		{"istio.io/api", "../../go.mod", "istio.io/api"},
		{"sigs.k8s.io/gateway-api", "../../go.mod", "sigs.k8s.io/gateway-api"},
		{"k8s.io/api", "../../go.mod", "k8s.io/api"},
		{"k8s.io/kubernetes", "../../test/sandbox/go.mod", "k8s.io/kubernetes"},
		{"github.com/prometheus-operator/prometheus-operator", "../../go.mod", "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring"},
	} {
		data, err := os.ReadFile(test.file)
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(test.required) + ` (\S+)`).FindSubmatch(data)
		if m == nil {
			t.Errorf("%s does not require %s", test.file, test.required)
			continue
		}
		if got := found[test.module]; got != string(m[1]) {
			t.Errorf("the table is of %s %s, %s requires %s: go run ./cmd/gen-schema", test.module, got, test.file, m[1])
		}
	}
}

// TestEveryKind goes through all shapes of all kinds: a table that was cut off or
// written in another form does not pass.
func TestEveryKind(t *testing.T) {
	kinds := 0
	for _, k := range schema.Kinds() {
		if !schema.Known(k[0], k[1]) {
			continue
		}
		kinds++
		object := map[string]any{"apiVersion": k[0], "kind": k[1], "no-such-field": int64(1), "metadata": "x"}
		problems, _ := schema.Check(object)
		unknown, wrong := false, false
		for _, p := range problems {
			unknown = unknown || p.Fault == schema.Unknown && p.Pointer == "/no-such-field"
			wrong = wrong || p.Fault == schema.Type && p.Pointer == "/metadata"
		}
		if !unknown || !wrong {
			t.Errorf("%s %s: got %+v, expected an unknown field and a metadata of the wrong type", k[0], k[1], problems)
		}
	}
	if kinds < 120 {
		t.Errorf("found %d kinds with a schema, expected more than 120", kinds)
	}
}

func FuzzCheck(f *testing.F) {
	for _, o := range objects(f, "../../examples", "../manifest/testdata/seeds") {
		data, err := json.Marshal(o.Value)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"apiVersion":"networking.istio.io/v1","kind":"VirtualService","spec":{"http":[[{"mirrorPercent":[{}]}],{"corsPolicy":{"allowOrigin":1}}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var o map[string]any
		if json.Unmarshal(data, &o) != nil {
			return
		}
		problems, known := schema.Check(o)
		if !known && problems != nil {
			t.Errorf("problems without a schema: %+v", problems)
		}
		for _, p := range problems {
			if v, err := patch.Get(o, p.Pointer); err != nil {
				t.Errorf("%+v: no such place: %v", p, err)
			} else if m, _ := v.(map[string]any); p.Fault == schema.Missing && m[p.Field] != nil {
				t.Errorf("%+v is there", p)
			}
		}
		for _, d := range schema.Deprecated(o) {
			if _, err := patch.Get(o, d.Pointer); err != nil {
				t.Errorf("%+v: no such place: %v", d, err)
			}
		}
		apiVersion, _ := o["apiVersion"].(string)
		kind, _ := o["kind"].(string)
		schema.Served(apiVersion, kind)
	})
}

// benchmarkWorld is the shop, over and over, until there are 7,000 objects.
func benchmarkWorld(b *testing.B) []*manifest.Object {
	shop := objects(b, "../../examples/shop-by-hand")
	if len(shop) == 0 {
		b.Fatal("no shop")
	}
	out := make([]*manifest.Object, 7000)
	for i := range out {
		out[i] = shop[i%len(shop)]
	}
	return out
}

func BenchmarkCheck7000(b *testing.B) {
	world := benchmarkWorld(b)
	b.ReportAllocs()
	for b.Loop() {
		for _, o := range world {
			if problems, _ := schema.Check(o.Value); problems != nil {
				b.Fatal(problems)
			}
			if found := schema.Deprecated(o.Value); found != nil {
				b.Fatal(found)
			}
		}
	}
}
