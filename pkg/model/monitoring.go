// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Scraper is a Prometheus, a PrometheusAgent or a ThanosRuler of the Prometheus
// Operator, as far as what it selects goes. The three share these fields, and the
// agent's type upstream is still alpha: what is not read here may change there.
type Scraper struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ScraperSpec `json:"spec,omitempty"`
}

// ScraperSpec is what a Scraper selects. A selector that is null selects nothing,
// an empty one everything; of namespaces null means the Scraper's own.
type ScraperSpec struct {
	ServiceMonitorSelector          *metav1.LabelSelector `json:"serviceMonitorSelector,omitempty"`
	ServiceMonitorNamespaceSelector *metav1.LabelSelector `json:"serviceMonitorNamespaceSelector,omitempty"`
	PodMonitorSelector              *metav1.LabelSelector `json:"podMonitorSelector,omitempty"`
	PodMonitorNamespaceSelector     *metav1.LabelSelector `json:"podMonitorNamespaceSelector,omitempty"`
	ScrapeConfigSelector            *metav1.LabelSelector `json:"scrapeConfigSelector,omitempty"`
	RuleSelector                    *metav1.LabelSelector `json:"ruleSelector,omitempty"`
	RuleNamespaceSelector           *metav1.LabelSelector `json:"ruleNamespaceSelector,omitempty"`
	// AdditionalScrapeConfigs names the Secret with jobs that no object of the
	// operator shows.
	AdditionalScrapeConfigs *SecretKey `json:"additionalScrapeConfigs,omitempty"`
	// IgnoreNamespaceSelectors takes the namespaceSelector away from monitors: they
	// look at their own namespace alone.
	IgnoreNamespaceSelectors bool `json:"ignoreNamespaceSelectors,omitempty"`
}

// SecretKey is one key of a Secret in the namespace of who names it.
type SecretKey struct {
	Name string `json:"name,omitempty"`
	Key  string `json:"key,omitempty"`
}

// DeepCopyObject implements runtime.Object.
func (s *Scraper) DeepCopyObject() runtime.Object {
	out := *s
	out.ObjectMeta = *s.ObjectMeta.DeepCopy()
	for _, selector := range []**metav1.LabelSelector{
		&out.Spec.ServiceMonitorSelector, &out.Spec.ServiceMonitorNamespaceSelector, &out.Spec.PodMonitorSelector,
		&out.Spec.PodMonitorNamespaceSelector, &out.Spec.ScrapeConfigSelector, &out.Spec.RuleSelector, &out.Spec.RuleNamespaceSelector,
	} {
		*selector = (*selector).DeepCopy()
	}
	out.Spec.AdditionalScrapeConfigs = copied(s.Spec.AdditionalScrapeConfigs)
	return &out
}
