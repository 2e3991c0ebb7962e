// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary_test

import (
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/json"

	"github.com/kubectl-micro/kubectl-micro/pkg/canary"
	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/plan"
)

// now is the time of every write in tests.
var now = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

// world is a cluster that takes writes, or files that do not.
type world struct {
	live bool
	text string
	raws []map[string]any
}

func cluster(t testing.TB, text string) world {
	t.Helper()
	w := world{live: true}
	for _, o := range modeltest.Objects(t, "live.yaml", text) {
		w.raws = append(w.raws, o.Raw())
	}
	return w
}

func files(t testing.TB, text string) world {
	t.Helper()
	return world{text: text}
}

func (w *world) Snapshot(t testing.TB) *model.Snapshot {
	t.Helper()
	if w.live {
		return modeltest.Raw(t, w.raws...)
	}
	return modeltest.Files(t, "files.yaml", w.text)
}

// find returns the place of an object: "virtualservice/reviews".
func (w *world) find(short string) (int, bool) {
	for i, raw := range w.raws {
		if model.FromRaw(raw, modeltest.Namespace).Ref.Short() == short {
			return i, true
		}
	}
	return 0, false
}

// carryOut applies a plan as a cluster would: patches to the objects as they
// are now, so that a failing test operation fails the test.
func (w *world) carryOut(t testing.TB, p plan.Plan) {
	t.Helper()
	for _, c := range p.Changes {
		i, found := w.find(c.Object.Short())
		switch {
		case c.Verb == plan.Apply && !found:
			w.raws = append(w.raws, c.After)
		case c.Verb == plan.Apply:
			w.raws[i] = c.After
		default:
			w.raws[i] = apply(t, w.raws[i], c.Patch)
		}
	}
}

// other is a write by somebody else, as a JSON Patch.
func (w *world) other(t testing.TB, short, text string) {
	t.Helper()
	var list any // decoded as the API machinery does, with whole numbers as int64
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var ops []patch.Op
	for _, item := range list.([]any) {
		op := item.(map[string]any)
		ops = append(ops, patch.Op{Op: op["op"].(string), Path: op["path"].(string), Value: op["value"]})
	}
	i, found := w.find(short)
	if !found {
		t.Fatalf("no object %s", short)
	}
	w.raws[i] = apply(t, w.raws[i], ops)
}

func apply(t testing.TB, raw map[string]any, ops []patch.Op) map[string]any {
	t.Helper()
	after, err := patch.Apply(raw, ops)
	if err != nil {
		t.Fatal(err)
	}
	return after.(map[string]any)
}

// intent reads the arguments of a step as the command line does.
func intent(t testing.TB, args string) canary.Intent {
	t.Helper()
	in := canary.Intent{Now: now, By: "alice@ws-12", Remember: true}
	flags := flag.NewFlagSet("step", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	weight := flags.String("weight", "0", "")
	flags.StringVar(&in.Namespace, "n", modeltest.Namespace, "")
	flags.StringVar(&in.Route, "route", "", "")
	flags.StringVar(&in.Stable, "stable", "", "")
	flags.StringVar(&in.Canary, "canary", "", "")
	flags.BoolVar(&in.Rescale, "rescale", false, "")
	flags.BoolVar(&in.Fix, "fix", false, "")
	flags.BoolVar(&in.Foreign, "force-foreign", false, "")
	flags.BoolVar(&in.Unready, "allow-unready", false, "")
	flags.Float64Var(&in.Headroom, "headroom", 1, "")
	flags.IntVar(&in.MinReady, "min-ready", 0, "")
	forget := flags.Bool("forget", false, "")
	flags.BoolFunc("gitops-ignore", "", func(string) error { in.GitOps = true; return nil })
	fields := strings.Fields(args)
	if len(fields) > 0 && !strings.HasPrefix(fields[0], "-") {
		in.Name, fields = fields[0], fields[1:]
	}
	if err := flags.Parse(fields); err != nil || flags.NArg() > 0 {
		t.Fatalf("%s: %v %v", args, err, flags.Args())
	}
	in.Remember = !*forget
	var err error
	if in.Weight, err = canary.ParsePercent(*weight); err != nil {
		t.Fatal(err)
	}
	return in
}
