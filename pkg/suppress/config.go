// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package suppress

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// ignore is an entry of the config with the objects that it is about.
type ignore struct {
	*entry
	api.Ignore
	// exact is the kind, where its name is known.
	exact  *model.Kind
	labels labels.Selector
}

// severity is what the config wants for the rules that a word means.
type severity struct {
	word     string
	severity finding.Severity
	exact    bool
}

// configure takes in what a config says.
func (s *Set) configure(c *api.Config) {
	for i, x := range c.Diagnose.Ignore {
		where := c.Places[fmt.Sprintf("/diagnose/ignore/%d", i)]
		selector, err := labels.Parse(x.Labels)
		if err != nil {
			selector = labels.Nothing() // reading the file has refused it
		}
		one := ignore{Ignore: x, labels: selector}
		one.exact, _ = model.KindNamed(x.Kind)
		one.entry = s.admit(&entry{
			note: note{words: x.Rules, until: x.Until, reason: strings.TrimSpace(x.Reason)}, by: byLine(where, c.File), where: cmp.Or(where, c.File),
			idle: func() bool { return s.unneeded(&one) },
		})
		s.ignores = append(s.ignores, one)
	}
	s.grade(c)
}

// byLine is a place without the column.
func byLine(where, file string) string {
	if file, line, ok := place(where); ok {
		return fmt.Sprintf("%s:%d", file, line)
	}
	return file
}

// matches reports whether an ignore is about an object.
func (i *ignore) matches(o *model.Object) bool {
	if o == nil {
		return false
	}
	kindIs := glob(strings.ToLower(i.Kind), strings.ToLower(o.Ref.Kind))
	if i.exact != nil {
		kindIs = i.exact.GroupKind == o.Ref.GroupKind()
	}
	return kindIs && glob(i.Namespace, o.Ref.Namespace) && glob(i.Name, o.Ref.Name) &&
		(i.Labels == "" || i.labels.Matches(labels.Set(o.Meta().GetLabels())))
}

// glob matches a name; an empty pattern matches all.
func glob(pattern, name string) bool {
	matched, err := path.Match(pattern, name)
	return pattern == "" || matched && err == nil
}

// unneeded reports whether an ignore that was not used has objects that it is
// about. Of files that are not all there is, only one that names its object can
// tell.
func (s *Set) unneeded(i *ignore) bool {
	named := i.Name != "" && !strings.ContainsAny(i.Name, `*?[\`)
	return (named || !s.world.Partial) && slices.ContainsFunc(s.world.Objects(), i.matches)
}

// grade reads the severities: an ID or a name goes before other words, a longer
// word before a shorter one.
func (s *Set) grade(c *api.Config) {
	for _, word := range slices.Sorted(maps.Keys(c.Diagnose.Severities)) {
		x := severity{word: word}
		_ = x.severity.UnmarshalText([]byte(c.Diagnose.Severities[word])) // reading the file has refused others
		where := cmp.Or(c.Places[patch.Join("/diagnose/severities", word)], c.File)
		at := &entry{where: where}
		var meant []*rules.Rule
		for _, r := range s.all {
			if s.means(word, r) {
				meant = append(meant, r)
				x.exact = x.exact || strings.EqualFold(word, r.ID) || word == r.Slug
			}
		}
		if len(meant) == 0 {
			message, hint := s.unknown(word)
			s.remark(unreadable, at, message, hint)
		}
		for _, i := range s.ignores {
			if by, all := i.everywhere(meant); all {
				s.remark(unreadable, at, fmt.Sprintf("%s has the severity %s here and is ignored in another place", word, x.severity),
					"leave one of the two: the other is in "+by)
			}
		}
		s.severity = append(s.severity, x)
	}
	slices.SortStableFunc(s.severity, func(a, b severity) int {
		if a.exact != b.exact {
			if a.exact {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(len(b.word), len(a.word)), strings.Compare(a.word, b.word))
	})
}

// everywhere reports whether an ignore is about all findings of rules, so that
// nothing else that is said of them has any effect.
func (i *ignore) everywhere(meant []*rules.Rule) (by string, all bool) {
	if len(meant) == 0 || i.broken || i.expired || i.Kind+i.Namespace+i.Name+i.Labels != "" {
		return "", false
	}
	return i.by, !slices.ContainsFunc(meant, func(r *rules.Rule) bool { return !i.ids[r.ID] })
}
