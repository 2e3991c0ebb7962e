// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-micro/kubectl-micro/pkg/prom"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
)

// answering returns a client of a server that always answers so.
func answering(t testing.TB, code int, body string) *prom.Client {
	t.Helper()
	return serving(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}, prom.Options{})
}

// serving returns a client of a handler, whose name in messages is "test".
func serving(t testing.TB, h http.HandlerFunc, o prom.Options) *prom.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	if o.Name == "" {
		o.Name = "test"
	}
	if o.Transport == nil {
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		o.Transport = transport
	}
	c, err := prom.New(s.URL, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func success(result string) string { return `{"status":"success","data":` + result + `}` }

func TestVectors(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want signals.Vector
	}{
		"empty": {`{"resultType":"vector","result":[]}`, nil},
		"null":  {`{"resultType":"vector","result":null}`, nil},
		"scalar": {
			`{"resultType":"scalar","result":[1.5,"42"]}`, signals.Vector{{Value: 42}},
		},
		"labels": {
			`{"resultType":"vector","result":[
				{"metric":{"__name__":"a","x":"1"},"value":[1,"1"]},
				{"metric":{"__name__":"a","x":"2"},"value":[1,"2.5"]},
				{"metric":{"__name__":"a","y":"2"},"value":[1,"2.5"]},
				{"metric":{},"value":[1,"3"]},
				{"metric":{"y":"q\"\\\n\u00e9"},"value":[1,"4"]}]}`,
			signals.Vector{
				{Labels: signals.Labels{{Name: "__name__", Value: "a"}, {Name: "x", Value: "1"}}, Value: 1},
				{Labels: signals.Labels{{Name: "__name__", Value: "a"}, {Name: "x", Value: "2"}}, Value: 2.5},
				{Labels: signals.Labels{{Name: "__name__", Value: "a"}, {Name: "y", Value: "2"}}, Value: 2.5},
				{Value: 3},
				{Labels: signals.Labels{{Name: "y", Value: "q\"\\\né"}}, Value: 4},
			},
		},
		"no numbers": {
			`{"resultType":"vector","result":[{"metric":{"a":"1"},"value":[1,"NaN"]},{"metric":{"a":"2"},"value":[1,"+Inf"]},{"metric":{"a":"3"},"value":[1,"-Inf"]}]}`,
			signals.Vector{
				{Labels: signals.Labels{{Name: "a", Value: "1"}}, Value: math.NaN()},
				{Labels: signals.Labels{{Name: "a", Value: "2"}}, Value: math.Inf(1)},
				{Labels: signals.Labels{{Name: "a", Value: "3"}}, Value: math.Inf(-1)},
			},
		},
		"native": {
			`{"resultType":"vector","result":[{"metric":{"a":"1"},"histogram":[1,{"count":"3","sum":"1","buckets":[[0,"1","2","3"]]}]}]}`,
			signals.Vector{{Labels: signals.Labels{{Name: "a", Value: "1"}}, Native: true}},
		},
		"type last": {
			`{"result":[{"value":[1,"7"],"metric":{"a":"]}\""}}],"extra":{"a":[1,{}]},"resultType":"vector"}`,
			signals.Vector{{Labels: signals.Labels{{Name: "a", Value: `]}"`}}, Value: 7}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := answering(t, http.StatusOK, success(c.data)).Query(t.Context(), "x", time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestManyLabels has more labels than are allocated at once.
func TestManyLabels(t *testing.T) {
	const series, labels = 900, 13
	var items []string
	for i := range series {
		var pairs []string
		for l := range labels {
			pairs = append(pairs, fmt.Sprintf(`"l%d":"%d"`, l, i*l))
		}
		items = append(items, fmt.Sprintf(`{"metric":{%s},"value":[1,"%d"]}`, strings.Join(pairs, ","), i))
	}
	got, err := answering(t, http.StatusOK, success(`{"resultType":"vector","result":[`+strings.Join(items, ",")+`]}`)).
		Query(t.Context(), "x", time.Time{})
	if err != nil || len(got) != series {
		t.Fatal(len(got), err)
	}
	for i, s := range got {
		if len(s.Labels) != labels || s.Value != float64(i) {
			t.Fatalf("series %d: %v", i, s)
		}
		for l, label := range s.Labels {
			if label.Name != fmt.Sprint("l", l) || label.Value != strconv.Itoa(i*l) {
				t.Fatalf("series %d label %d: %v", i, l, label)
			}
		}
	}
}

// FuzzVector compares with encoding/json: what that can read, ours reads alike.
func FuzzVector(f *testing.F) {
	for _, s := range []string{
		`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1,"2"]}]}}`,
		`{"data":{"result":[{"value":[1.5,"NaN"],"metric":{}}],"resultType":"vector"},"status":"success","warnings":["w"]}`,
		`{"status":"error","error":"e","errorType":"bad_data"}`,
		`{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}`,
		"[", `{"a"`, `{"status":"success","data":null}`, `"`, `{"\u`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if !utf8.ValidString(body) {
			return // encoding/json replaces what is none
		}
		var want struct {
			Status string
			Data   struct {
				ResultType string
				Result     []struct {
					Metric map[string]string
					Value  []any
				}
			}
		}
		plain := json.Unmarshal([]byte(body), &want) == nil && want.Status == "success" && want.Data.ResultType == "vector" &&
			strings.Count(body, "resultType") == 1 && strings.Count(body, "metric") == len(want.Data.Result)
		got, err := answer(body).Query(t.Context(), "x", time.Time{})
		if !plain || err != nil {
			return // strings where numbers belong, for example: any error will do, but no panic
		}
		if len(got) != len(want.Data.Result) {
			t.Fatalf("%d samples, want %d", len(got), len(want.Data.Result))
		}
		for i, s := range got {
			m := map[string]string{}
			for _, l := range s.Labels {
				m[l.Name] = l.Value
			}
			if d := cmp.Diff(want.Data.Result[i].Metric, m, cmpopts.EquateEmpty()); d != "" {
				t.Fatal(d)
			}
		}
	})
}

// answer is a client whose server is a string.
func answer(body string) *prom.Client {
	c, _ := prom.New("http://test", prom.Options{Transport: stub(body)})
	return c
}

type stub string

func (s stub) RoundTrip(*http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.WriteString(string(s)) //nolint:errcheck // it takes everything
	return w.Result(), nil
}

// BenchmarkQuery decodes an answer of 20,000 series of a mesh.
func BenchmarkQuery(b *testing.B) {
	var body strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&body, `,{"metric":{"_q":"lat","destination_canonical_revision":"v1","destination_service_name":"svc-%[1]d",`+
			`"destination_service_namespace":"ns-%[2]d","destination_workload":"svc-%[1]d-v1","le":"%[3]d","reporter":"destination",`+
			`"request_protocol":"http","source_workload":"caller-%[4]d","source_workload_namespace":"ns-%[2]d"},"value":[1772366400,"%[5]g"]}`,
			i/100, i/2000, i%20, i/20%5, float64(i)*0.0123)
	}
	c := answer(success(`{"resultType":"vector","result":[` + body.String()[1:] + `]}`))
	b.SetBytes(int64(body.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if v, err := c.Query(b.Context(), "x", time.Time{}); err != nil || len(v) != 20_000 {
			b.Fatal(len(v), err)
		}
	}
}
