// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/prom/promtest"
	"github.com/kubectl-micro/kubectl-micro/pkg/settings"
	"github.com/kubectl-micro/kubectl-micro/plugins"
)

// call is a command that prints a report, without a cluster.
type call struct {
	// line is the command line after "kubectl micro"; EXAMPLES, PROM and DIR are folders
	// and the address of a Prometheus.
	line string
	kind string
	code int
}

// calls has every command that prints reports, most of them on the examples.
var calls = []call{
	{"canary status user-service -f EXAMPLES/shop-by-hand", "CanaryStatus", 0},
	{"canary status -f EXAMPLES/shop-by-hand", "CanaryStatusList", 0},
	{"config view --all", "SettingList", 0},
	{"diagnose -f EXAMPLES/article", "Diagnosis", 1},
	{"diagnose -f EXAMPLES/shop-by-hand", "Diagnosis", 0},
	{"diagnose path deploy/catalog-service svc/user-service -f EXAMPLES/shop-by-hand", "Path", 1},
	{"diagnose rules", "RuleList", 0},
	{"monitor -f EXAMPLES/shop-by-hand -n shop --source file:EXAMPLES/metrics/shop.om", "StatusList", 0},
	{"monitor -f EXAMPLES/article --prometheus none", "StatusList", 0},
	{"monitor status -f EXAMPLES/shop-by-hand -n shop --prometheus PROM --at 2026-03-01T12:00:00Z", "StatusList", 0},
	{"monitor check svc/order-service -n shop --prometheus PROM --at 2026-03-01T12:00:00Z --success >=99.5 --p99 <1s", "GateReport", 1},
	{"monitor compare svc/user-service v1 v2 -n shop --prometheus PROM --at 2026-03-01T12:00:00Z", "CompareReport", 1},
	{"monitor doctor -f EXAMPLES/article", "DoctorReport", 1},
	{"monitor doctor -f EXAMPLES/shop-by-hand", "DoctorReport", 0},
	{"monitor edges -n shop --prometheus PROM --at 2026-03-01T12:00:00Z", "EdgeList", 0},
	{"monitor events -f DIR/dump.yaml -n shop", "Timeline", 0},
	{"monitor query vector(0)/0 --prometheus PROM --at 2026-03-01T12:00:00Z", "QueryList", 0},
	{"monitor query vector(1) --prometheus PROM --at 2026-03-01T12:00:00Z --range 2m --step 1m", "QueryList", 0},
	{"monitor stat -n shop --prometheus PROM --at 2026-03-01T12:00:00Z", "StatList", 0},
	{"monitor stat -f EXAMPLES/shop-by-hand -n shop --source file:EXAMPLES/metrics/shop.om --buckets", "StatList", 0},
	{"monitor top pods -f DIR/saved.yaml", "UsageList", 0},
	{"monitor top workloads -f EXAMPLES/shop-by-hand -n shop", "UsageList", 0},
	{"monitor top nodes -f DIR/saved.yaml", "NodeUsageList", 0},
	{"scaffold detect EXAMPLES/storefront", "Detection", 0},
	{"scaffold lint -f EXAMPLES/article", "Diagnosis", 1},
	{"secure allow deploy/catalog-service->svc/order-service -f EXAMPLES/shop-by-hand --layers network", "PolicyPlan", 0},
	{"secure audit -f EXAMPLES/article", "Diagnosis", 0},
	{"secure check deploy/order-service svc/user-service -f EXAMPLES/shop-by-hand --method GET --path /users/1", "Path", 0},
	{"secure deny-by-default -f EXAMPLES/shop-by-hand -n shop", "PolicyPlan", 0},
	{"secure diff --base EXAMPLES/shop-by-hand -f EXAMPLES/shop-by-hand", "ReachabilityDiff", 0},
	{"secure lint -f EXAMPLES/shop-by-hand", "Diagnosis", 0},
	{"secure map -f EXAMPLES/shop-by-hand", "Reachability", 0},
	{"secure mtls -f EXAMPLES/shop-by-hand", "MTLSReport", 0},
	{"secure mtls --strict -n shop -f EXAMPLES/shop-by-hand", "PolicyPlan", 0},
	{"secure plan -f DIR/intents.yaml --base EXAMPLES/shop-by-hand", "PolicyPlan", 0},
	{"secure plan --from live --base EXAMPLES/shop-by-hand", "ServiceIntents", 0},
	{"version --client", "VersionReport", 0},
}

