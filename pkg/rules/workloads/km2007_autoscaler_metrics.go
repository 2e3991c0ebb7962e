// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads

import (
	"fmt"
	"slices"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM2007", Slug: "autoscaler-metrics", Severity: finding.Error,
	Short: "HorizontalPodAutoscaler cannot read a metric it scales on",
	Why: `A utilization is a percentage of the requests: when one container of the pods requests none of the
resource, the autoscaler gets no number and leaves the count as it is. A limit without a request counts
as a request, and a LimitRange may fill one in. All metrics of resources come from the metrics API, which
metrics-server serves; others need an adapter.`,
	Fix: `Give every container of the pods a request for the resource, sidecars too, or scale on one container
(type ContainerResource) or on an absolute value (averageValue). Install what serves the metrics API.`,
	Reference: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#how-does-a-horizontalpodautoscaler-work",
	Needs: slices.Concat([]*model.Kind{
		model.HorizontalPodAutoscalers.Kind, model.LimitRanges.Kind, model.APIServices.Kind,
	}, model.WorkloadKinds),
	Check: checkMetrics,
})

// settling is how long an autoscaler may go without metrics: metrics-server
// looks every 15 seconds and needs two samples of a new pod.
const settling = time.Minute

func checkMetrics(w *rules.World, emit rules.Emit) {
	for _, h := range model.HorizontalPodAutoscalers.In(w.Snapshot, "") {
		if h.Value.DeletionTimestamp != nil {
			continue
		}
		failing := blind(w, h)
		found := checkRequests(w, emit, h)
		if found == nil {
			found = checkServed(w, emit, h)
		}
		switch {
		case failing == nil:
			continue
		case found == nil:
			found = emit(h.Object, "/spec/metrics", "cannot read its metrics: %s", failing.Message)
			found.Reason = "cannot read its metrics: " + failing.Reason
			found.Related = append(found.Related, scaled(h))
			found.Related = append(found.Related, apisOf(h)...)
		}
		found.Severity, found.Confidence, found.Since = finding.Error, finding.Certain, failing.LastTransitionTime.Time
		found.Evidence = append(found.Evidence, evidenceOf(h, failing))
	}
}

// blind is the condition of a live autoscaler that has had no metrics for a
// while. One whose target is scaled to zero is only off.
func blind(w *rules.World, h scaler) *autoscalingv2.HorizontalPodAutoscalerCondition {
	c := scalerCondition(h, autoscalingv2.ScalingActive)
	if c == nil || c.Status != corev1.ConditionFalse || c.Reason == "ScalingDisabled" || w.Now.Sub(c.LastTransitionTime.Time) < settling {
		return nil
	}
	return c
}

// checkRequests reports the first utilization that cannot be computed.
func checkRequests(w *rules.World, emit rules.Emit, h scaler) *finding.Finding {
	wl, ok := w.Workload(scaled(h))
	if !ok {
		return nil
	}
	for i, m := range h.Value.Spec.Metrics {
		var of corev1.ResourceName
		var target autoscalingv2.MetricTarget
		only, at := "", ""
		switch {
		case m.Resource != nil:
			of, target, at = m.Resource.Name, m.Resource.Target, patch.Pointer("spec", "metrics", i, "resource")
		case m.ContainerResource != nil:
			of, target, at = m.ContainerResource.Name, m.ContainerResource.Target, patch.Pointer("spec", "metrics", i, "containerResource")
			only = m.ContainerResource.Container
		}
		if target.AverageUtilization == nil {
			continue
		}
		without, absent := idle(wl, of, only)
		if absent && !wl.Live() {
			f := emit(h.Object, at+"/container", "scales on container %s, which %s does not have", only, wl.Ref)
			f.Confidence = finding.Likely // admission may add it
			f.Severity, f.Related = finding.Warning, []ref.Ref{wl.Ref}
			return f
		}
		if len(without) == 0 {
			continue
		}
		if f := reportRequests(w, emit, h, wl, of, at, without); f != nil {
			return f
		}
	}
	return nil
}

