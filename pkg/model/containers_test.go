// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/internal/modeltest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

const contained = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop}
spec:
  schedule: "@daily"
  jobTemplate:
    spec:
      template:
        spec:
          serviceAccountName: reporter
          initContainers: [{name: wait}, {name: proxy, restartPolicy: Always}]
          containers: [{name: app}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: once, namespace: shop}
spec: {template: {spec: {containers: [{name: app}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: alone, namespace: shop}
`

func TestContainers(t *testing.T) {
	w := workload(t, modeltest.Live(t, contained), model.CronJobs.Kind, "report")
	const spec = "/spec/jobTemplate/spec/template/spec"
	var got []string
	for at, c := range w.Containers() {
		got = append(got, at+" "+c.Name)
	}
	want := []string{spec + "/initContainers/0 wait", spec + "/initContainers/1 proxy", spec + "/containers/0 app"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for name, want := range map[string]string{"wait": spec + "/initContainers/0", "app": spec + "/containers/0", "none": spec} {
		c, at := w.Container(name)
		if at != want || (c == nil) != (name == "none") || c != nil && c.Name != name {
			t.Errorf("Container(%q) = %v at %s, want it at %s", name, c, at, want)
		}
	}
	for name, want := range map[string]bool{"wait": false, "proxy": true} {
		if c, _ := w.Container(name); model.Sidecar(c) != want {
			t.Errorf("Sidecar(%s) is not %t", name, want)
		}
	}
}

func TestWorkloadOf(t *testing.T) {
	live, files := modeltest.Live(t, contained), modeltest.Files(t, "f.yaml", contained)
	for _, c := range []struct {
		kind            *model.Kind
		name, account   string
		running, inFile bool // whether it can be edited
	}{
		{model.CronJobs.Kind, "report", "reporter", true, true},
		{model.Jobs.Kind, "once", "default", false, true},
		{model.Pods.Kind, "alone", "default", false, false},
	} {
		w := workload(t, live, c.kind, c.name)
		if w.Account() != c.account || w.Editable() != c.running || workload(t, files, c.kind, c.name).Editable() != c.inFile {
			t.Errorf("%s: account %s, editable %t in a cluster and %t in files", c.name, w.Account(), w.Editable(), !c.inFile)
		}
	}
	w := workload(t, live, model.CronJobs.Kind, "report")
	if at := w.Existing("/spec", "/suspend", "/schedule", "/jobTemplate"); at != "/spec/schedule" {
		t.Errorf("the first field is at %s", at)
	}
	if at := w.Existing("/spec", "/suspend"); at != "/spec" {
		t.Errorf("no field is at %s", at)
	}
}

func TestEnded(t *testing.T) {
	for phase, want := range map[corev1.PodPhase]bool{corev1.PodSucceeded: true, corev1.PodFailed: true, corev1.PodRunning: false, "": false} {
		if got := model.PodEnded(&corev1.Pod{Status: corev1.PodStatus{Phase: phase}}); got != want {
			t.Errorf("a pod that is %q has ended: %t", phase, got)
		}
	}
	job := func(of batchv1.JobConditionType, status corev1.ConditionStatus) *batchv1.Job {
		suspended := batchv1.JobCondition{Type: batchv1.JobSuspended, Status: corev1.ConditionTrue}
		return &batchv1.Job{Status: batchv1.JobStatus{Conditions: []batchv1.JobCondition{suspended, {Type: of, Status: status}}}}
	}
	failed := job(batchv1.JobFailed, corev1.ConditionTrue)
	if c := model.JobEnded(failed); c == nil || c.Type != batchv1.JobFailed {
		t.Errorf("a failed Job: %v", c)
	}
	if c := model.JobEnded(failed, batchv1.JobComplete); c != nil {
		t.Errorf("a failed Job is complete: %v", c)
	}
	if c := model.JobEnded(job(batchv1.JobComplete, corev1.ConditionFalse)); c != nil {
		t.Errorf("a Job that is not complete has ended: %v", c)
	}
}

func workload(t *testing.T, s *model.Snapshot, k *model.Kind, name string) *model.Workload {
	t.Helper()
	w, found := s.Workload(k.Ref("shop", name))
	if !found {
		t.Fatalf("no workload %s", name)
	}
	return w
}
