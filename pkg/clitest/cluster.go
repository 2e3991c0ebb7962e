// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package clitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// Clusters are the commands that scripts about a cluster need:
//
//	cluster FILE [PATH...]   point KUBECONFIG to a server with the objects of FILE, which forbids the lists at PATHs; -n is shop
//	asked FILE               write what the server was asked since the last time, sorted
//	budget N                 fail when it was asked more than that since the last time
//	later FILE               let the objects of FILE appear when something is watched for the first time
//	written CONTAINER FILE   let a container, named NAMESPACE/POD/CONTAINER, have written FILE, whose lines begin with their times
//
// The servers end with the test.
func Clusters(t testing.TB) map[string]Command {
	c := clusters{t: t, servers: map[*testscript.TestScript]*server{}}
	return map[string]Command{"cluster": c.start, "asked": c.asked, "budget": c.budget, "written": c.written, "later": c.later}
}

// clusters are the API servers of scripts.
type clusters struct {
	t testing.TB

	mu      sync.Mutex
	servers map[*testscript.TestScript]*server
}

// server is one of them, and how much of what it was asked has been told.
type server struct {
	*apitest.Server
	told int
}

func (c *clusters) start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: cluster FILE [PATH...]")
	}
	objects := objectsOf(ts, args[0])
	s := apitest.New(c.t, objects...)
	s.On = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/apis" {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(served()) // the client has gone
			return true
		}
		if !slices.Contains(args[1:], r.URL.Path) {
			return false
		}
		apitest.Fail(w, http.StatusForbidden, "Forbidden", r.URL.Path+" is forbidden", nil)
		return true
	}
	c.mu.Lock()
	c.servers[ts] = &server{Server: s}
	c.mu.Unlock()
	kubeconfig := ts.MkAbs(".home/cluster.yaml")
	ts.Check(os.WriteFile(kubeconfig, fmt.Appendf(nil, `{apiVersion: v1, kind: Config, current-context: c,
contexts: [{name: c, context: {cluster: c, user: u, namespace: shop}}],
clusters: [{name: c, cluster: {server: %q}}], users: [{name: u, user: {}}]}
`, s.Config().Host), 0o600))
	ts.Setenv("KUBECONFIG", kubeconfig)
}

// objectsOf are the objects of a script's file.
func objectsOf(ts *testscript.TestScript, file string) []map[string]any {
	stream, err := manifest.Split(file, []byte(ts.ReadFile(file)))
	ts.Check(err)
	var objects []map[string]any
	for _, d := range stream.Docs {
		found, err := d.Objects()
		ts.Check(err)
		for _, o := range found {
			objects = append(objects, o.Value)
		}
	}
	return objects
}

// served are the groups of the suite's kinds but that of cluster-wide network
// policies, which few clusters have.
func served() metav1.APIGroupList {
	out := metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}}
	for _, k := range model.Kinds() {
		if k.Group != model.NetworkPolicyAPI {
			out.Groups = append(out.Groups, metav1.APIGroup{Name: k.Group})
		}
	}
	return out
}

// news is what the server of a script was asked since the last time, sorted.
func (c *clusters) news(ts *testscript.TestScript) []string {
	c.mu.Lock()
	s := c.servers[ts]
	c.mu.Unlock()
	if s == nil {
		ts.Fatalf("there is no cluster yet")
	}
	all := s.Requests()
	out := slices.Sorted(slices.Values(all[s.told:]))
	s.told = len(all)
	return out
}

func (c *clusters) asked(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: asked FILE")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(c.news(ts), "\n")+"\n"), 0o600))
}

func (c *clusters) budget(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: budget N")
	}
	most, err := strconv.Atoi(args[0])
	ts.Check(err)
	made := c.news(ts)
	ts.Logf("[%d requests]", len(made))
	if len(made) > most {
		ts.Fatalf("made %d requests, at most %s are allowed:\n%s", len(made), args[0], strings.Join(made, "\n"))
	}
}
