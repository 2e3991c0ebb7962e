// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// Applies reports whether a rule can say anything about a World.
func (r *Rule) Applies(w *World) bool { return !r.Live || !w.Offline }

// Run checks a World with rules, on all cores, and returns the results sorted
// by object, ID, field and message. Rules that do not apply are left out.
func Run(w *World, rules []*Rule) []Result {
	found := make([][]Result, len(rules))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(rules)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(rules)); i = next.Add(1) - 1 {
				if rules[i].Applies(w) {
					found[i] = rules[i].run(w)
				}
			}
		})
	}
	workers.Wait()
	out := slices.Concat(found...)
	slices.SortStableFunc(out, func(a, b Result) int {
		return cmp.Or(ref.Compare(a.Object, b.Object), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Where, b.Where), cmp.Compare(a.Message, b.Message))
	})
	return out
}

func (r *Rule) run(w *World) []Result {
	var out []Result
	r.Check(w, func(on *model.Object, pointer, format string, args ...any) *finding.Finding {
		f := &finding.Finding{
			ID: r.ID, Severity: r.Severity, Object: on.Ref, Pointer: pointer, Where: on.Where(pointer),
			Message: fmt.Sprintf(format, args...),
		}
		out = append(out, Result{Finding: f, Rule: r, On: on})
		return f
	})
	return out
}
