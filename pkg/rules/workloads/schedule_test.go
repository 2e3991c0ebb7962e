// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/workloads"
)

// schedule returns what is said about the schedule of a CronJob.
func schedule(t *testing.T, text string) string {
	t.Helper()
	b := model.NewBuilder(model.Options{Namespace: rulestest.Namespace, Offline: true, Partial: true})
	b.Add(model.FromRaw(map[string]any{
		"apiVersion": "batch/v1", "kind": "CronJob",
		"metadata": map[string]any{"name": "report"}, "spec": map[string]any{"schedule": text},
	}, rulestest.Namespace))
	s, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules.Run(&rules.World{Snapshot: s, Now: rulestest.Now}, workloads.Rules()) {
		if r.ID == "KM2015" {
			return r.Message
		}
	}
	return ""
}

func TestSchedules(t *testing.T) {
	for text, want := range map[string]string{
		"* * * * *":               "",
		"0 3 * * *":               "",
		"*/15 0-6,20 1,15 * ?":    "",
		"5/10 * * jan-MAR mon":    "",
		"0 0 29 2 *":              "",
		"0 0 31 2,3 *":            "",
		"0 0 31 2 mon":            "", // a Monday in February will do
		"59 23 31 12 6":           "",
		"@daily":                  "",
		"@every 1h30m":            "",
		"1,,2 * * * *":            "",
		"0 0 31 2 *":              "never comes",
		"0 0 30,31 feb *":         "never comes",
		"":                        "has 0 fields",
		"* * * *":                 "has 4 fields",
		"0 0 3 * * *":             "has 6 fields",
		"60 * * * *":              `has "60" for the minute, expected 0 to 59`,
		"* 24 * * *":              `has "24" for the hour`,
		"* * 0 * *":               `has "0" for the day of month`,
		"* * * 13 *":              `has "13" for the month`,
		"* * * * 7":               `has "7" for the day of week`,
		"* * * * x":               `has "x" for the day of week`,
		"5-1 * * * *":             `has "5-1" for the minute`,
		"*/0 * * * *":             `has the step "0" for the minute`,
		"*/x * * * *":             `has the step "x" for the minute`,
		"@fortnightly":            "is none of @yearly",
		"@every day":              "needs a duration",
		"TZ=Asia/Tokyo 0 3 * * *": "names a time zone",
	} {
		got := schedule(t, text)
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func FuzzSchedule(f *testing.F) {
	for _, seed := range []string{"*/15 0-6,20 1,15 * ?", "5/10 * * jan-MAR mon", "@every 1h", "0 0 31 2 *", ", , , , ,", "0-59/99999999999 * * * *", "1-- * * * *"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		// Blanks around fields mean nothing.
		if a, b := schedule(t, text) == "", schedule(t, " "+strings.Join(strings.Fields(text), "  ")+" ") == ""; a != b && !strings.HasPrefix(strings.TrimSpace(text), "@") {
			t.Errorf("%q: %t with other blanks than %t", text, b, a)
		}
	})
}
