// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

var update = flag.Bool("update", false, "write the golden sections of testdata")

// TestEdge runs the scripts of testdata/edge. Each is a txtar archive:
//
//	run         one step a line: set, abort or status with flags, or
//	            "other KIND/NAME [JSON PATCH]" for a write by somebody else
//	live.yaml   the cluster, or
//	files.yaml  files without a cluster
//	want        what each step says and plans
//
// In a cluster each step's plan is carried out before the next step runs, and a
// set that went through must plan nothing when it is repeated.
func TestEdge(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join("testdata", "edge", "*.txtar"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts in testdata/edge (%v)", err)
	}
	for _, name := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { runScript(t, name) })
	}
}

func runScript(t *testing.T, name string) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, f := range archive.Files {
		sections[f.Name] = string(f.Data)
	}
	var w world
	switch {
	case sections["live.yaml"] != "":
		w = cluster(t, sections["live.yaml"])
	case sections["files.yaml"] != "":
		w = files(t, sections["files.yaml"])
	default:
		t.Fatal("expected a section live.yaml or files.yaml")
	}
	var out strings.Builder
	for line := range strings.Lines(sections["run"]) {
		if line = strings.TrimSpace(line); line != "" {
			fmt.Fprintf(&out, "> %s\n", line)
			w.step(t, &out, line)
		}
	}
	if *update {
		writeGolden(t, name, archive, out.String())
		return
	}
	if diff := cmp.Diff(sections["want"], out.String()); diff != "" {
		t.Errorf("unexpected output (-want +got):\n%s", diff)
	}
}

func writeGolden(t *testing.T, name string, archive *txtar.Archive, text string) {
	t.Helper()
	kept := archive.Files[:0]
	for _, f := range archive.Files {
		if f.Name != "want" {
			kept = append(kept, f)
		}
	}
	archive.Files = append(kept, txtar.File{Name: "want", Data: []byte(text)})
	if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// step runs one line of a script.
func (w *world) step(t *testing.T, out *strings.Builder, line string) {
	t.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "set":
		in := intent(t, rest)
		d, err := canary.Set(w.Snapshot(t), in)
		show(out, d, err)
		if err == nil && w.live {
			w.carryOut(t, d.Plan)
			again, err := canary.Set(w.Snapshot(t), in)
			if err != nil || !again.Plan.Empty() {
				t.Errorf("%s: repeated, it plans %d changes (error %v)", line, len(again.Plan.Changes), err)
			}
		}
	case "abort":
		d, err := canary.Abort(w.Snapshot(t), intent(t, rest))
		show(out, d, err)
		if err == nil && w.live {
			w.carryOut(t, d.Plan)
		}
	case "status":
		in := intent(t, rest)
		status, err := canary.Status(w.Snapshot(t), in.Query, in.Choice)
		text, _ := json.MarshalIndent(status, "", " ")
		if err == nil {
			fmt.Fprintf(out, "%s\n", text)
		}
		showErrors(out, err)
	case "other":
		name, ops, _ := strings.Cut(rest, " ")
		w.other(t, name, ops)
	default:
		t.Fatalf("unknown step %q", line)
	}
}

func show(out *strings.Builder, d canary.Decision, err error) {
	if d.Pair.Rule != "" {
		fmt.Fprintf(out, "%s: canary = %s, stable = %s (%s)\n", d.Target, canary.Label(d.Pair.Canary), canary.Label(d.Pair.Stable), d.Pair.Rule)
	}
	for _, s := range d.Shifts {
		fmt.Fprintf(out, "%s %s: %s%% -> %s%%, stable %s%% -> %s%%\n", s.Object.Ref.Short(), s.ID(), s.Before, s.After, s.StableBefore, s.StableAfter)
	}
	for _, s := range d.Skips {
		fmt.Fprintf(out, "%s %s: left alone, %s\n", s.Object.Ref.Short(), s.ID(), s.Why)
	}
	for _, c := range d.Checks {
		fmt.Fprintf(out, "%s %s: %s: %s\n", c.Severity, c.ID, c.Where, c.Message)
	}
	showErrors(out, err)
	if err != nil {
		return
	}
	for _, c := range d.Plan.Changes {
		showChange(out, c)
	}
	if d.Plan.Empty() {
		fmt.Fprintln(out, "nothing to write")
	}
}

func showErrors(out *strings.Builder, err error) {
	for _, e := range fault.All(err) {
		fmt.Fprintf(out, "exit %d: %v\n", fault.KindOf(e), e)
		if f, ok := e.(*fault.Error); ok && f.Hint != "" {
			fmt.Fprintf(out, "    %s\n", strings.ReplaceAll(f.Hint, "\n", "\n    "))
		}
	}
}

func showChange(out *strings.Builder, c plan.Change) {
	fmt.Fprintf(out, "%s %s: %s\n", c.Verb, c.Object, c.Reason)
	if c.Verb == plan.Apply {
		text, _ := json.Marshal(c.After["spec"])
		fmt.Fprintf(out, "    %s\n", text)
		return
	}
	for _, op := range c.Patch {
		value, _ := json.Marshal(op.Value)
		if strings.Contains(op.Path, "annotations") {
			value = []byte("(session)")
		}
		if op.Op == patch.Remove {
			value = nil
		}
		fmt.Fprintf(out, "    %s\n", strings.TrimSpace(fmt.Sprintf("%s %s %s", op.Op, op.Path, value)))
	}
}
