// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM6001", Slug: "source-missing", Severity: finding.Error,
	Short: "Workload needs a ConfigMap, Secret or key that is not there",
	Why: `A container that takes an environment variable from a ConfigMap, a Secret or a key that does not
exist is not started (CreateContainerConfigError); a pod that mounts one stays in ContainerCreating.
Pods that run already go on until the next restart. A missing imagePullSecret hurts only images that
cannot be pulled without it.

References with ` + "`optional: true`" + ` are left out: the container starts without the value. In a cluster
keys are not looked at, because Secrets and ConfigMaps are read without their data.`,
	Fix: `Create the object in the namespace of the workload, correct the name or the key, or say
` + "`optional: true`" + ` if the container can do without it.`,
	Reference: "https://kubernetes.io/docs/concepts/configuration/secret/#restriction-secret-must-exist",
	Aliases: []string{
		"POP304", "POP305",
		"kube-linter:env-value-from",
	},
	Needs:    append([]*model.Kind{model.ConfigMaps.Kind, model.Secrets.Kind}, model.WorkloadKinds...),
	Explains: []string{"KM1005", "KM1006", "KM1013", "KM1014", "KM2001", "KM2015", "KM3002"},
	Check:    checkSources,
	Repair:   repairSource,
})

func checkSources(w *rules.World, emit rules.Emit) {
	made := madeElsewhere(w)
	for _, wl := range w.Workloads("") {
		if over(wl) {
			continue
		}
		var faults []*sourceFault
		for _, s := range sources(wl.Spec()) {
			if s.name == "" {
				continue // the API server rejects it
			}
			r := s.kind.Ref(wl.Ref.Namespace, s.name)
			if made[r] || given(w, s) {
				continue
			}
			faults = collect(faults, w, r, s)
		}
		for _, fault := range faults {
			fault.report(w, wl, emit)
		}
	}
}

// sourceFault is one thing that is missing, with all who need it.
type sourceFault struct {
	of      ref.Ref
	key     string // set when the object is there and the key is not
	keys    []string
	absence model.Absence
	needed  []source
}

// collect adds a source to the fault it belongs to, if it is one.
func collect(faults []*sourceFault, w *rules.World, r ref.Ref, s source) []*sourceFault {
	f := &sourceFault{of: r, needed: []source{s}}
	if o, found := w.Object(r); found {
		keys, known := keysOf(o)
		if !known || s.key == "" || slices.Contains(keys, s.key) {
			return faults
		}
		f.key, f.keys, f.absence = s.key, keys, model.Proven
	} else {
		absence, missing := w.Missing(s.kind, r.Namespace, s.name)
		if !missing {
			return faults
		}
		f.absence = absence
	}
	for _, old := range faults {
		if old.of == f.of && old.key == f.key {
			old.needed = append(old.needed, s)
			return faults
		}
	}
	return append(faults, f)
}

func (m *sourceFault) report(w *rules.World, wl *model.Workload, emit rules.Emit) {
	fields := m.fields()
	first, what := m.needed[0], fmt.Sprintf("%s %s", m.of, m.absence)
	if m.key != "" {
		what = fmt.Sprintf("%s has no key %s", m.of, m.key)
	}
	verb := "needs"
	if first.pull {
		verb = "names"
	}
	f := emit(wl.Object, wl.SpecAt()+fields[0].at, "%s, but %s %s it%s", what, first.by, verb, others(len(fields)-1))
	f.Reason = what
	if m.onlyPulls() {
		f.Severity = finding.Warning
	}
	rules.Weigh(f, m.weight(w))
	for _, field := range fields {
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "field", Of: wl.Where(wl.SpecAt() + field.at), Value: field.by})
	}
	f.Related = append(f.Related, m.of)
	f.Hint = m.hint(w)
	names, of := waiting(wl, m.concerns)
	if len(names) > 0 {
		f.Pods, f.Of = names, of
	}
	f.State = latent(wl, len(names) > 0 || of == 0 && short(wl))
}

// weight is what the absence proves: little of a Secret that a program may make.
func (m *sourceFault) weight(w *rules.World) model.Absence {
	k := m.needed[0].kind
	if m.absence == model.NotInSet && k == model.Secrets.Kind && granted(w, m.of.Namespace) &&
		len(ref.Closest(m.of.Name, w.Names(k, m.of.Namespace))) == 0 {
		return model.Outside
	}
	return m.absence
}

