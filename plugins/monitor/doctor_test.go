// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom/promtest"
)

// TestDoctor runs the scripts about clusters whose pods answer and whose
// Prometheus is a real one:
//
//	world FILE ANSWERS   point KUBECONFIG to a server with the objects of FILE, whose pods answer as the lines
//	                     of ANSWERS say: PATH STATUS CONTENT-TYPE FILE; "forbidden" in the place of STATUS is the API server's
//	scraper CONFIG...    set $NAME to a Prometheus with the configuration name.yml, once it has scraped each target;
//	                     $EXPORTER in it is an exporter that answers, $CLOSED a port where nothing listens
func TestDoctor(t *testing.T) {
	commands := clitest.Clusters(t)
	maps.Copy(commands, map[string]clitest.Command{"world": world(t), "scraper": scraper(t)})
	clitest.Scripts(t, "testdata/doctor", commands)
}

func world(t *testing.T) clitest.Command {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 2 {
			ts.Fatalf("usage: world FILE ANSWERS")
		}
		stream, err := manifest.Split(args[0], []byte(ts.ReadFile(args[0])))
		ts.Check(err)
		var objects []map[string]any
		for _, d := range stream.Docs {
			found, err := d.Objects()
			ts.Check(err)
			for _, o := range found {
				objects = append(objects, o.Value)
			}
		}
		answers := map[string]http.HandlerFunc{}
		for line := range strings.Lines(ts.ReadFile(args[1])) {
			if f := strings.Fields(line); len(f) > 1 {
				answers[f[0]] = answer(ts, f)
			}
		}
		s := apitest.New(t, objects...)
		s.On = func(w http.ResponseWriter, r *http.Request) bool {
			give, known := answers[r.URL.Path]
			if known {
				give(w, r)
			} else if strings.Contains(r.URL.Path, "/proxy/") {
				http.NotFound(w, r)
				return true
			}
			return known
		}
		kubeconfig := ts.MkAbs(".home/world.yaml")
		ts.Check(os.WriteFile(kubeconfig, fmt.Appendf(nil, `{apiVersion: v1, kind: Config, current-context: c,
contexts: [{name: c, context: {cluster: c, user: u, namespace: shop}}],
clusters: [{name: c, cluster: {server: %q}}], users: [{name: u, user: {}}]}
`, s.Config().Host), 0o600))
		ts.Setenv("KUBECONFIG", kubeconfig)
	}
}

// answer is what a pod says, by the words of a line.
func answer(ts *testscript.TestScript, words []string) http.HandlerFunc {
	if words[1] == "forbidden" {
		return func(w http.ResponseWriter, _ *http.Request) {
			apitest.Fail(w, http.StatusForbidden, "Forbidden", `pods "cart-1" is forbidden: User "dev" cannot get resource "pods/proxy"`, nil)
		}
	}
	if words[1] == "refused" {
		return func(w http.ResponseWriter, _ *http.Request) {
			apitest.Fail(w, http.StatusServiceUnavailable, "ServiceUnavailable", "error trying to reach service: dial tcp 10.0.0.7:8080: connect: connection refused", nil)
		}
	}
	status, err := strconv.Atoi(words[1])
	ts.Check(err)
	body := ts.ReadFile(words[3])
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", words[2])
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // the client may have gone
	}
}

func scraper(t *testing.T) clitest.Command {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) == 0 {
			ts.Fatalf("usage: scraper CONFIG...")
		}
		exporter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; version=0.0.4")
			fmt.Fprint(w, "# TYPE carts gauge\ncarts{namespace=\"of the tenant\"} 3\n")
		}))
		t.Cleanup(exporter.Close)
		closed := httptest.NewServer(nil)
		closed.Close()
		addresses := strings.NewReplacer("$EXPORTER", strings.TrimPrefix(exporter.URL, "http://"), "$CLOSED", strings.TrimPrefix(closed.URL, "http://"))
		urls := make([]string, len(args))
		for i, name := range args { // all of them before one is awaited: a first scrape takes seconds
			config := ts.MkAbs(name)
			ts.Check(os.WriteFile(config, []byte(addresses.Replace(ts.ReadFile(name))), 0o600))
			urls[i] = promtest.Start(t, promtest.Empty().OpenMetrics(), "--config.file="+config)
		}
		for i, name := range args {
			await(ts, urls[i])
			ts.Setenv(strings.ToUpper(strings.TrimSuffix(name, ".yml")), urls[i])
		}
	}
}

// await returns once a Prometheus has scraped all of its targets.
func await(ts *testscript.TestScript, url string) {
	tick, end := time.NewTicker(100*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for {
		var told struct {
			Data struct {
				ActiveTargets []struct{ Health string }
			}
		}
		response, err := http.Get(url + "/api/v1/targets")
		ts.Check(err)
		ts.Check(json.NewDecoder(response.Body).Decode(&told))
		ts.Check(response.Body.Close())
		scraped := len(told.Data.ActiveTargets) > 0
		for _, x := range told.Data.ActiveTargets {
			scraped = scraped && x.Health != "unknown"
		}
		if scraped {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			ts.Fatalf("the targets were not scraped in time: %+v", told)
		}
	}
}
