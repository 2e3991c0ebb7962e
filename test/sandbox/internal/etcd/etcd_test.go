// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package etcd_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/etcd"
)

// gateway is a memory that speaks as much of etcd's JSON as this package does.
func gateway(t *testing.T) string {
	var stored []etcd.Pair
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /v3/kv/put", func(w http.ResponseWriter, r *http.Request) {
		var pair etcd.Pair
		if err := json.NewDecoder(r.Body).Decode(&pair); err != nil || len(pair.Key) == 0 {
			http.Error(w, "etcdserver: key is not provided", http.StatusBadRequest)
			return
		}
		stored = append(stored, pair)
	})
	mux.HandleFunc("POST /v3/kv/range", func(w http.ResponseWriter, r *http.Request) {
		var from struct {
			Key      []byte `json:"key"`
			RangeEnd []byte `json:"range_end"`
		}
		if err := json.NewDecoder(r.Body).Decode(&from); err != nil {
			t.Error(err)
		}
		var found []etcd.Pair
		for _, pair := range stored {
			if key := string(pair.Key); key >= string(from.Key) && key < string(from.RangeEnd) {
				found = append(found, pair)
			}
		}
		if err := json.NewEncoder(w).Encode(map[string]any{"kvs": found}); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestReadReturnsWhatWasWrittenBelowAPrefix(t *testing.T) {
	server := gateway(t)
	if err := etcd.Healthy(t.Context(), server); err != nil {
		t.Error(err)
	}
	want := []etcd.Pair{{Key: []byte("/a/1"), Value: []byte{0, 255, '"'}}, {Key: []byte("/a/2"), Value: []byte("two")}}
	others := []etcd.Pair{{Key: []byte("/a")}, {Key: []byte("/b/1")}, {Key: []byte("/a0")}}
	if err := etcd.Write(t.Context(), server, append(others, want...)); err != nil {
		t.Fatal(err)
	}
	got, err := etcd.Read(t.Context(), server, "/a/")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestErrorsTellWhatFailed(t *testing.T) {
	server := gateway(t)
	err := etcd.Write(t.Context(), server, []etcd.Pair{{Value: []byte("no key")}})
	if err == nil || !strings.Contains(err.Error(), "key is not provided") {
		t.Errorf("expected the server's reason, found %v", err)
	}
	if err := etcd.Healthy(t.Context(), server+"/nothing"); err == nil {
		t.Error("expected an error of a server that is not healthy")
	}
}