// concerns reports whether a pod, which may be of another revision, needs it too.
func (m *sourceFault) concerns(spec *corev1.PodSpec) bool {
	for _, s := range sources(spec) {
		if s.kind.Kind == m.of.Kind && s.name == m.of.Name && (m.key == "" || s.key == m.key) {
			return true
		}
	}
	return false
}

func (m *sourceFault) onlyPulls() bool {
	for _, s := range m.needed {
		if !s.pull {
			return false
		}
	}
	return true
}

// hint names what was probably meant, else how to make the thing.
func (m *sourceFault) hint(w *rules.World) string {
	if m.key != "" {
		if near := ref.Closest(m.key, m.keys); len(near) > 0 {
			return "did you mean key " + near[0] + "?"
		}
		if len(m.keys) == 0 {
			return "it has no keys at all"
		}
		return "its keys are " + strings.Join(m.keys[:min(8, len(m.keys))], ", ")
	}
	k := m.needed[0].kind
	if near := rules.DidYouMean(m.of.Name, w.Names(k, m.of.Namespace)); near != "" {
		return near
	}
	for _, o := range w.OfKind(k.GroupKind) {
		if o.Ref.Name == m.of.Name {
			return fmt.Sprintf("there is %s, but pods take only those of their own namespace", o.Ref)
		}
	}
	if m.absence != model.Proven {
		return ""
	}
	if m.onlyPulls() {
		return fmt.Sprintf("kubectl -n %s create secret docker-registry %s --docker-server=REGISTRY --docker-username=USER --docker-password=PASSWORD", m.of.Namespace, m.of.Name)
	}
	if k == model.Secrets.Kind {
		return fmt.Sprintf("kubectl -n %s create secret generic %s --from-literal=%s=VALUE", m.of.Namespace, m.of.Name, m.exampleKey())
	}
	return fmt.Sprintf("kubectl -n %s create configmap %s --from-literal=%s=VALUE", m.of.Namespace, m.of.Name, m.exampleKey())
}

// field is where a pod says what it needs, and what of it does.
type field struct{ at, by string }

// fields are those that need what is not there, each once: a volume with items
// names its source once for all of them.
func (m *sourceFault) fields() []field {
	var out []field
	for _, s := range m.needed {
		one := field{s.at, s.by}
		if m.key != "" {
			one.at = s.keyAt
		}
		if !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}

func (m *sourceFault) exampleKey() string {
	for _, s := range m.needed {
		if s.key != "" {
			return s.key
		}
	}
	return "KEY"
}

// repairSource corrects a misspelt name or key, for every field that has it.
func repairSource(w *rules.World, r rules.Result) []rules.Fix {
	wl, ok := w.Workload(r.On.Ref)
	if !ok || len(r.Related) == 0 {
		return nil
	}
	of, key := r.Related[0], ""
	all := sources(wl.Spec())
	for _, s := range all {
		if wl.SpecAt()+s.keyAt == r.Pointer && s.keyAt != "" {
			key = s.key
		}
	}
	k, known := model.KindFor(of.GroupKind())
	if !known {
		return nil
	}
	candidates := w.Names(k, of.Namespace)
	if o, found := w.Object(of); found {
		candidates, _ = keysOf(o)
	}
	wrong := of.Name
	if key != "" {
		wrong = key
	}
	near := ref.Closest(wrong, candidates)
	if len(near) == 0 {
		return nil
	}
	right := near[0]
	var ops []patch.Op
	for _, s := range all {
		switch {
		case s.kind.Kind != of.Kind || s.name != of.Name:
		case key == "":
			ops = replaceOnce(ops, wl.SpecAt()+s.at, right)
		case s.key == key:
			ops = replaceOnce(ops, wl.SpecAt()+s.keyAt, right)
		}
	}
	return []rules.Fix{rules.Change(rules.Review, fmt.Sprintf("take %s instead of %s", right, wrong), wl.Object, ops...)}
}

// replaceOnce adds an operation; a volume with items names its source once.
func replaceOnce(ops []patch.Op, at, value string) []patch.Op {
	for _, op := range ops {
		if op.Path == at {
			return ops
		}
	}
	return append(ops, patch.Op{Op: patch.Replace, Path: at, Value: value})
}

func others(n int) string {
	switch {
	case n <= 0:
		return ""
	case n == 1:
		return ", and so does another field"
	}
	return fmt.Sprintf(", and so do %d other fields", n)
}
