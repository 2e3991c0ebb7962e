// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
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

// notes are the annotations of a workload: whom to write to, and what linters
// would ask in vain, each with the reason.
func (s *service) notes() map[string]string {
	out := map[string]string{}
	if s.of.Metadata.Email != "" {
		out["email"] = s.of.Metadata.Email
	}
	if s.Scale != nil {
		out["polaris.fairwinds.com/deploymentMissingReplicas-exempt"] = "true"
		out["ignore-check.kube-linter.io/minimum-three-replicas"] = "the number of pods is that of HorizontalPodAutoscaler/" + s.name
	}
	if s.runs() && s.Health.Live == "" && s.main() == nil {
		const why = "the program listens on no port and tells its health in no other way"
		out["ignore-check.kube-linter.io/no-liveness-probe"] = why
		out["ignore-check.kube-linter.io/no-readiness-probe"] = why
		out["polaris.fairwinds.com/livenessProbeMissing-exempt"] = "true"
		out["polaris.fairwinds.com/readinessProbeMissing-exempt"] = "true"
	}
	if len(s.networkPolicy().Spec.Ingress) == 0 {
		out["polaris.fairwinds.com/missingNetworkPolicy-exempt"] = "true"
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
