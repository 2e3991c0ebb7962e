// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package arch_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/kubectl-micro/kubectl-micro/"

// floors maps every package of the suite to its floor. A package that is
// missing here fails the test: deciding its floor is part of adding it.
var floors = map[string]int{
	"pkg/ref": 0, "pkg/fault": 0, "pkg/patch": 0, "pkg/plan": 0, "pkg/finding": 0, "pkg/api": 0, "pkg/manifest": 0,
	"pkg/redact": 0, "pkg/verdict": 0, "pkg/strict": 0, "pkg/dockerfile": 0, "pkg/lines": 0, "pkg/roles": 0,
	"pkg/settings": 1, "pkg/model": 1, "pkg/schema": 1, "pkg/merge": 1,
	"pkg/traffic": 2, "pkg/canary": 2, "pkg/rules": 2, "pkg/diagnose": 2, "pkg/suppress": 2,
	"pkg/detect": 2, "pkg/image": 2, "pkg/draft": 2, "pkg/lift": 2, "pkg/reach": 2, "pkg/reach/network": 2, "pkg/reach/mesh": 2, "pkg/policy": 2, "pkg/policy/engine": 2, "pkg/app": 2, "pkg/lint": 2, "pkg/explain": 2,
	"pkg/layout": 2, "pkg/update": 2, "pkg/pipeline": 2, "pkg/signals": 2, "pkg/logs": 2, "pkg/timeline": 2, "pkg/slo": 2, "pkg/observe": 2, "pkg/usage": 2, "pkg/doctor": 2, "pkg/signals/compare": 2, "pkg/stat": 2, "pkg/status": 2,
	"pkg/source": 3, "pkg/scrape": 3, "pkg/prom": 3, "pkg/forward": 3, "pkg/doctor/probe": 3, "pkg/cluster": 3, "pkg/tail": 3, "pkg/render": 3, "pkg/report": 4,
	"pkg/cli": 4, "pkg/clitest": 4, "pkg/world": 4, "pkg/telemetry": 4, "pkg/tui": 4, "pkg/checkup": 4, "pkg/trace": 4,
	// What tests share stands where it can be used from.
	"pkg/internal/arch": 0, "pkg/internal/modeltest": 2, "pkg/internal/policytest": 3, "pkg/rules/rulestest": 3, "pkg/cluster/apitest": 4, "pkg/prom/promtest": 4,
	"plugins":            6,
	"cmd/internal/shape": 6, "cmd/kubectl-micro": 7, "cmd/gen-schema": 7, "cmd/gen-docs": 7, "cmd/gen-picture": 7, "cmd/gen-recording": 7,
}

// families is where the rules are; each package in it is on the floor of
// pkg/rules and imports that, and no other family but for the catalog of all.
const families = "pkg/rules/"

// pluginFloor is where each plugins/<name> stands.
const pluginFloor = 5

