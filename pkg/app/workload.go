// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"maps"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The numbers of a rollout. Pods that fail right after they were ready do not
// replace others; one more pod than wanted is paid for never having one less.
const (
	minReadySeconds  = 10
	progressDeadline = 300
	revisions        = 5
)

// workloads are one for each edition.
func (s *service) workloads() []runtime.Object {
	var out []runtime.Object
	for _, e := range s.editions() {
		out = append(out, e.workload())
	}
	return out
}

func (s *service) workload() runtime.Object {
	meta := s.meta()
	meta.Labels = s.versioned()
	meta.Annotations = s.notes()
	template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: s.podLabels()}, Spec: s.pod()}
	switch s.Kind {
	case kindStateful:
		return s.statefulSet(meta, template)
	case kindJob:
		return &batchv1.Job{TypeMeta: metav1.TypeMeta{APIVersion: "batch/v1", Kind: "Job"}, ObjectMeta: meta, Spec: s.job(template)}
	case kindCronJob:
		return s.cronJob(meta, template)
	}
	one, zero := intstr.FromInt32(1), intstr.FromInt32(0)
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: meta,
		Spec: appsv1.DeploymentSpec{
			MinReadySeconds:         minReadySeconds,
			ProgressDeadlineSeconds: new(max(progressDeadline, 2*s.startup())),
			Replicas:                s.replicas(),
			RevisionHistoryLimit:    new(int32(revisions)),
			Selector:                s.owns(),
			Strategy: appsv1.DeploymentStrategy{
				Type:          appsv1.RollingUpdateDeploymentStrategyType,
				RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &one, MaxUnavailable: &zero},
			},
			Template: template,
		},
	}
}

// replicas is nil where an autoscaler decides.
func (s *service) replicas() *int32 {
	if s.Scale != nil {
		return nil
	}
	return s.Replicas
}

func (s *service) statefulSet(meta metav1.ObjectMeta, template corev1.PodTemplateSpec) runtime.Object {
	return &appsv1.StatefulSet{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "StatefulSet"},
		ObjectMeta: meta,
		Spec: appsv1.StatefulSetSpec{
			MinReadySeconds:      minReadySeconds,
			PodManagementPolicy:  appsv1.OrderedReadyPodManagement,
			Replicas:             s.replicas(),
			RevisionHistoryLimit: new(int32(revisions)),
			Selector:             s.owns(),
			ServiceName:          s.name,
			VolumeClaimTemplates: s.claims(),
			UpdateStrategy:       appsv1.StatefulSetUpdateStrategy{Type: appsv1.RollingUpdateStatefulSetStrategyType},
			Template:             template,
		},
	}
}

func (s *service) job(template corev1.PodTemplateSpec) batchv1.JobSpec {
	return batchv1.JobSpec{
		ActiveDeadlineSeconds:   new(int64(3600)),
		BackoffLimit:            new(int32(3)),
		TTLSecondsAfterFinished: new(int32(86400)),
		Template:                template,
	}
}

func (s *service) cronJob(meta metav1.ObjectMeta, template corev1.PodTemplateSpec) runtime.Object {
	return &batchv1.CronJob{
		TypeMeta:   metav1.TypeMeta{APIVersion: "batch/v1", Kind: "CronJob"},
		ObjectMeta: meta,
		Spec: batchv1.CronJobSpec{
			ConcurrencyPolicy:          batchv1.ForbidConcurrent,
			FailedJobsHistoryLimit:     new(int32(3)),
			JobTemplate:                batchv1.JobTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: s.versioned()}, Spec: s.job(template)},
			Schedule:                   s.Schedule,
			StartingDeadlineSeconds:    new(int64(300)),
			SuccessfulJobsHistoryLimit: new(int32(1)),
		},
	}
}

// probeNotes say why a probe is left out.
func (s *service) probeNotes() map[string]string {
	var c corev1.Container
	s.probe(&c)
	out := map[string]string{}
	exempt := func(missing bool, probe, why string) {
		if s.runs() && missing {
			out["ignore-check.kube-linter.io/no-"+probe+"-probe"] = why
			out["polaris.fairwinds.com/"+probe+"ProbeMissing-exempt"] = "true"
		}
	}
	switch {
	case s.main() != nil:
		exempt(c.LivenessProbe == nil, "liveness", "that the program takes connections is all there is to ask, and its readiness probe asks that")
	case c.LivenessProbe != nil:
		exempt(c.ReadinessProbe == nil, "readiness", "nobody calls the program: it listens on no port")
	default:
		const why = "the program listens on no port and tells its health in no other way"
		exempt(true, "liveness", why)
		exempt(true, "readiness", why)
	}
	return out
}

// notes are the annotations of a workload: whom to write to, and what linters
// would ask in vain, each with the reason.
func (s *service) notes() map[string]string {
	out := map[string]string{}
	if s.of.Metadata.Email != "" {
		out["email"] = s.of.Metadata.Email
	}
	if s.Scale != nil {
		out["polaris.fairwinds.com/deploymentMissingReplicas-exempt"] = "true"
		out["ignore-check.kube-linter.io/minimum-three-replicas"] = "the number of pods is that of HorizontalPodAutoscaler/" + s.instance
	}
	maps.Copy(out, s.probeNotes())
	if len(s.networkPolicy().Spec.Ingress) == 0 {
		out["polaris.fairwinds.com/missingNetworkPolicy-exempt"] = "true"
	}
	maps.Copy(out, s.limitNotes())
	if len(out) == 0 {
		return nil
	}
	return out
}

// limitNotes are what linters would ask of CPU.
func (s *service) limitNotes() map[string]string {
	limit := s.Resources.CPULimit
	if limit == "" || s.dev() {
		return nil
	}
	out := map[string]string{
		// Its optional checks compare requests with limits.
		"kube-score/ignore": "container-cpu-requests-equal-limits,container-resource-requests-equal-limits",
	}
	if limit == unlimited {
		out["kube-score/ignore"] += ",container-resources"
		out["polaris.fairwinds.com/cpuLimitsMissing-exempt"] = "true"
		// kube-linter asks for requests only, unless it is told to; its annotation has
		// the reason for all of them.
		out["ignore-check.kube-linter.io/unset-cpu-requirements"] = "no limit of CPU, as resources.cpuLimit says: what is idle on the node may be used, and the request is what is promised"
	}
	return out
}
