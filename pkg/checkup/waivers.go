// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package checkup

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/cli"
	"github.com/kubectl-micro/kubectl-micro/pkg/diagnose"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/catalog"
	"github.com/kubectl-micro/kubectl-micro/pkg/suppress"
)

// waivers are the reasons why findings do not count.
type waivers struct {
	// baseline holds the fingerprints of the findings in the file name.
	baseline map[string]bool
	name     string
	// config is nil without a file.
	config *api.Config
}

func (o *options) waivers() (*waivers, error) {
	w := &waivers{name: o.flags.baseline}
	var err error
	if w.config, err = findConfig(o.flags.config); err != nil {
		return nil, err
	}
	if w.name != "" {
		w.baseline, err = readBaseline(w.name)
	}
	return w, err
}

// over returns a request with what is waived in one World. Suppressions belong
// to the World that they stand in: there is one request for each.
func (w *waivers) over(world *rules.World, q diagnose.Request) diagnose.Request {
	set := suppress.New(world, w.config, catalog.Rules(), catalog.Means)
	q.Adjust = set.Severity
	q.Keep = func(r rules.Result) (*diagnose.Waiver, bool) {
		waiver, kept := set.Keep(r) // asked in any case: it tells what is not used
		switch {
		case !kept:
			return &diagnose.Waiver{By: waiver.By, Reason: waiver.Reason}, false
		case w.baseline[r.Fingerprint()]:
			return &diagnose.Waiver{By: w.name, Reason: "in the baseline"}, false
		}
		return nil, true
	}
	q.Remarks = func() []rules.Remark { return set.Remarks(q.Rules) }
	return q
}

// diagnosisKind is the kind of a report.
const diagnosisKind = "Diagnosis"

// noBaseline is the error of a baseline that cannot be read.
func noBaseline(name string, err error) error {
	err = fault.Unreadable(name, err)
	var e *fault.Error
	if errors.As(err, &e) && errors.Is(err, fs.ErrNotExist) {
		e.Message = "expected a baseline, a report in JSON; " + e.Message
		return e.Try("kubectl micro diagnose -o json >%s", cli.Quote(name))
	}
	return err
}

// readBaseline collects the fingerprints of a report: of causes, of what they
// explain, and of what was suppressed when it was written, so that a baseline
// can be made of a run with one.
func readBaseline(name string) (map[string]bool, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, noBaseline(name, err)
	}
	into := "baseline.json" // and not what holds something else
	refuse := func(format string, args ...any) *fault.Error {
		return fault.Failedf(format, args...).At(name).Try("kubectl micro diagnose -o json >%s", into)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		into = name
		return nil, refuse("expected a report in JSON, found an empty file: a shell empties the file it writes to before the command reads it")
	}
	var head api.TypeMeta
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, refuse("expected a report in JSON, as -o json prints it").Because(err)
	}
	if head.Kind != diagnosisKind || head.APIVersion != api.Version {
		return nil, refuse("expected a report of apiVersion %s and kind %s, found %q and %q", api.Version, diagnosisKind, head.APIVersion, head.Kind)
	}
	var report api.Diagnosis
	if err := json.Unmarshal(data, &report); err != nil {
		return nil, refuse("expected a report of kind %s", diagnosisKind).Because(err)
	}
	out := map[string]bool{}
	for _, c := range report.Causes {
		out[c.Fingerprint] = true
		for _, f := range c.Explains {
			out[f.Fingerprint] = true
		}
	}
	for _, f := range report.Suppressed {
		out[f.Fingerprint] = true
	}
	if out[""] {
		return nil, refuse("expected a fingerprint in each finding, found one without")
	}
	return out, nil
}