// sameFloor lists the imports within a floor, with the reason for each.
var sameFloor = map[string]string{
	"pkg/plan -> pkg/patch":               "a change is made of JSON Patch operations",
	"pkg/plan -> pkg/ref":                 "a change names its object",
	"pkg/finding -> pkg/ref":              "a finding names its object",
	"pkg/verdict -> pkg/ref":              "a hop names the object that decides",
	"pkg/strict -> pkg/manifest":          "what does not fit has a place in a document",
	"pkg/strict -> pkg/fault":             "what does not fit is an error with a place",
	"pkg/strict -> pkg/patch":             "places are JSON Pointers",
	"pkg/strict -> pkg/ref":               "a misspelt field has a near miss",
	"pkg/manifest -> pkg/fault":           "a broken document is an error with a place",
	"pkg/manifest -> pkg/patch":           "the editor applies the operations an API server would",
	"pkg/canary -> pkg/traffic":           "a canary is a decision about routes",
	"pkg/rules/routing -> pkg/traffic":    "rules about routes read them as the canary does",
	"pkg/rules/posture -> pkg/reach":      "exposure is computed",
	"pkg/rules/posture -> pkg/reach/mesh": "who calls whom in plain text is computed",
	"pkg/reach -> pkg/reach/network":      "a path crosses the network's policies",
	"pkg/reach -> pkg/reach/mesh":         "a path crosses the mesh's policies",
	"pkg/lint -> pkg/rules":               "the union of the linters is a choice of rules",
	"pkg/lint -> pkg/rules/catalog":       "rules of all families stand for checks of linters",
	"pkg/lint -> pkg/rules/hygiene":       "what generated objects are judged by",
	"pkg/lint -> pkg/rules/habits":        "its own rules are those of hygiene and of habits",
	"pkg/lint -> pkg/suppress":            "what an annotation exempts is no finding",
	"pkg/suppress -> pkg/rules":           "what is suppressed are the findings of rules",
	"pkg/diagnose -> pkg/rules":           "causes, fixes and baselines are made of what rules find",
	"pkg/policy/engine -> pkg/policy":     "policies ask the engine through it",
	"pkg/policy/engine -> pkg/reach":      "and it answers",
	"pkg/app -> pkg/image":                "an addon is Dockerfiles for the services",
	"pkg/app -> pkg/pipeline":             "an addon is a pipeline for the system",
	"pkg/lift -> pkg/app":                 "what generating would change is found by generating",
	"pkg/lift -> pkg/detect":              "both make names of services, and know stores by their images",
	"pkg/lift -> pkg/draft":               "both write app files",
	"pkg/layout -> pkg/app":               "what is laid out are the objects of a system",
	"pkg/update -> pkg/app":               "the lock is written as objects are",
	"pkg/update -> pkg/layout":            "what is updated are the files of a layout",
	"pkg/signals/compare -> pkg/signals":  "what is compared are golden signals",
	"pkg/slo -> pkg/signals":              "rules count what golden signals are",
	"pkg/observe -> pkg/signals":          "dashboards show golden signals",
	"pkg/observe -> pkg/slo":              "and what rules record of them",
	"pkg/observe -> pkg/app":              "collectors of logs are those of generated systems",
	"pkg/observe -> pkg/rules":            "what keeps a monitor from being taken is what the rules say",
	"pkg/observe -> pkg/rules/scrape":     "and it is found as they find it",
	"pkg/doctor -> pkg/rules":             "links rest on what rules find",
	"pkg/doctor -> pkg/rules/scrape":      "and on the views that they are found by",
	"pkg/doctor -> pkg/reach":             "whether Prometheus gets through is computed",
	"pkg/observe -> pkg/reach/mesh":       "whether plain text gets to a port is computed",
	"pkg/stat -> pkg/signals":             "rows are made of golden signals",
	"pkg/stat -> pkg/signals/compare":     "conditions on rows and gates are read and judged in one place",
	"pkg/status -> pkg/signals":           "a row has golden signals",
	"pkg/status -> pkg/usage":             "a row has what the workload uses",
	"pkg/prom -> pkg/cluster":             "the Prometheus of a cluster is found by its objects",
	"pkg/telemetry -> pkg/cli":            "which source is meant is a matter of flags",
	"pkg/world -> pkg/cli":                "which world is meant is a matter of flags",
	"pkg/checkup -> pkg/cli":              "a checkup is a command, whatever its name",
	"pkg/checkup -> pkg/world":            "rules run over the world that the flags mean",
	"pkg/checkup -> pkg/report":           "what the rules found is printed in its formats",
	"pkg/trace -> pkg/cli":                "a question about a request is a command, whatever its name",
	"pkg/trace -> pkg/world":              "a request is followed in the world that the flags mean",
	"pkg/clitest -> pkg/cluster/apitest":  "scripts run against its server",
	"pkg/tail -> pkg/cluster":             "logs are read over the one connection",
	"pkg/source -> pkg/cluster":           "source reads a cluster over the one connection that cluster writes with",
}

