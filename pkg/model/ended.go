// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// PodEnded reports whether all containers of a pod have ended for good. It
// keeps its name and its place in lists, but takes neither traffic nor room.
func PodEnded(p *corev1.Pod) bool {
	return p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed
}

// JobEnded is the condition by which a Job has ended in one of the given ways,
// JobComplete or JobFailed, in either if none is given; nil if it has not.
func JobEnded(j *batchv1.Job, ways ...batchv1.JobConditionType) *batchv1.JobCondition {
	if len(ways) == 0 {
		ways = []batchv1.JobConditionType{batchv1.JobComplete, batchv1.JobFailed}
	}
	for i, c := range j.Status.Conditions {
		if c.Status == corev1.ConditionTrue && slices.Contains(ways, c.Type) {
			return &j.Status.Conditions[i]
		}
	}
	return nil
}
