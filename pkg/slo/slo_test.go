// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/app"
	"github.com/kubectl-micro/kubectl-micro/pkg/slo"
)

// promtool runs the real one.
func promtool(t *testing.T, args ...string) (string, error) {
	t.Helper()
	program, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatal("found no promtool, which says whether rules are rules: apt-get install prometheus")
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), "GOGC=400") // a third of its time goes into a heap of some megabytes
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func objective(t *testing.T, s api.ObjectiveSpec) slo.Objective {
	t.Helper()
	if s.Service == "" {
		s.Service = "users"
	}
	o, err := slo.New(api.Objective{Spec: s}, "shop")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// suite is a directory with rules, and tests of them, that promtool is to run.
type suite struct{ dir string }

// add writes rules and their test, of which only the scenarios that match count.
func (s suite) add(t *testing.T, name, rules string, o slo.Objective, scenarios string) {
	t.Helper()
	test := slo.UnitTest(name+".rules.yaml", o)
	wanted := regexp.MustCompile(scenarios)
	test["tests"] = slices.DeleteFunc(test["tests"].([]any), func(one any) bool { return !wanted.MatchString(one.(map[string]any)["name"].(string)) })
	if len(test["tests"].([]any)) == 0 {
		t.Fatalf("%s: expected a scenario with %q", name, scenarios)
	}
	for file, data := range map[string][]byte{".rules.yaml": []byte(rules), ".test.yaml": app.YAML(test)} {
		if err := os.WriteFile(filepath.Join(s.dir, name+file), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// run checks the rules, runs the tests, and returns what promtool says about those that
// fail. Each is run alone: of several, promtool 3 does not say which one it means.
func (s suite) run(t *testing.T) map[string]string {
	t.Helper()
	if out, err := promtool(t, append([]string{"check", "rules"}, s.files(t, "rules")...)...); err != nil {
		t.Fatalf("promtool check rules: %v\n%s", err, out)
	}
	failed := map[string]string{}
	for _, file := range s.files(t, "test") {
		if out, err := promtool(t, "test", "rules", file); err != nil {
			failed[strings.TrimSuffix(filepath.Base(file), ".test.yaml")] = out
		}
	}
	return failed
}

func (s suite) files(t *testing.T, what string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "*."+what+".yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("expected files of %s: %v", what, err)
	}
	return files
}

// week makes the tests of an objective short: its windows are.
const week = "7d"

// objectives are of each profile, and of all that an objective may say. What they go
// through is divided among them: rules about what happens in hours are made of
// recordings, and are the same for all.
var objectives = map[string]struct {
	spec      api.ObjectiveSpec
	scenarios string
}{
	"month":           {api.ObjectiveSpec{Target: 99.9}, "an outage$|at different"},
	"istio":           {api.ObjectiveSpec{Target: 99.9, Period: week}, "ever gone wrong|an outage that is over|begin again|both ends|were repeated|without a proxy|gRPC|can judge|no longer|at different"},
	"server":          {api.ObjectiveSpec{Target: 99.9, Period: week, View: "server"}, "both ends|were repeated|without a proxy|gRPC|can judge|no longer|at different"},
	"latency":         {api.ObjectiveSpec{Target: 99, Period: week, Latency: "500ms", View: "server"}, "both ends|were repeated|without a proxy|can judge|no longer|at different"},
	"latency-client":  {api.ObjectiveSpec{Target: 99, Period: week, Latency: "500ms"}, "ever gone wrong|can judge|both ends|were repeated|begin again|no longer|at different"},
	"a-lower-target":  {api.ObjectiveSpec{Target: "84", Period: week}, "an outage$|busy day|five requests"},
	"a-high-target":   {api.ObjectiveSpec{Target: 99.999, Period: week}, "would use up"},
	"no-guards":       {api.ObjectiveSpec{Target: 99.9, Period: week, MinimumEvents: new(int32(0)), LowTraffic: new(int32(0))}, "five requests"},
	"quiet":           {api.ObjectiveSpec{Target: 99.9, Period: week, Quiet: true}, "nobody calls"},
	"http":            {api.ObjectiveSpec{Target: 99.9, Period: week, Profile: "http"}, "ever gone wrong|nobody calls|begin again|can judge"},
	"http-total":      {api.ObjectiveSpec{Target: 99.9, Period: week, Profile: "http", Metric: "http_requests_total", Selector: map[string]string{"job": `a"b`}}, "busy day"},
	"grpc":            {api.ObjectiveSpec{Target: 99.9, Period: week, Profile: "grpc"}, "an outage$|five requests|can judge"},
	"spring":          {api.ObjectiveSpec{Target: 99.9, Period: week, Profile: "spring"}, "an outage that is over|can judge"},
	"spring-latency":  {api.ObjectiveSpec{Target: 95, Period: week, Profile: "spring", Latency: "200ms", Buckets: []string{"0.2", "0.4"}}, "begin again|can judge"},
	"otel":            {api.ObjectiveSpec{Target: 99.9, Period: week, Profile: "otel"}, "within the budget|ever counted|can judge"},
	"otel-in-seconds": {api.ObjectiveSpec{Target: 99, Period: week, Profile: "otel", Latency: "1s"}, "an outage$|ever gone wrong"},
}

// TestUnitTests has promtool run the tests that come with the rules.
func TestUnitTests(t *testing.T) {
	t.Parallel()
	s := suite{t.TempDir()}
	for name, c := range objectives {
		o := objective(t, c.spec)
		s.add(t, name, string(app.YAML(slo.Groups(o))), o, c.scenarios)
	}
	for name, text := range s.run(t) {
		t.Errorf("%s: promtool test rules: %s", name, text)
	}
}

// TestScenarios has each scenario in TestUnitTests, and each objective.
func TestScenarios(t *testing.T) {
	ran := map[string]bool{}
	for _, c := range objectives {
		for _, one := range slo.UnitTest("rules.yaml", objective(t, c.spec))["tests"].([]any) {
			name := one.(map[string]any)["name"].(string)
			_, scenario, _ := strings.Cut(name, ": ")
			ran[scenario] = ran[scenario] || regexp.MustCompile(c.scenarios).MatchString(name)
		}
	}
	for scenario, does := range ran {
		if !does {
			t.Errorf("no objective goes through %q", scenario)
		}
	}
}

// mutants are ways in which rules of others are wrong: the scenario that has to notice,
// what is replaced, by what.
var mutants = []struct {
	name, profile, caught, old, new string
	// latency is a promise about time.
	latency bool
}{
	{"requests count at both ends", "istio", "both ends count", `reporter="source"`, `reporter=~"source|destination"`, false},
	{"the called one is believed first", "istio", "tries that failed", `reporter="(source|destination)"`, `reporter="not $1"`, false},
	{"failures that never happened are nothing", "istio", "nothing has ever gone wrong", ` or 0 \* sum by [^\n]*`, ")", false},
	{"failures that never happened are nothing", "http", "nothing has ever gone wrong", `or\n *0 \* sum[^\n]*`, "", false},
	{"calls that never arrived are well", "istio", "both ends count", `5\.\.\|0`, `5..`, false},
	{"gRPC is HTTP", "istio", "calls of gRPC", `grpc_response_status=~"[^"]*"`, `grpc_response_status="99"`, false},
	{"nothing divided by nothing", "http", "nobody calls any more", ` > 0\)`, `)`, false},
	{"counters never begin again", "http", "processes that begin again", `rate\(([^()]*\[2m1ms\])\)`, `(delta($1) / 120)`, false},
	{"one counter for another", "spring", "an outage$", `outcome="SERVER_ERROR"`, `outcome="CLIENT_ERROR"`, false},
	{"errors of a kind", "otel", "an outage$", `error_type!=""`, `error_type="500"`, false},
	{"a burn that is allowed", "http", "errors are within the budget", ` > 0\.0144`, ` > 0.0001`, false},
	{"a burn that is too much", "http", "an outage$", ` > 0\.0144`, ` > 0.0288`, false},
	{"a slow burn that is too much", "http", "errors that would use up", ` > 0\.006`, ` > 0.012`, false},
	{"one failure wakes somebody up", "http", "five requests", `\n *and\n[^\n]* > 9\.5`, "", false},
	{"few requests are nobody's business", "http", "five requests", `> 2\.5 <`, `> 250 <`, false},
	{"the busy hours weigh as the quiet ones", "http", "a busy day", `'1 - slo:errors:rate7d.*`, `1 - avg_over_time(slo:error_budget:burn_rate[7d])`, false},
	{"a window of another length", "http", "an outage$", `\[13m59s\]`, `[10m]`, false},
	{"nobody is missed", "http", "nobody calls any more", `absent\((slo[^\n]*) > 0\)`, `absent($1 >= 0)`, false},
	{"a bucket of another bound", "istio", "an outage$", `500\(`, `250(`, true},
	{"buckets are counted for requests", "istio", "an outage$", `_count\{`, `_bucket{`, true},
	{"a bucket is always missed", "istio", "an outage$", ` or vector\(0\)\)`, " * 0 or vector(0))", true},
	{"a bucket is never missed", "istio", "a process of which nobody can judge", ` > 0\.000001`, " > 1", true},
	{"only half of the buckets are missed", "istio", "no process of which", ` or vector\(0\)`, "", true},
	{"whoever lacks the bucket is fast", "istio", "a process of which nobody can judge", ` and sum without \(le\) \(rate\(.*?1ms\](| offset [12]m)\)\)`, "", true},
	{"whoever lacks the bucket is slow", "istio", "a process of which nobody can judge", `(?s)(clamp_min.*?, 0\))`, "slo:events:rate2m * 0.5", true},
	{"what tells no outcome went well", "http", "a process of which nobody can judge", `,(code|status|status_code)=~"\[1-5\][^"]*"`, "", false},
	{"what tells no outcome went well", "istio", "a process of which nobody can judge", `,response_code=~"\[1-5\][^"]*"`, "", false},
	{"no outcome is missed", "http", "a process of which nobody can judge", ` > 0\) > 0\.001`, " > 0) > 1", false},
	{"no outcome at all is well", "http", "no process of which", ` or vector\(0\)`, "", false},
	{"who is not believed has to know", "istio", "an end that nobody can judge by", `(?s)1 - \(sum\(slo.*?> 0\) > 0\.001`, `sum(rate(istio_requests_total{response_code=""}[2m1ms])) > 0`, false},
	{"an end that is silent is believed", "istio", "an end that counts no longer", `\n *unless\n[^\n]*`, "", false},
	{"who is read first is believed", "istio", "different instants", ` offset [12]m`, "", false},
}

// TestMutants breaks rules one by one: each time the test has to fail, else it proves
// nothing.
func TestMutants(t *testing.T) {
	t.Parallel()
	s := suite{t.TempDir()}
	for i, m := range mutants {
		spec := api.ObjectiveSpec{Target: 99.9, Period: week, Profile: m.profile}
		if m.latency {
			spec = api.ObjectiveSpec{Target: 99, Period: week, Latency: "500ms"}
		}
		o := objective(t, spec)
		rules := string(app.YAML(slo.Groups(o)))
		broken := regexp.MustCompile(m.old).ReplaceAllString(rules, m.new)
		if m.name == "the called one is believed first" {
			broken = strings.NewReplacer(`"not source"`, `"destination"`, `"not destination"`, `"source"`).Replace(broken)
		}
		if broken == rules {
			t.Fatalf("expected %s in the rules, found it nowhere:\n%s", m.old, rules)
		}
		s.add(t, fmt.Sprint(i), broken, o, m.caught)
	}
	failed := s.run(t)
	for i, m := range mutants {
		switch text, caught := failed[fmt.Sprint(i)]; {
		case !caught:
			t.Errorf("%s, %s: the test passes", m.profile, m.name)
		case !strings.Contains(text, "FAILED") || !strings.Contains(text, "got:"):
			t.Errorf("%s, %s: it fails for another reason: %s", m.profile, m.name, text)
		}
	}
}