// objects are the commands whose -o json prints objects of Kubernetes, or a dashboard.
var objects = map[string]bool{
	"canary": true, "canary abort": true, "canary plan": true, "scaffold": true, "scaffold generate": true, "monitor generate dashboard": true,
}

// TestReportsFit runs the commands and holds what they print against the schemas.
func TestReportsFit(t *testing.T) {
	j := newJudges(t)
	dir := t.TempDir()
	for name, value := range map[string]string{"KUBECONFIG": filepath.Join(dir, "none"), "HOME": dir, "KUBERNETES_SERVICE_HOST": ""} {
		t.Setenv(name, value) // the cluster of who runs this is none of it
	}
	unpack(t, dir, "plugins/monitor/testdata/script/events-files.txtar", "dump.yaml")
	unpack(t, dir, "plugins/monitor/testdata/script/top-files.txtar", "saved.yaml")
	unpack(t, dir, "plugins/secure/testdata/script/plan.txtar", "intents.yaml")
	places := strings.NewReplacer("EXAMPLES", filepath.Join(root, "examples"), "DIR", dir, "PROM", promtest.Shared(t, "shop"))
	printed := map[string]bool{}
	for _, c := range calls {
		line := places.Replace(c.line)
		out := runs(t, c.code, line+" -o json")
		docs := documentsIn(out)
		if len(docs) == 0 || kindOf(docs[0]) != c.kind {
			t.Errorf("%s: expected a %s, found %.300s", line, c.kind, out)
		}
		for _, one := range docs {
			j.judge(t, line, one)
			printed[kindOf(one)] = true
		}
	}
	saved := documentsIn(runs(t, 0, places.Replace("diagnose snapshot save - -f EXAMPLES/shop-by-hand")))
	lines := documentsIn(runs(t, 1, places.Replace("diagnose -f EXAMPLES/article -o jsonl")))
	for _, one := range append(saved, lines...) {
		j.judge(t, kindOf(one), one)
		printed[kindOf(one)] = true
	}
	for _, d := range append(reportKinds(), document{kind: api.KindSnapshot}) {
		if !printed[d.kind] {
			t.Errorf("no call prints a %s", d.kind)
		}
	}
}

// TestReportsAreKnown looks for commands with -o json that are in no list above, and
// for commands that the schemas' index names and that print something else.
func TestReportsAreKnown(t *testing.T) {
	prints := map[string][]string{}
	for _, one := range calls {
		if command := commandOf(t, one.line); !slices.Contains(prints[command], one.kind) {
			prints[command] = append(prints[command], one.kind)
		}
	}
	for _, c := range known() {
		o := c.Flags().Lookup("output")
		if o == nil || !strings.Contains(o.Usage, "json,") && !strings.Contains(o.Usage, "json)") {
			if kinds := written(words(c)); len(kinds) > 0 {
				t.Errorf("%s has no -o json, and is said to print %v", words(c), kinds)
			}
			continue
		}
		found, said := prints[words(c)], written(words(c))
		if objects[words(c)] == (len(found) > 0) {
			t.Errorf("%s: expected it among the calls or among those that print objects", words(c))
		}
		slices.Sort(found)
		slices.Sort(said)
		if diff := cmp.Diff(said, found); diff != "" {
			t.Errorf("%s prints other kinds than the index of schemas says:\n%s", words(c), diff)
		}
	}
}

// commandOf are the words of the command that a line calls.
func commandOf(t *testing.T, line string) string {
	t.Helper()
	c, _, err := newRoot().Find(strings.Fields(line))
	if err != nil {
		t.Fatal(err)
	}
	return words(c)
}

