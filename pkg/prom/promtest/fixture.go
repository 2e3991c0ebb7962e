// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package promtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// fixtures are the histories that have a name.
var fixtures = map[string]func() History{
	"shop": Shop, "big": Big, "http": HTTP, "spring": Spring, "grpc": GRPC, "otel": OTel, "usage": Usage, "odd": Odd, "empty": Empty,
}

// Empty is a Prometheus that knows nothing but itself.
func Empty() History {
	h := NewHistory(defaultInterval*4, defaultInterval)
	h.Gauge("up", Labels{"job": "prometheus", "instance": "localhost:9090"}, 1)
	return *h
}

// Named returns a history by its name.
func Named(name string) (History, error) {
	fixture, ok := fixtures[name]
	if !ok {
		return History{}, fmt.Errorf("no fixture %q: expected one of %s", name, strings.Join(slices.Sorted(maps.Keys(fixtures)), ", "))
	}
	return fixture(), nil
}

// shared are the servers that this process has, by fixture and arguments.
var shared sync.Map // string -> func() (*Server, error)

// Shared returns the URL of a Prometheus with a fixture, for tests that only
// read: there is one in a test process, which ends with it.
func Shared(t testing.TB, name string, args ...string) (url string) {
	t.Helper()
	url, err := share(name, args)
	if err != nil {
		t.Fatal(err)
	}
	return url
}

func share(name string, args []string) (string, error) {
	key := strings.Join(append([]string{name}, args...), "\x00")
	start, _ := shared.LoadOrStore(key, sync.OnceValues(func() (*Server, error) {
		h, err := Named(name)
		if err != nil {
			return nil, err
		}
		return Run(h, args...)
	}))
	s, err := start.(func() (*Server, error))()
	if err != nil {
		return "", err
	}
	return s.URL, nil
}

// Command is a command for scripts:
//
//	prometheus FIXTURE [ARG...]   set $PROM to the URL of a Prometheus with that history, started with more arguments
//
// Scripts with the same fixture and arguments share one.
func Command(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: prometheus FIXTURE [ARG...]")
	}
	url, err := share(args[0], args[1:])
	ts.Check(err)
	ts.Setenv("PROM", url)
}