// impure lists imports that floors 0 to 2 must not have, directly.
var impure = []string{
	"net/http", "os", "os/exec", "os/user", "log", "math/rand", "math/rand/v2",
	"github.com/spf13/cobra", "github.com/spf13/pflag",
}

// impureDeep lists module prefixes that floors 0 to 2 must not depend on at all.
var impureDeep = []string{"k8s.io/client-go", "k8s.io/cli-runtime", "k8s.io/kubectl", "github.com/spf13/cobra"}

// only lists packages that one package of ours may import.
var only = map[string][]string{
	"github.com/olekukonko/tablewriter": {"pkg/render"},
	// A program that takes the whole screen, and what starts it, are in one place each.
	"charm.land/bubbletea/v2": {"pkg/tui"}, module + "pkg/tui": {"plugins/monitor"},
	// These cost 40 ms of start and 25 MB of binary.
	"k8s.io/kubectl/pkg/cmd/apply": nil, "k8s.io/kubectl/pkg/cmd/diff": nil, "k8s.io/kubectl/pkg/cmd/get": nil,
	"k8s.io/kubectl/pkg/util/completion": nil,
	// The typed clientsets: the suite lists with its own client and converts.
	"k8s.io/client-go/kubernetes": nil, "istio.io/client-go/pkg/clientset/versioned": nil,
}

type goPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Deps", "./pkg/...", "./plugins/...", "./cmd/...")
	cmd.Dir = "../../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func floorOf(path string) (int, bool) {
	if strings.HasPrefix(path, "plugins/") {
		return pluginFloor, true
	}
	f, ok := floors[path]
	if !ok && strings.HasPrefix(path, families) {
		return floors["pkg/rules"], true
	}
	return f, ok
}

func TestFloors(t *testing.T) {
	used := map[string]bool{}
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		floor, known := floorOf(from)
		if !known {
			t.Errorf("%s has no floor: add it to floors", from)
			continue
		}
		for _, imported := range p.Imports {
			to, ours := strings.CutPrefix(imported, module)
			if !ours {
				continue
			}
			edge := from + " -> " + to
			below, _ := floorOf(to)
			switch {
			case strings.HasPrefix(from, "plugins/") && strings.HasPrefix(to, "plugins/"):
				t.Errorf("%s: plugins never import each other", edge)
			case below > floor:
				t.Errorf("%s: floor %d imports floor %d", edge, floor, below)
			case strings.HasPrefix(from, families) && (to == "pkg/rules" || from == families+"catalog"):
			case below == floor:
				used[edge] = true
				if sameFloor[edge] == "" {
					t.Errorf("%s: both are on floor %d and the pair is not listed", edge, floor)
				}
			}
		}
	}
	for edge := range sameFloor {
		if !used[edge] {
			t.Errorf("%s is listed but does not exist: remove it", edge)
		}
	}
}

func TestPureFloors(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		if floor, known := floorOf(from); !known || floor > 2 {
			continue
		}
		for _, imported := range p.Imports {
			if slices.Contains(impure, imported) {
				t.Errorf("%s imports %s: floors 0 to 2 decide, they do not touch the world", from, imported)
			}
		}
		for _, dep := range p.Deps {
			for _, banned := range impureDeep {
				if dep == banned || strings.HasPrefix(dep, banned+"/") {
					t.Errorf("%s depends on %s", from, dep)
				}
			}
		}
	}
}

func TestOnlyOneImporter(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, imported := range p.Imports {
			for banned, allowed := range only {
				inside := imported == banned || (len(allowed) > 0 && strings.HasPrefix(imported, banned+"/"))
				if inside && !slices.Contains(allowed, from) {
					t.Errorf("%s imports %s, which only %v may", from, imported, allowed)
				}
			}
		}
	}
}