// unpack takes one file out of a script of a test.
func unpack(t *testing.T, dir, script, name string) {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join(root, script))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		if f.Name == name {
			if err := os.WriteFile(filepath.Join(dir, name), f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("%s has no %s", script, name)
}

// runs calls one command line in this process, with no environment, and returns what it
// prints.
func runs(t *testing.T, code int, line string) []byte {
	t.Helper()
	var out, errOut bytes.Buffer
	f := cli.NewFactory(cli.Streams{In: strings.NewReader(""), Out: &out, ErrOut: &errOut}, cli.Build{Version: "v0.1.0", Platform: "linux/amd64"})
	f.Getenv = func(string) string { return "" }
	args := strings.Fields(line)
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "->", " -> ")
	}
	if got := cli.Run(t.Context(), f, plugins.All(), append([]string{"kubectl-micro"}, args...)); got != code {
		t.Errorf("%s: exit code %d, expected %d: %s", line, got, code, errOut.String())
	}
	return out.Bytes()
}

// TestSchemasRefuse has each schema find what is wrong.
func TestSchemasRefuse(t *testing.T) {
	j := newJudges(t)
	const head = "apiVersion: kubectl-micro.dev/v1alpha1\nkind: "
	for _, c := range []struct{ text, want string }{
		{head + "Settings\ndefaults: {window: 10m, v: 2, no-headers: true}\ncontexts: {prod:}\n", ""},
		{head + "Settings\ndefaults: {windwo: 10m}\n", "windwo"},
		{head + "Settings\ncommands: {monitor: {window: [10m]}}\n", "/commands/monitor/window"},
		{head + "Config\ndiagnose: {ignore: [{rules: []}]}\n", "/diagnose/ignore/0/rules"},
		{head + "Config\ndiagnose: {severities: {KM3004: fatal}}\n", "/diagnose/severities/KM3004"},
		{head + "ServiceIntents\nmetadata: {name: a}\nspec: {workload: deploy/a, callers: [{from: kubelet, ports: [http]}]}\n", "/spec/callers/0/ports/0"},
		{head + "Objective\nmetadata: {name: a}\nspec: {service: a, target: 99.9}\n", ""},
		{head + "Objective\nmetadata: {name: a}\nspec: {service: a, target: 99.9, profile: nginx}\n", "/spec/profile"},
		{head + "ScaffoldLock\nmetadata: {name: a}\nsettings: {layout: helm, outputDir: .}\nfiles: {}\n", "/settings/layout"},
		{head + "System\nmetadata: {name: a}\nservices: {web: {image: a, ports: {http: 70000}}}\n", "/services/web/ports/http"},
		{head + "QueryList\nsource: x\nquery: up\nitems: [{labels: {}, points: [{at: 2026-03-01T12:00:00Z, value: null}]}]\n", ""},
		{head + "QueryList\nsource: x\nquery: up\nitems: [{labels: {}, points: [{at: yesterday, value: 1}]}]\n", "/items/0/points/0/at"},
		{head + "QueryList\nsource: x\nquery: null\nitems: []\n", "/query"},
	} {
		data, err := yaml.YAMLToJSON([]byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		docs := documentsIn(data)
		if len(docs) != 1 {
			t.Fatalf("expected a document of ours: %s", c.text)
		}
		got := ""
		if err := j[kindOf(docs[0])].Validate(docs[0]); err != nil {
			got = err.Error()
		}
		if c.want == "" && got != "" || c.want != "" && !strings.Contains(got, "'"+c.want+"'") {
			t.Errorf("%s\nexpected an error at %q, found %s", c.text, c.want, got)
		}
	}
}

// TestSettingsAgree holds the schema's flags against those that are read.
func TestSettingsAgree(t *testing.T) {
	j := newJudges(t)
	for _, flag := range settings.Flags() {
		text := "apiVersion: kubectl-micro.dev/v1alpha1\nkind: Settings\ndefaults: {" + flag + ": x}\n"
		if _, err := settings.Read("s.yaml", []byte(text)); err != nil {
			t.Error(err)
		}
		for _, value := range documentsIn([]byte(text)) {
			j.judge(t, flag, value)
		}
	}
}
