// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1003", Slug: "out-of-memory", Severity: finding.Error,
	Short: "Container is killed for using more memory than it may",
	Why: `The kernel kills a container that goes over its memory limit, or, where it has none, one that
it chooses when the node runs out of memory. The kubelet records this as OOMKilled. A container that
has come back since is as likely to be killed again: the finding stays for a week, as a warning.`,
	Fix: `Raise the limit, or make the program use less. Runtimes that size themselves need to know the
limit: ` + "`-XX:MaxRAMPercentage`" + ` for the JVM, ` + "`GOMEMLIMIT`" + ` for Go,
` + "`--max-old-space-size`" + ` for Node.js, each somewhat below the limit.`,
	Reference: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#how-pods-with-resource-limits-are-run",
	Needs:     append([]*model.Kind{model.Events.Kind}, model.WorkloadKinds...),
	Live:      true,
	Explains:  []string{"KM1014", "KM1019", "KM2001", "KM2015", "KM3002"},
	Check:     checkMemory,
	Repair:    repairMemory,
})

// remembered is how long an end counts after the container has come back.
const remembered = 7 * 24 * time.Hour

func checkMemory(w *rules.World, emit rules.Emit) {
	var all []sighting
	for _, d := range deaths(w, outOfMemory) {
		limit := d.spec.Resources.Limits.Memory()
		if !d.down && !d.end.FinishedAt.IsZero() && w.Now.Sub(d.end.FinishedAt.Time) > remembered {
			continue
		}
		if template, _ := d.template(); template != nil && !limit.IsZero() && template.Resources.Limits.Memory().Cmp(*limit) > 0 {
			continue // raised since; the pod is on its way out
		}
		s := d.sighting()
		s.at = d.field("/resources/limits/memory", "/resources/limits", "/resources")
		s.hint = heap(d.spec, *limit)
		again := ""
		if !d.down {
			s.severity, s.state = finding.Warning, finding.Latent
			again = ", and runs again"
		}
		if limit.IsZero() {
			s.reason = fmt.Sprintf("%s was killed for want of memory on the node: it has no memory limit of its own (OOMKilled)%s", d.word(), again)
		} else {
			s.reason = fmt.Sprintf("%s was killed for using more than its memory limit of %s (OOMKilled)%s", d.word(), limit, again)
		}
		s.evidence = append(s.evidence, finding.Evidence{Kind: "field", Of: d.pod.Ref.String() + " " + d.word(), Value: memoryOf(d.spec)})
		all = append(all, s)
	}
	report(w, emit, all)
}

// memoryOf writes the request and limit of a container.
func memoryOf(c *corev1.Container) string {
	show := func(l corev1.ResourceList) string {
		if q, ok := l[corev1.ResourceMemory]; ok {
			return q.String()
		}
		return "none"
	}
	return "memory request " + show(c.Resources.Requests) + ", limit " + show(c.Resources.Limits)
}

func repairMemory(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.Object)
	if !found || !of.Editable() {
		return nil
	}
	c, at := holding(of, r.Pointer)
	if c == nil {
		return nil
	}
	limit, ok := c.Resources.Limits[corev1.ResourceMemory]
	if !ok || limit.Sign() <= 0 {
		return nil
	}
	double := limit.DeepCopy()
	double.Add(limit)
	return []rules.Fix{rules.Change(rules.Review, fmt.Sprintf("double the memory limit of container %s from %s to %s", c.Name, &limit, &double),
		of.Object, patch.Op{Op: patch.Replace, Path: at + "/resources/limits/memory", Value: double.String()})}
}
