// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// field is one of the five fields of a cron schedule.
type field struct {
	name     string
	min, max int
	// words are names for numbers, the first for min.
	words []string
}

var (
	months   = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
	weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	fields   = []field{
		{"minute", 0, 59, nil}, {"hour", 0, 23, nil}, {"day of month", 1, 31, nil}, {"month", 1, 12, months}, {"day of week", 0, 6, weekdays},
	}
	// longestMonth has the days of each month in a leap year.
	longestMonth = []int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	shortcuts    = []string{"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
)

// checkSchedule says what is wrong with the schedule of a CronJob, as the end of
// a sentence that starts with it; empty when nothing is. It takes what the API
// server takes: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax.
func checkSchedule(schedule string) string {
	if strings.HasPrefix(schedule, "@") {
		return checkShortcut(schedule)
	}
	if strings.Contains(schedule, "TZ") {
		return "names a time zone, which belongs into spec.timeZone"
	}
	parts := strings.Fields(schedule)
	if len(parts) != len(fields) {
		return fmt.Sprintf("has %d fields, expected 5: minute, hour, day of month, month, day of week", len(parts))
	}
	var values [5][]int
	for i, f := range fields {
		var fault string
		if values[i], fault = f.parse(parts[i]); fault != "" {
			return fault
		}
	}
	if anyDay := parts[4] == "*" || parts[4] == "?"; anyDay && !comes(values[2], values[3]) {
		return "never comes: none of its months has such a day"
	}
	return ""
}

func checkShortcut(schedule string) string {
	if every, ok := strings.CutPrefix(schedule, "@every "); ok {
		if _, err := time.ParseDuration(every); err != nil {
			return fmt.Sprintf("needs a duration such as 1h30m after @every, found %q", every)
		}
		return ""
	}
	if !slices.Contains(shortcuts, schedule) {
		return "is none of " + strings.Join(shortcuts, ", ")
	}
	return ""
}

// comes reports whether one of the months ever has one of the days.
func comes(days, months []int) bool {
	if len(days) == 0 {
		return false // "," is a list of nothing
	}
	first := slices.Min(days)
	return slices.ContainsFunc(months, func(m int) bool { return first <= longestMonth[m-1] })
}

// parse returns the values of a field such as "1,5-20/5" or "mon-fri".
func (f field) parse(text string) (values []int, fault string) {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' }) {
		span, by, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			n, err := strconv.Atoi(by)
			if err != nil || n < 1 {
				return nil, fmt.Sprintf("has the step %q for the %s, expected a number above 0", by, f.name)
			}
			step = n
		}
		from, to, fault := f.span(span, stepped)
		if fault != "" {
			return nil, fault
		}
		for v := from; v <= to; v += min(step, f.max+1) {
			values = append(values, v)
		}
	}
	return values, ""
}

// span returns the ends of "*", "?", "5", "5-20"; a single value with a step goes on
// to the end.
func (f field) span(text string, stepped bool) (from, to int, fault string) {
	if text == "*" || text == "?" {
		return f.min, f.max, ""
	}
	low, high, isRange := strings.Cut(text, "-")
	from, ok := f.value(low)
	to = from
	if ok && isRange {
		to, ok = f.value(high)
	} else if stepped {
		to = f.max
	}
	if !ok || from > to {
		return 0, 0, fmt.Sprintf("has %q for the %s, expected %d to %d", text, f.name, f.min, f.max)
	}
	return from, to, ""
}

func (f field) value(text string) (int, bool) {
	if i := slices.Index(f.words, strings.ToLower(text)); i >= 0 {
		return f.min + i, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= f.min && n <= f.max
}
