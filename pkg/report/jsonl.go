// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"io"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

var _ = register("jsonl", jsonl)

// jsonl writes one api.FindingLine a line: causes, each before what it
// explains, then what is suppressed and what an overlay mends.
func jsonl(w io.Writer, d *api.Diagnosis, _ Options) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	line := func(f *api.Finding, role string, cause *api.Finding, score float64) api.FindingLine {
		out := api.FindingLine{TypeMeta: api.Type("Finding"), Role: role, Score: score, Finding: *f}
		if cause != nil {
			out.Cause = &api.FindingID{ID: cause.ID, Fingerprint: cause.Fingerprint}
		}
		return out
	}
	var all []api.FindingLine
	for i := range d.Causes {
		c := &d.Causes[i]
		all = append(all, line(&c.Finding, "cause", &c.Finding, c.Score))
		for j := range c.Explains {
			all = append(all, line(&c.Explains[j], "explained", &c.Finding, c.Score))
		}
	}
	for i := range d.Suppressed {
		s := &d.Suppressed[i]
		one := line(&s.Finding, "suppressed", nil, 0)
		one.By, one.Reason = s.By, s.Reason
		all = append(all, one)
	}
	for i := range d.Gone {
		all = append(all, line(&d.Gone[i], "gone", nil, 0))
	}
	for i := range all {
		if err := encoder.Encode(&all[i]); err != nil {
			return err
		}
	}
	return nil
}
