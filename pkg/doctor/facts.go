// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/scrape"
)

// Facts are what a running cluster was asked. The zero value is that nothing was.
type Facts struct {
	// Probed is true where pods were asked for their metrics.
	Probed bool
	// Answers are theirs.
	Answers map[scrape.Address]Answer
	// Targets are those of Prometheus, whose name for people is Prometheus; NoTargets
	// says why they are not known, and is empty where they are.
	Prometheus string
	Targets    []ScrapeTarget
	NoTargets  string
	// Samples are how many samples the last scrape gave after relabelling, by
	// target (ScrapeTarget.Key); NoSamples says why they are not known.
	Samples   map[string]float64
	NoSamples string
	// Clashes are labels of series that collide with those of the target, by job:
	// Prometheus has called them exported_NAME.
	Clashes map[string][]string
}

// Answer is what a pod says when it is asked for metrics.
type Answer struct {
	Pod  string
	Path string
	// Status is that of HTTP; 0 where none came, and Err says why.
	Status      int
	Err         string
	ContentType string
	// Bytes is how much came, Cut that there was more than was read.
	Bytes int64
	Cut   bool
	Took  time.Duration
	// Looks is what the body is: "metrics", "html", "json", "text", "empty".
	Looks string
	// Found is another path that gives metrics, where this one gives none.
	Found string
	// Needs is the right that is lacking; empty where none is.
	Needs string
}

// MaxBody is how many bytes of metrics are more than a scrape should be.
const MaxBody = 10 << 20

// CommonPaths are where applications tell metrics.
var CommonPaths = []string{"/metrics", "/actuator/prometheus", "/stats/prometheus", "/q/metrics"}

// ScrapeTarget is one active target of a Prometheus.
type ScrapeTarget struct {
	Pool, URL, Health, LastError string
	Labels, Discovered           map[string]string
}

// Key tells targets apart as the series of a scrape do.
func (t ScrapeTarget) Key() string { return t.Labels["job"] + "/" + t.Labels["instance"] }

// of returns the first label that is there: as it was discovered, else as the
// series have it. A server behind a proxy may hide the former.
func (t ScrapeTarget) of(discovered, label string) string {
	if v := t.Discovered["__meta_kubernetes_"+discovered]; v != "" {
		return v
	}
	return t.Labels[label]
}

// pool is how the operator begins the names of a monitor's jobs.
func pool(m model.Monitor) string {
	kind := "podMonitor"
	if m.Target == model.Services.Kind {
		kind = "serviceMonitor"
	}
	return kind + "/" + m.Ref.Namespace + "/" + m.Ref.Name + "/"
}

// targetsOf are the targets of a subject's pods: those of its monitors, and where
// it has none those that a scrape configuration finds.
func (f Facts) targetsOf(s Subject, monitors []model.Monitor) []ScrapeTarget {
	var out []ScrapeTarget
	for _, t := range f.Targets {
		if !t.isOf(s) {
			continue
		}
		if len(monitors) == 0 || slices.ContainsFunc(monitors, func(m model.Monitor) bool { return strings.HasPrefix(t.Pool, pool(m)) }) {
			out = append(out, t)
		}
	}
	if len(out) == 0 && len(monitors) > 0 {
		return f.targetsOf(s, nil)
	}
	return out
}

// isOf reports whether a target is a pod of the subject.
func (t ScrapeTarget) isOf(s Subject) bool {
	namespace := s.Ref().Namespace
	if t.of("namespace", "namespace") != namespace {
		return false
	}
	if pod := t.of("pod_name", "pod"); pod != "" {
		for _, w := range s.Workloads {
			if slices.ContainsFunc(w.Pods, func(p model.Item[corev1.Pod]) bool { return p.Ref.Name == pod }) {
				return true
			}
		}
		return false
	}
	return s.Service.Object != nil && t.of("service_name", "service") == s.Service.Ref.Name
}

// Jobs are the jobs by which some subjects are scraped, sorted.
func (f Facts) Jobs(subjects []Subject) []string {
	var out []string
	for _, s := range subjects {
		for _, t := range f.targetsOf(s, nil) {
			if job := t.Labels["job"]; job != "" {
				out = append(out, job)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
