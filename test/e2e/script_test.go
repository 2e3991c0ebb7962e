// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// TestScripts runs testdata/script. Besides what clitest.Scripts offers, a
// script has
//
//	world FIXTURE...        make the namespace $NS, called like the script, apply manifests of testdata/world to it, wait
//	                        until its pods are endpoints, and be admin there; $SANDBOX is the control plane's directory
//	shop                    write examples/shop-by-hand, made for $NS and with proxies in its pods, to shop/, apply it and wait
//	repo                    copy the repository's examples/ here; $REPO is the repository, $BIN the programs
//	ready                   wait until all replicas of $NS, and no others, are endpoints again
//	endpoints N             wait until that many pods of $NS are ready endpoints
//	as USER [GROUP|expired] be somebody else: of a group (none has rights to begin with), or with credentials that are over
//	json FILE               check that a file is one JSON document
//	until COMMAND ARG...    run a command again and again until it succeeds
//	budget N COMMAND ARG... run a command that must succeed with at most N requests to the API server; requests.txt has them
//	prometheus FIXTURE      set $PROM to the URL of a Prometheus with that history of $NS, which the API server may proxy to
//	service NAME URL [L=V]  make a Service of $NS, port web 9090, and the pod NAME-0, with labels, that lead to a URL's server; one with labels of a Prometheus is found by all scripts
//	sidecars SELECTOR FILE  let the proxies of pods of $NS answer FILE on the port of their agent; its numbers are how fast counters grow a second
//	podlogs POD FILE [C...] have containers of a pod of $NS, all by default, write a file, in the runtime's format, and follow it; ", FILE C..." is another
func TestScripts(t *testing.T) {
	clitest.Scripts(t, filepath.Join("testdata", "script"), commands)
}

// TestAlone runs testdata/alone: scripts that change the control plane for
// everybody, when nobody else is there. What they change is undone here, since
// a script that fails does not come to its end.
func TestAlone(t *testing.T) {
	t.Cleanup(func() {
		for _, crd := range []string{"virtualservices", "destinationrules"} {
			if err := serve(crd, true); err != nil {
				t.Error(err)
			}
		}
	})
	clitest.Scripts(t, filepath.Join("testdata", "alone"), commands)
}

var commands = map[string]clitest.Command{
	"world": worldCommand, "shop": shopCommand, "repo": repoCommand, "ready": readyCommand, "endpoints": endpointsCommand,
	"as": asCommand, "json": jsonCommand, "until": untilCommand, "budget": budgetCommand, "unserve": unserveCommand,
	"prometheus": prometheusCommand, "service": serviceCommand, "podlogs": podlogsCommand, "sidecars": sidecarsCommand,
}

func worldCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: world FIXTURE...")
	}
	ts.Check(theBox.up())
	ts.Setenv("NS", ts.Name())
	ts.Setenv("SANDBOX", theBox.dir)
	as(ts, "admin", "")
	ts.Check(theBox.world(context.Background(), ts.Name(), args))
}

func repoCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: repo")
	}
	ts.Setenv("REPO", root)
	ts.Setenv("BIN", bin)
	ts.Check(os.CopyFS(ts.MkAbs("examples"), os.DirFS(filepath.Join(root, "examples"))))
}

func readyCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: ready")
	}
	ts.Check(theBox.ready(context.Background(), ts.Getenv("NS"), replicas))
}

func endpointsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: endpoints N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(theBox.ready(context.Background(), ts.Getenv("NS"), func([]*model.Object) int { return want }))
}

func asCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: as USER [GROUP|expired]")
	}
	group := ""
	var more []string
	if len(args) == 2 && args[1] == "expired" {
		more = []string{"--expired"}
	} else if len(args) == 2 {
		group = args[1]
	}
	as(ts, args[0], group, more...)
}

func as(ts *testscript.TestScript, user, group string, more ...string) {
	file := ts.MkAbs(filepath.Join(".home", user+".kubeconfig"))
	ts.Check(theBox.kubeconfig(file, ts.Name(), user, group, more...))
	ts.Setenv("KUBECONFIG", file)
}

func jsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: json FILE")
	}
	var document any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &document))
}

func untilCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: until COMMAND ARG...")
	}
	var last error
	err := wait.PollUntilContextTimeout(context.Background(), 100*time.Millisecond, patience, true, func(context.Context) (bool, error) {
		last = ts.Exec(args[0], args[1:]...)
		return last == nil, nil
	})
	if err != nil {
		ts.Fatalf("%s: %v: %v", strings.Join(args, " "), err, last)
	}
}

// budgetCommand runs a command as a user whom nobody else is and counts our
// requests in the API server's audit log.
func budgetCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: budget N COMMAND ARG...")
	}
	most, err := strconv.Atoi(args[0])
	ts.Check(err)
	before := ts.Getenv("KUBECONFIG")
	user := "counted-" + ts.Name() + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	as(ts, user, "system:masters")
	ts.Check(ts.Exec(args[1], args[2:]...))
	made, err := requests(user, ts.Getenv("KUBECONFIG"))
	ts.Check(err)
	ts.Setenv("KUBECONFIG", before)
	slices.Sort(made)
	ts.Check(os.WriteFile(ts.MkAbs("requests.txt"), []byte(strings.Join(made, "\n")+"\n"), 0o600))
	if len(made) > most {
		ts.Fatalf("%s made %d requests, at most %d are allowed:\n%s", strings.Join(args[1:], " "), len(made), most, strings.Join(made, "\n"))
	}
	ts.Logf("[%d requests]", len(made))
}

// requests returns what a user has asked the API server for. The log is written
// after the answer: one more request, which no command makes, marks its end.
func requests(user, kubeconfig string) ([]string, error) {
	const mark = "/livez/ping"
	if _, err := output("kubectl", "--kubeconfig", kubeconfig, "get", "--raw", mark); err != nil {
		return nil, err
	}
	var made []string
	err := wait.PollUntilContextTimeout(context.Background(), 50*time.Millisecond, patience, true, func(context.Context) (bool, error) {
		log, err := os.ReadFile(theBox.auditLog())
		if err != nil {
			return false, err
		}
		made = nil
		seen := map[string]bool{} // a request that goes on is noted when it begins and when it ends
		ended := false
		lines := bufio.NewScanner(bytes.NewReader(log))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if !bytes.Contains(lines.Bytes(), []byte(user)) {
				continue
			}
			var event struct {
				User                        struct{ Username string }
				AuditID                     string
				UserAgent, Verb, RequestURI string
			}
			if json.Unmarshal(lines.Bytes(), &event) != nil || event.User.Username != user {
				continue // the last line may not be complete yet
			}
			if event.RequestURI == mark {
				ended = true
				continue
			}
			ours := strings.HasPrefix(event.UserAgent, "kubectl-micro/") // some builds of kubectl ask for /version first
			if ours && !seen[event.AuditID] {
				seen[event.AuditID] = true
				made = append(made, event.Verb+" "+event.RequestURI)
			}
		}
		return ended, lines.Err()
	})
	return made, err
}