// reportRequests weighs missing requests: pods show them for certain, a template
// only where no LimitRange can fill them in.
func reportRequests(w *rules.World, emit rules.Emit, h scaler, wl *model.Workload, of corev1.ResourceName, at string, without []string) *finding.Finding {
	absence := model.Proven
	if len(wl.Pods) == 0 {
		absence = w.Absence(model.LimitRanges.Kind, h.Ref.Namespace)
		if absence == model.Unknown || fillsIn(w, h.Ref.Namespace, of) {
			return nil
		}
	}
	f := emit(h.Object, at, "scales on a utilization of %s, but %s of %s requests none", of, containers(without), wl.Ref)
	f.Related = append(f.Related, wl.Ref)
	if absence != model.Proven { // a LimitRange elsewhere is possible, and rare
		f.Severity, f.Confidence = finding.Warning, finding.Likely
	}
	for i, c := range wl.Spec().Containers {
		if slices.Contains(without, c.Name) {
			f.Evidence = append(f.Evidence, finding.Evidence{
				Kind: "absence", Of: wl.Where(wl.SpecAt() + patch.Pointer("containers", i)), Value: "no requests." + string(of),
			})
		}
	}
	return f
}

func containers(names []string) string {
	if len(names) == 1 {
		return "container " + names[0]
	}
	return "each of containers " + strings.Join(names, ", ")
}

// idle are the containers of a workload without a request for a resource: those
// of its live pods, else of its template. Absent is true when the only container
// that counts is not there.
func idle(wl *model.Workload, of corev1.ResourceName, only string) (without []string, absent bool) {
	specs := []*corev1.PodSpec{wl.Spec()}
	if len(wl.Pods) > 0 {
		specs = nil
		for _, p := range wl.Pods {
			if p.Value.DeletionTimestamp == nil {
				specs = append(specs, &p.Value.Spec)
			}
		}
	}
	absent = only != ""
	for _, spec := range specs {
		if spec.Resources != nil && only == "" {
			if _, whole := model.Requests(*spec.Resources)[of]; whole {
				continue
			}
		}
		if slices.ContainsFunc(spec.InitContainers, func(c corev1.Container) bool { return c.Name == only }) {
			absent = false // a sidecar that is started first
		}
		for _, c := range spec.Containers {
			if only != "" && c.Name != only {
				continue
			}
			absent = false
			if _, ok := model.Requests(c.Resources)[of]; !ok && !slices.Contains(without, c.Name) {
				without = append(without, c.Name)
			}
		}
	}
	return without, absent
}

// fillsIn reports whether a LimitRange gives containers a request.
func fillsIn(w *rules.World, namespace string, of corev1.ResourceName) bool {
	for _, l := range model.LimitRanges.In(w.Snapshot, namespace) {
		for _, item := range l.Value.Spec.Limits {
			_, request := item.DefaultRequest[of]
			_, limit := item.Default[of]
			_, most := item.Max[of]
			if item.Type == corev1.LimitTypeContainer && (request || limit || most) {
				return true
			}
		}
	}
	return false
}

// apis are the metrics APIs by type of metric.
var apis = map[autoscalingv2.MetricSourceType]string{
	autoscalingv2.ResourceMetricSourceType:          "metrics.k8s.io",
	autoscalingv2.ContainerResourceMetricSourceType: "metrics.k8s.io",
	autoscalingv2.PodsMetricSourceType:              "custom.metrics.k8s.io",
	autoscalingv2.ObjectMetricSourceType:            "custom.metrics.k8s.io",
	autoscalingv2.ExternalMetricSourceType:          "external.metrics.k8s.io",
}

// apisOf names the APIService of each metrics API an autoscaler reads. Their
// version is part of their name; each has had only this one since 2017.
func apisOf(h scaler) []ref.Ref {
	var out []ref.Ref
	for _, m := range h.Value.Spec.Metrics {
		group := apis[m.Type]
		r := model.APIServices.Ref("", "v1beta1."+group)
		if group != "" && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// checkServed reports a metrics API that nothing serves.
func checkServed(w *rules.World, emit rules.Emit, h scaler) *finding.Finding {
	if w.Offline || w.Absence(model.APIServices.Kind, "") != model.Proven {
		return nil
	}
	for i, m := range h.Value.Spec.Metrics {
		group := apis[m.Type]
		served := func(a model.Item[model.APIService]) bool { return a.Value.Spec.Group == group }
		if group == "" || slices.ContainsFunc(model.APIServices.In(w.Snapshot, ""), served) {
			continue
		}
		f := emit(h.Object, patch.Pointer("spec", "metrics", i), "scales on a metric of type %s, but nothing serves the API %s", m.Type, group)
		f.Related = append(f.Related, scaled(h))
		f.Evidence = append(f.Evidence, finding.Evidence{Kind: "absence", Of: "APIService", Value: fmt.Sprintf("none has the group %s", group)})
		if group == "metrics.k8s.io" {
			f.Hint = "kubectl apply -f https://github.com/kubernetes-sigs/metrics-server/releases/latest/download/components.yaml"
		}
		return f
	}
	return nil
}
