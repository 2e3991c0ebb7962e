// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lift

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// resources are requests and limits at once: of memory the larger, as what runs
// may have come to need it.
func resources(r corev1.ResourceRequirements) api.Resources {
	var out api.Resources
	cpu, hasCPU := r.Requests[corev1.ResourceCPU]
	most, limited := r.Limits[corev1.ResourceCPU]
	switch {
	case hasCPU && limited && cpu.Cmp(most) != 0:
		out.CPU, out.CPULimit = cpu.String(), most.String()
	case hasCPU && !limited:
		out.CPU, out.CPULimit = cpu.String(), "none"
	case hasCPU || limited:
		out.CPU = cmp.Or(cpu.String(), most.String())
		if !hasCPU {
			out.CPU = most.String()
		}
	}
	memory := r.Requests[corev1.ResourceMemory]
	if most := r.Limits[corev1.ResourceMemory]; most.Cmp(memory) > 0 {
		memory = most
	}
	if !memory.IsZero() {
		out.Memory = memory.String()
	}
	if out.CPU == "100m" {
		out.CPU = "" // the default
	}
	if out.Memory == "128Mi" {
		out.Memory = ""
	}
	return out
}

// scale is the number of pods, or what an autoscaler keeps it between.
func (s *service) scale() {
	if s.Kind == "job" || s.Kind == "cronjob" {
		s.schedule()
		return
	}
	w := s.first()
	for _, h := range model.HorizontalPodAutoscalers.In(s.Snapshot, w.Ref.Namespace) {
		to := h.Value.Spec.ScaleTargetRef
		if to.Kind != w.Ref.Kind || to.Name != w.Ref.Name {
			continue
		}
		s.Scale = &api.Scale{Min: 1, Max: h.Value.Spec.MaxReplicas}
		if least := h.Value.Spec.MinReplicas; least != nil {
			s.Scale.Min = *least
		}
		for i, m := range h.Value.Spec.Metrics {
			if percent := cpuOf(m); percent == nil {
				s.note(s.name, short(h.Ref), fmt.Sprintf("metrics[%d]", i), "an app file scales by the use of CPU only")
			} else if *percent != 70 {
				s.Scale.CPU = *percent
			}
		}
		return
	}
	n := int32(1)
	if w.Replicas != nil {
		n = *w.Replicas
	}
	if n == 0 {
		s.left("replicas", "it is scaled to 0: an app file has 1 at least")
		n = 1
	}
	if n != 3 {
		s.Replicas = &n
	}
}

func cpuOf(m autoscalingv2.MetricSpec) *int32 {
	if r := m.Resource; r != nil && r.Name == corev1.ResourceCPU {
		return r.Target.AverageUtilization
	}
	if r := m.ContainerResource; r != nil && r.Name == corev1.ResourceCPU {
		return r.Target.AverageUtilization
	}
	return nil
}

// schedule is that of a CronJob.
func (s *service) schedule() {
	if c, ok := model.CronJobs.Of(s.first().Object); ok {
		s.Schedule = c.Value.Spec.Schedule
		if c.Value.Spec.TimeZone != nil {
			s.left("spec.timeZone", "an app file has none: write the schedule in that of the cluster, or say it under patches")
		}
	}
}

// versions are the workloads behind one Service, each with its share of the calls.
func (s *service) versions() {
	weights := s.weights()
	slices.SortFunc(s.workloads, func(a, b *model.Workload) int { return cmp.Compare(versionOf(a), versionOf(b)) })
	s.Versions = map[string]api.ServiceVersion{}
	rest := int32(100)
	for i, w := range s.workloads {
		one := api.ServiceVersion{Image: mainContainer(w).Image, Replicas: w.Replicas, Weight: weights[versionOf(w)]}
		if weights == nil { // as the Service splits them, about
			one.Weight = rest / int32(len(s.workloads)-i)
		}
		rest -= one.Weight
		s.Versions[versionOf(w)] = one
		s.from[edition{s.name, versionOf(w)}] = w
		if i > 0 {
			s.note(s.name, short(w.Ref), "", "but for its image and number of pods, %s stands for it", short(s.first().Ref))
		}
	}
	s.Image = ""
	if weights == nil {
		s.note(s.name, "Service/"+s.front.Ref.Name, "", "no VirtualService says how calls are split: the weights are made equal")
	}
}

// weights are those of the first route that splits calls between all versions; nil
// without one.
func (s *service) weights() map[string]int32 {
	for _, vs := range model.VirtualServices.In(s.Snapshot, s.first().Ref.Namespace) {
		for _, route := range vs.Value.Spec.Http {
			out, sum := map[string]int32{}, int32(0)
			for _, to := range route.Route {
				svc, ok := s.ServiceNamed(to.GetDestination().GetHost(), vs.Ref.Namespace)
				if v := s.subset(vs.Ref.Namespace, to.GetDestination().GetHost(), to.GetDestination().GetSubset()); ok && svc.Ref == s.front.Ref && s.hasVersion(v) {
					out[v] += to.Weight
					sum += to.Weight
				}
			}
			if sum == 100 {
				return out
			}
		}
	}
	return nil
}

// subset is the version that a subset of a host stands for.
func (s *service) subset(namespace, host, name string) string {
	for _, rule := range model.DestinationRules.In(s.Snapshot, namespace) {
		a, known := s.ServiceNamed(rule.Value.Spec.Host, namespace)
		b, same := s.ServiceNamed(host, namespace)
		if !known || !same || a.Ref != b.Ref {
			continue
		}
		for _, one := range rule.Value.Spec.Subsets {
			if one.Name == name {
				return cmp.Or(one.Labels["version"], one.Labels[labelVersion])
			}
		}
	}
	return name
}

// portOf is a decimal port; 0 for anything else.
func portOf(text string) int32 {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 16)
	if err != nil {
		return 0
	}
	return int32(n)
}
