// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package suppress

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// ignoreAnnotation is ours.
const ignoreAnnotation = "kubectl-micro.dev/ignore"

// annotations are the entries in the metadata of an object and of the pod
// template in it.
type annotations struct{ object, template []*entry }

// templates are where kinds have their pod templates; the metadata of a
// CronJob's jobs stand between it and its pods.
var templates = []string{"/spec/template", "/spec/jobTemplate/spec/template", "/spec/jobTemplate"}

// maxOwners bounds how far up owners are followed.
const maxOwners = 4

// annotated lists the entries in annotations that may be about a finding.
func (s *Set) annotated(r rules.Result) []*entry {
	if r.On == nil {
		return nil
	}
	notes := s.annotations(r.On)
	out := slices.Clone(notes.object)
	if r.Of > 0 || len(r.Pods) > 0 || slices.ContainsFunc(templates, func(t string) bool { return strings.HasPrefix(r.Pointer+"/", t+"/") }) {
		out = append(out, notes.template...)
	}
	on := r.On
	for range maxOwners {
		var found bool
		if on, found = s.owner(on); !found {
			break
		}
		notes := s.annotations(on)
		out = append(append(out, notes.object...), notes.template...)
	}
	return out
}

// owner returns the controller of an object.
func (s *Set) owner(o *model.Object) (*model.Object, bool) {
	for _, owner := range o.Meta().GetOwnerReferences() {
		if owner.Controller != nil && *owner.Controller {
			return s.world.Object(ref.Of(owner.APIVersion, owner.Kind, o.Ref.Namespace, owner.Name))
		}
	}
	return nil, false
}

// annotations reads those of an object, once.
func (s *Set) annotations(o *model.Object) *annotations {
	if notes, read := s.notes[o]; read {
		return notes
	}
	notes := &annotations{object: s.readAnnotations(o, "/metadata/annotations", "annotation of "+o.Ref.String())}
	for _, t := range templates {
		notes.template = append(notes.template,
			s.readAnnotations(o, t+"/metadata/annotations", "annotation of the pod template of "+o.Ref.String())...)
	}
	s.notes[o] = notes
	return notes
}

func (s *Set) readAnnotations(o *model.Object, pointer, by string) []*entry {
	found, err := patch.Get(o.Raw(), pointer)
	all, isMap := found.(map[string]any)
	if err != nil || !isMap {
		return nil
	}
	var out []*entry
	for _, key := range slices.Sorted(maps.Keys(all)) {
		value, isText := all[key].(string)
		if !isText {
			continue
		}
		at := patch.Join(pointer, key)
		if key == ignoreAnnotation {
			out = append(out, s.ownAnnotation(o, at, by, value)...)
		} else if ids, reason := s.peer(key, value); len(ids) > 0 {
			out = append(out, &entry{note: note{reason: reason}, by: key + " " + by, on: o, ids: ids, peer: true})
		}
	}
	return out
}

func (s *Set) ownAnnotation(o *model.Object, pointer, by, value string) []*entry {
	var out []*entry
	read := parseNotes(value)
	if len(read) == 0 {
		read = []note{parseNote("")}
	}
	for _, n := range read {
		e := &entry{note: n, by: by, where: o.Where(pointer), on: o, pointer: pointer}
		if !o.Live() {
			e.idle = func() bool { return true }
		}
		out = append(out, s.admit(e))
	}
	return out
}

// istioCode is a code of istioctl analyze.
var istioCode = regexp.MustCompile(`^IST\d{4}$`)

// peer returns the rules that the annotation of another tool suppresses, by ID.
//
//   - https://istio.io/latest/docs/reference/config/annotations/
//   - https://docs.kubelinter.io/#/configuring-kubelinter?id=ignoring-violations-for-specific-cases
//   - https://github.com/zegl/kube-score
//   - https://polaris.docs.fairwinds.com/customization/exemptions/
func (s *Set) peer(key, value string) (ids map[string]bool, reason string) {
	ids = map[string]bool{}
	switch {
	case key == "galley.istio.io/analyze-suppress":
		for code := range strings.SplitSeq(value, ",") {
			if code = strings.TrimSpace(code); code == "*" {
				s.withAlias(ids, istioCode.MatchString)
			} else {
				s.withAlias(ids, func(a string) bool { return a == code && istioCode.MatchString(a) })
			}
		}
	case strings.HasPrefix(key, "ignore-check.kube-linter.io/"):
		s.called(ids, "kube-linter:", strings.TrimPrefix(key, "ignore-check.kube-linter.io/"))
		reason = strings.TrimSpace(value)
	case key == "kube-linter.io/ignore-all":
		s.withAlias(ids, func(a string) bool { return strings.HasPrefix(a, "kube-linter:") })
		reason = strings.TrimSpace(value)
	case key == "kube-score/ignore":
		for check := range strings.SplitSeq(value, ",") {
			s.called(ids, "kube-score:", strings.TrimSpace(check))
		}
	case value != "true":
	case key == "polaris.fairwinds.com/exempt":
		s.withAlias(ids, func(a string) bool { return strings.HasPrefix(a, "polaris:") })
	case strings.HasPrefix(key, "polaris.fairwinds.com/") && strings.HasSuffix(key, "-exempt"):
		s.called(ids, "polaris:", strings.TrimSuffix(strings.TrimPrefix(key, "polaris.fairwinds.com/"), "-exempt"))
	}
	return ids, reason
}

// called adds the rules that have a tool's check as an alias.
func (s *Set) called(ids map[string]bool, tool, check string) {
	s.withAlias(ids, func(a string) bool { return strings.EqualFold(a, tool+check) })
}

func (s *Set) withAlias(ids map[string]bool, is func(alias string) bool) {
	for _, r := range s.all {
		if slices.ContainsFunc(r.Aliases, is) {
			ids[r.ID] = true
		}
	}
}
