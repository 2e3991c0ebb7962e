// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture

import (
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// unmet is the check of a rule about controls of the Pod Security Standards: one
// finding for each reason.
func unmet(controls ...string) func(*rules.World, rules.Emit) {
	return func(w *rules.World, emit rules.Emit) {
		for _, of := range w.Judged("") {
			_, reasons := Level(of.Spec(), of.Template.Annotations)
			for _, r := range reasons {
				if slices.Contains(controls, r.Control) && !heldBack(of, r) {
					at := of.At + r.Pointer
					f := emit(of.Object, rules.Nearest(of.Object, at), "%s", r.Text)
					f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: at, Value: "level " + r.Level + " of the Pod Security Standards: " + r.Control})
				}
			}
		}
	}
}

// heldBack reports whether a reason is about a container that an injector fills in.
func heldBack(of *model.Workload, r Reason) bool {
	for at, c := range of.Containers() {
		if strings.HasPrefix(of.At+r.Pointer, at+"/") {
			return rules.FilledIn(c)
		}
	}
	return false
}

// eachContainer is the check of a rule about containers: the verdict is the field
// below the container, and what is wrong; empty for nothing.
func eachContainer(verdict func(w *rules.World, of *model.Workload, c *corev1.Container) (field, text string)) func(*rules.World, rules.Emit) {
	return func(w *rules.World, emit rules.Emit) {
		for _, of := range w.Judged("") {
			for at, c := range of.Containers() {
				if rules.FilledIn(c) {
					continue
				}
				if field, text := verdict(w, of, c); text != "" {
					emit(of.Object, rules.Nearest(of.Object, at+field), "container %s %s", c.Name, text)
				}
			}
		}
	}
}

// inContainer finds the container that a pointer leads into.
var inContainer = regexp.MustCompile(`^.*/(?:initContainers|containers)/\d+`)

// harden is the repair of a rule whose field every container may set: the value
// below the security context of the one that the finding is about. A pod, and a
// Job that exists, cannot be changed.
func harden(title, field string, value any) func(*rules.World, rules.Result) []rules.Fix {
	return func(w *rules.World, r rules.Result) []rules.Fix {
		of, found := w.Workload(r.On.Ref)
		at := inContainer.FindString(r.Pointer)
		if !found || at == "" || r.On.Live() && !of.Editable() {
			return nil
		}
		return []rules.Fix{rules.Change(rules.Review, title, r.On, rules.Set(r.On, at+"/securityContext"+field, value))}
	}
}
