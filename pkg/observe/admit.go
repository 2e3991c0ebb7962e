// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package observe

import (
	"fmt"
	"maps"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/scrape"
)

// Admit gives a draft for the Prometheus Operator the labels by which a Prometheus of
// the Snapshot takes it, and says which one that is, or what keeps all of them from it.
// A selector that is not there selects nothing, an empty one everything. Labels that
// are given stay.
func (d *Draft) Admit(s *model.Snapshot, given map[string]string) {
	object := d.Object
	label(object, given)
	scrapers := model.Prometheuses.In(s, "")
	if len(scrapers) == 0 && len(given) == 0 {
		why := "found no Prometheus of the operator: the labels by which yours selects are not known"
		if gap, unread := s.Gap(model.Prometheuses.GroupKind, ""); unread && !gap.Missing {
			why = "the labels by which a Prometheus selects are not known: " + gap.Reason
		}
		d.Steps = append(d.Steps, Step{Why: why, Command: "--label NAME=VALUE"})
	}
	var refused []string
	for _, p := range scrapers {
		labels := demanded(selectorFor(object, &p.Value.Spec))
		trial := maps.Clone(object)
		meta := maps.Clone(object["metadata"].(map[string]any))
		trial["metadata"] = meta
		all := map[string]any{}
		maps.Copy(all, object["metadata"].(map[string]any)["labels"].(map[string]any))
		meta["labels"] = all
		label(trial, labels)
		label(trial, given)
		match, why := taken(s, trial, p)
		if match == scrape.No {
			refused = append(refused, fmt.Sprintf("%s %s", p.Ref, why))
			continue
		}
		label(object, labels)
		label(object, given)
		if match == scrape.Unknown {
			d.comment(fmt.Sprintf("%s may take it: the labels of the namespace are not known", p.Ref))
			return
		}
		d.comment(fmt.Sprintf("taken by %s", p.Ref))
		return
	}
	if len(refused) == 0 {
		return
	}
	d.comment("no Prometheus takes it: " + strings.Join(refused, "; "))
	step := Step{Why: d.Comments[len(d.Comments)-1]}
	if field := selectorField[object["kind"].(string)]; selectorFor(object, &scrapers[0].Value.Spec) == nil {
		p := scrapers[0].Ref
		step.Command = fmt.Sprintf(`kubectl patch prometheus.monitoring.coreos.com %s -n %s --type=merge -p '{"spec":{"%s":{}}}'`, p.Name, p.Namespace, field)
	}
	d.Steps = append(d.Steps, step)
}

// selectorField is the field of a Prometheus that selects objects of a kind.
var selectorField = map[string]string{
	model.ServiceMonitors.Kind.Kind: "serviceMonitorSelector", model.PodMonitors.Kind.Kind: "podMonitorSelector", model.PrometheusRules.Kind.Kind: "ruleSelector",
}

// selectorFor is what a Prometheus selects objects of a kind by.
func selectorFor(object map[string]any, spec *model.ScraperSpec) *metav1.LabelSelector {
	switch object["kind"] {
	case model.ServiceMonitors.Kind.Kind:
		return spec.ServiceMonitorSelector
	case model.PodMonitors.Kind.Kind:
		return spec.PodMonitorSelector
	}
	return spec.RuleSelector
}

// demanded are labels that satisfy a selector, if there are any that do.
func demanded(s *metav1.LabelSelector) map[string]string {
	out := map[string]string{}
	if s == nil {
		return out
	}
	maps.Copy(out, s.MatchLabels)
	for _, e := range s.MatchExpressions {
		switch {
		case e.Operator == metav1.LabelSelectorOpIn && len(e.Values) > 0:
			out[e.Key] = e.Values[0]
		case e.Operator == metav1.LabelSelectorOpExists:
			out[e.Key] = "true"
		}
	}
	return out
}

// taken asks one Prometheus.
func taken(s *model.Snapshot, object map[string]any, p scrape.Scraper) (scrape.Match, string) {
	o, err := model.Decode(object, "")
	if err != nil {
		return scrape.No, err.Error()
	}
	w := &rules.World{Snapshot: s.With(o)}
	var choices []scrape.Choice
	if o.Ref.Kind == model.PrometheusRules.Kind.Kind {
		choices, _ = scrape.ChoicesOfRule(w, o)
	}
	for _, m := range w.Monitors(o.Ref.Namespace) {
		if m.Ref.Same(o.Ref) {
			choices, _ = scrape.ChoicesOf(w, m)
		}
	}
	for _, c := range choices {
		if c.Ref.Same(p.Ref) {
			return c.Match, c.Why
		}
	}
	return scrape.Unknown, ""
}

// label puts labels on an object.
func label(object map[string]any, more map[string]string) {
	all := object["metadata"].(map[string]any)["labels"].(map[string]any)
	for name, value := range more {
		all[name] = value
	}
}
