// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/prom/promtest"
)

// proof is what a role is for. Roles that end in -cluster hold everywhere, the others
// in the namespace only, unless all is set.
type proof struct {
	name string
	// roles are those whose rights are missed, one by one; besides are what they need.
	roles, besides []string
	all            bool
	commands       []string
	// quiet says that some kinds that may not be listed are not named: the answer is
	// another one then.
	quiet bool
	// writes says that the commands, one after the other, write and take it back.
	writes bool
	// first is what an administrator does with kubectl before each run of the commands.
	first string
}

// reading are the commands that answer by the reach of workloads.
var reading = []string{
	"secure check deploy/order-service svc/bank", "secure check deploy/api-gateway svc/user-service --method GET --path /users/1", "secure map", "secure mtls", "secure mtls --strict --dry-run=client",
	"secure plan --from live", "secure allow deploy/catalog-service svc/user-service --dry-run=client", "secure deny-by-default --dry-run=client",
	"diagnose path deploy/api-gateway svc/user-service", "secure diff -f " + filepath.Join(root, "examples/shop-by-hand/network-policies.yaml"),
}

// asked is the Prometheus of this test, which needs no right, and the instant at which
// it knows a shop. Its URL is only known later.
var asked = "--prometheus URL --at " + promtest.Now.Format(time.RFC3339)

var proofs = []proof{
	{name: "none", commands: []string{"monitor query up " + asked, "monitor generate rbac --prometheus monitoring/prometheus:web",
		"config view", "diagnose rules", "version --client"}},
	{name: "canary", roles: []string{"canary-cluster", "canary-read"}, commands: []string{"canary status", "canary plan user-service --weight 10"}},
	{name: "canary-all", roles: []string{"canary-read"}, besides: []string{"canary-cluster"}, all: true, commands: []string{"canary status -A"}},
	{name: "canary-write", roles: []string{"canary-write"}, besides: []string{"canary-cluster", "canary-read"}, writes: true,
		commands: []string{"canary user-service --weight 10", "canary abort user-service"}},
	{name: "canary-write-gateway", roles: []string{"canary-write-gateway"}, besides: []string{"canary-cluster", "canary-read"}, writes: true,
		commands: []string{"canary httproute/profile --weight 10", "canary abort httproute/profile"}},
	{name: "diagnose", roles: []string{"diagnose-read"}, besides: []string{"diagnose-cluster"}, commands: []string{"diagnose", "diagnose svc/user-service", "diagnose snapshot save /dev/null"}},
	{name: "diagnose-all", roles: []string{"diagnose-cluster"}, besides: []string{"diagnose-read"}, all: true, commands: []string{"diagnose -A", "version"}},
	{name: "secure", besides: []string{"secure-cluster"}, commands: reading},
	{name: "secure-audit", roles: []string{"secure-cluster", "secure-audit-cluster", "secure-audit"}, quiet: true, commands: slices.Concat(
		[]string{"secure lint", "secure audit"}, reading)},
	{name: "secure-write", roles: []string{"secure-write"}, besides: []string{"secure-cluster"},
		commands: []string{"secure allow deploy/catalog-service svc/user-service --yes --dry-run=server"}},
	{name: "monitor-logs", roles: []string{"monitor-logs"}, commands: []string{"monitor logs svc/user-service"}},
	{name: "monitor-watch", roles: []string{"monitor-watch"}, besides: []string{"monitor-logs", "monitor-read"}, commands: []string{
		"monitor events --watch --for deploy/user-service-v1 --timeout 2s", "monitor logs svc/user-service --follow --timeout 2s"}},
	{name: "monitor-read", roles: []string{"monitor-cluster", "monitor-read"}, commands: []string{
		"monitor " + asked, "monitor status " + asked, "monitor stat " + asked, "monitor edges --idle " + asked, "monitor check svc/user-service --restarts >=0 --rps >1 " + asked, "monitor compare svc/user-service v1 v2 " + asked,
		"monitor events", "monitor top pods", "monitor top workloads"}},
	{name: "monitor-looks", besides: []string{"monitor-cluster", "monitor-read"}, commands: []string{"monitor --watch --count 2 --interval 1s " + asked}},
	{name: "monitor-doctor", roles: []string{"monitor-doctor-cluster"}, besides: []string{"secure-cluster"}, quiet: true, commands: []string{
		"monitor doctor svc/user-service --no-probe --prometheus URL", "monitor generate servicemonitor svc/user-service", "monitor generate podmonitor svc/user-service",
		"monitor generate slo svc/user-service --target 99.9", "monitor generate dashboard svc/user-service", "monitor generate logging"}},
	{name: "monitor-probe", roles: []string{"monitor-probe"}, besides: []string{"monitor-doctor-cluster", "secure-cluster"}, quiet: true, commands: []string{
		"monitor doctor svc/user-service --prometheus URL"}},
	{name: "monitor-nodes", roles: []string{"monitor-nodes"}, all: true, commands: []string{"monitor top nodes"}},
	{name: "scaffold-lint", besides: []string{"diagnose-cluster", "diagnose-read", "secure-cluster", "secure-audit-cluster", "secure-audit"},
		commands: []string{"scaffold lint"}},
	{name: "scaffold", roles: []string{"scaffold-cluster", "scaffold-read"}, quiet: true, commands: []string{
		"scaffold import cluster --dry-run --name rbac", "scaffold import cluster deploy/catalog-service --dry-run --name rbac"}},
	// The last: the others need what these delete.
	{name: "secure-deny", roles: []string{"secure-write"}, besides: []string{"secure-cluster"},
		first:    "delete networkpolicies.networking.k8s.io,authorizationpolicies.security.istio.io,podmonitors,servicemonitors --all",
		commands: []string{"secure deny-by-default --yes --dry-run=server"}},
	{name: "canary-write-fix", roles: []string{"canary-write-fix"}, besides: []string{"canary-cluster", "canary-read", "canary-write"}, writes: true,
		first:    "delete destinationrule user-service micro-user-service --ignore-not-found",
		commands: []string{"canary user-service --weight 10 --fix", "canary abort user-service"}},
}

// filesOnly are the commands that ask no cluster, whatever they are given.
var filesOnly = []string{
	"completion", "options", "scaffold detect", "scaffold diff", "scaffold explain", "scaffold generate", "scaffold import compose", "scaffold import manifests",
	"scaffold init", "scaffold schema", "scaffold update",
}

// A command that is new needs a proof of what it takes. Those that are known have a page.
func TestEveryCommandHasItsRights(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(root, "docs/cli/*.md"))
	if err != nil || len(pages) < 50 {
		t.Fatalf("expected the pages of the commands, found %d: %v", len(pages), err)
	}
	starts := func(line, words string) bool { return strings.HasPrefix(line+" ", words+" ") }
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\n## Commands\n") {
			continue
		}
		// Names of commands have dashes too: what is run is in the page.
		_, line, _ := strings.Cut(string(text), "\n# kubectl micro ")
		words, _, _ := strings.Cut(line, "\n")
		proved := slices.ContainsFunc(proofs, func(p proof) bool {
			return slices.ContainsFunc(p.commands, func(c string) bool { return starts(c, words) })
		})
		offline := slices.ContainsFunc(filesOnly, func(c string) bool { return starts(words, c) })
		if proved == offline {
			t.Errorf("%s: expected one proof of its rights, or that it reads files only; found proved %t, files only %t", words, proved, offline)
		}
	}
}
