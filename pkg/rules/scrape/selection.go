// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// Scraper is a Prometheus of the operator, or what stands in for one.
type Scraper = model.Item[model.Scraper]

// Match says whether a Scraper takes an object.
type Match int

// The matches, the worst first. Unknown is one of a namespace whose labels
// nobody can see.
const (
	No Match = iota
	Unknown
	Yes
)

// Choice is what one Scraper says of one object.
type Choice struct {
	Scraper
	Match Match
	// Field is that of the Scraper which decides, below its spec; Why completes
	// "Prometheus x ...", both for No and Unknown.
	Field, Why string
	// namespace is true where the object's namespace decides, and not the object.
	namespace bool
	// selector is the one that decides; nil where it is missing.
	selector *metav1.LabelSelector
}

// wants is one pair of selectors of a Scraper.
type wants struct {
	field, spaces        string
	selector, namespaces *metav1.LabelSelector
}

// scraperKinds are what ScrapersFor reads; ruleKinds, for rules.
var (
	scraperKinds = []*model.Kind{model.Prometheuses.Kind, model.PrometheusAgents.Kind, model.Namespaces.Kind}
	ruleKinds    = []*model.Kind{model.Prometheuses.Kind, model.ThanosRulers.Kind, model.Namespaces.Kind}
)

// ChoicesOf asks every Prometheus and agent whether it takes a monitor. Known is
// false where there may be others that could not be read, and where there are
// none: somebody else may read the monitors then.
func ChoicesOf(w *rules.World, m model.Monitor) (choices []Choice, known bool) {
	return choose(w, m.Object, []model.KindOf[model.Scraper]{model.Prometheuses, model.PrometheusAgents}, func(s *model.ScraperSpec) wants {
		if m.Target == model.Services.Kind {
			return wants{"serviceMonitorSelector", "serviceMonitorNamespaceSelector", s.ServiceMonitorSelector, s.ServiceMonitorNamespaceSelector}
		}
		return wants{"podMonitorSelector", "podMonitorNamespaceSelector", s.PodMonitorSelector, s.PodMonitorNamespaceSelector}
	})
}

// ChoicesOfRule is ChoicesOf for a PrometheusRule, which a ThanosRuler may take.
func ChoicesOfRule(w *rules.World, rule *model.Object) (choices []Choice, known bool) {
	return choose(w, rule, []model.KindOf[model.Scraper]{model.Prometheuses, model.ThanosRulers}, func(s *model.ScraperSpec) wants {
		return wants{"ruleSelector", "ruleNamespaceSelector", s.RuleSelector, s.RuleNamespaceSelector}
	})
}

func choose(w *rules.World, o *model.Object, kinds []model.KindOf[model.Scraper], of func(*model.ScraperSpec) wants) (out []Choice, known bool) {
	known = true
	for _, k := range kinds {
		if g, gap := w.Gap(k.GroupKind, ""); gap && !g.Missing {
			known = false
		}
		for _, s := range k.In(w.Snapshot, "") {
			if s.Value.DeletionTimestamp == nil {
				out = append(out, of(&s.Value.Spec).judge(w, s, o))
			}
		}
	}
	return out, known && len(out) > 0
}

// judge asks one Scraper: the namespace first, as the operator does.
func (x wants) judge(w *rules.World, s Scraper, o *model.Object) Choice {
	out := Choice{Scraper: s, Match: Yes}
	if x.selector == nil {
		out.Match, out.Field = No, x.field
		out.Why = "has no " + x.field + ", which selects nothing (an empty one, {}, selects all)"
		return out
	}
	if in := inNamespace(w, x.namespaces, s.Ref.Namespace, o.Ref.Namespace); in != Yes {
		out.Match, out.Field, out.namespace, out.selector = in, x.spaces, true, x.namespaces
		out.Why = fmt.Sprintf("looks only at namespaces with %s (%s)", Wanted(x.namespaces), x.spaces)
		if x.namespaces == nil {
			out.Why = "looks only at its own namespace, as it has no " + x.spaces
		}
		return out
	}
	selector, err := w.Selector(x.selector)
	if err != nil || !selector.Matches(labels.Set(o.Meta().GetLabels())) {
		out.Match, out.Field, out.selector = No, x.field, x.selector
		out.Why = fmt.Sprintf("takes only those with %s (%s)", Wanted(x.selector), x.field)
	}
	return out
}

// inNamespace reports whether a selector of namespaces takes one.
func inNamespace(w *rules.World, selector *metav1.LabelSelector, own, namespace string) Match {
	if selector == nil {
		if own == namespace {
			return Yes
		}
		return No
	}
	s, err := w.Selector(selector)
	if err != nil {
		return No
	}
	set := labels.Set{corev1.LabelMetadataName: namespace}
	ns, found := model.Namespaces.Get(w.Snapshot, "", namespace)
	if found {
		set = labels.Merge(set, ns.Value.Labels)
	}
	switch {
	case s.Matches(set):
		return Yes
	case found:
		return No
	}
	return Unknown
}

// Wanted writes what a label selector asks for.
func Wanted(s *metav1.LabelSelector) string {
	if s == nil {
		return "nothing"
	}
	text := metav1.FormatLabelSelector(s)
	if text == "" || strings.HasPrefix(text, "<") {
		return "any labels"
	}
	return text
}

// Taken returns the Scrapers that take an object, and those that might.
func Taken(choices []Choice) (yes, perhaps []Choice) {
	for _, c := range choices {
		switch c.Match {
		case Yes:
			yes = append(yes, c)
		case Unknown:
			perhaps = append(perhaps, c)
		}
	}
	return yes, perhaps
}

// nearest is the choice that lacks least: a wrong label before a wrong namespace,
// that before a selector that is not there.
func nearest(choices []Choice) Choice {
	rank := func(c Choice) int {
		switch {
		case c.selector == nil:
			return 2
		case c.namespace:
			return 1
		}
		return 0
	}
	return slices.MinFunc(choices, func(a, b Choice) int { return rank(a) - rank(b) })
}
