// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"regexp"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// check is what a rule does.
type check = func(*rules.World, rules.Emit)

// eachWorkload is the check of a rule about workloads: the verdict is the pointer
// of a field, and what is wrong; empty for nothing.
func eachWorkload(verdict func(w *rules.World, of *model.Workload) (pointer, text string)) check {
	return func(w *rules.World, emit rules.Emit) {
		for _, of := range w.Judged("") {
			if pointer, text := verdict(w, of); text != "" {
				emit(of.Object, rules.Nearest(of.Object, pointer), "%s", text)
			}
		}
	}
}

// eachPod is eachWorkload for fields below the pod spec.
func eachPod(verdict func(of *model.Workload, spec *corev1.PodSpec) (field, text string)) check {
	return eachWorkload(func(_ *rules.World, of *model.Workload) (pointer, text string) {
		field, text := verdict(of, of.Spec())
		return of.SpecAt() + field, text
	})
}

// eachContainer is the check of a rule about containers, those that prepare the
// pod too: the verdict is the field below the container, and what it is like.
func eachContainer(verdict func(of *model.Workload, c *corev1.Container) (field, text string)) check {
	return func(w *rules.World, emit rules.Emit) {
		for _, of := range w.Judged("") {
			for at, c := range of.Containers() {
				if rules.FilledIn(c) {
					continue
				}
				if field, text := verdict(of, c); text != "" {
					emit(of.Object, rules.Nearest(of.Object, at+field), "container %s %s", c.Name, text)
				}
			}
		}
	}
}

// eachServing is eachContainer for those that run for as long as their pod, of
// pods that are not meant to end.
func eachServing(verdict func(c *corev1.Container) (field, text string)) check {
	return eachContainer(func(of *model.Workload, c *corev1.Container) (field, text string) {
		if of.Ends() || prepares(of, c) {
			return "", ""
		}
		return verdict(c)
	})
}

// prepares reports whether a container is one of the init containers.
func prepares(of *model.Workload, c *corev1.Container) bool {
	list := of.Spec().InitContainers
	for i := range list {
		if &list[i] == c {
			return true
		}
	}
	return false
}

// container finds the container that a pointer leads into.
var container = regexp.MustCompile(`^.*/(?:initContainers|containers)/\d+`)

// inContainer is the repair that gives a field of the container that a finding is
// about a value.
func inContainer(risk rules.Risk, title, field string, value any) func(*rules.World, rules.Result) []rules.Fix {
	return func(w *rules.World, r rules.Result) []rules.Fix {
		at := container.FindString(r.Pointer)
		if at == "" || !editable(w, r) {
			return nil
		}
		return []rules.Fix{rules.Change(risk, title, r.On, rules.Set(r.On, at+field, value))}
	}
}

// inPod is the repair that gives a field of the pod spec a value.
func inPod(risk rules.Risk, title, field string, value any) func(*rules.World, rules.Result) []rules.Fix {
	return func(w *rules.World, r rules.Result) []rules.Fix {
		of, found := w.Workload(r.On.Ref)
		if !found || !editable(w, r) {
			return nil
		}
		return []rules.Fix{rules.Change(risk, title, r.On, rules.Set(r.On, of.SpecAt()+field, value))}
	}
}

// editable reports whether the workload of a finding can be changed: a pod, and a
// Job that exists, cannot.
func editable(w *rules.World, r rules.Result) bool {
	of, found := w.Workload(r.On.Ref)
	return found && (!r.On.Live() || of.Editable())
}

// scaled reports whether a kind of workload has a number of pods.
func scaled(of *model.Workload) bool {
	return of.Ref.Kind == model.Deployments.Kind.Kind || of.Ref.Kind == model.StatefulSets.Kind.Kind
}

func no(b *bool) bool { return b != nil && !*b }
