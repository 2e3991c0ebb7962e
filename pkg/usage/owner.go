// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package usage

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// tallest bounds how far owners are followed: a pod's ReplicaSet, its Rollout, and
// what made that.
const tallest = 3

// owner is what a pod belongs to. The Snapshot need not hold controllers: a
// Deployment names its ReplicaSets after itself and the hash that pods carry as a
// label. Of others, those that the Snapshot does hold are followed upwards.
func owner(s *model.Snapshot, p model.Item[corev1.Pod]) ref.Ref {
	c := metav1.GetControllerOfNoCopy(p.Value)
	if c == nil {
		return p.Ref
	}
	if name, ok := deployment(p.Value, c); ok {
		return model.Deployments.Ref(p.Ref.Namespace, name)
	}
	at := ref.Of(c.APIVersion, c.Kind, p.Ref.Namespace, c.Name)
	for range tallest {
		o, found := s.Object(at)
		if !found {
			break
		}
		above := metav1.GetControllerOf(o.Meta())
		if above == nil {
			break
		}
		at = ref.Of(above.APIVersion, above.Kind, p.Ref.Namespace, above.Name)
	}
	return at
}

// deployment is the name of the Deployment behind a pod's controller.
func deployment(p *corev1.Pod, c *metav1.OwnerReference) (name string, ok bool) {
	hash := p.Labels[appsv1.DefaultDeploymentUniqueLabelKey]
	if c.Kind != model.ReplicaSets.Kind.Kind || hash == "" {
		return "", false
	}
	name, ok = strings.CutSuffix(c.Name, "-"+hash)
	return name, ok && name != ""
}

// OwnerKinds are the kinds that tell what pods belong to, beside the pods, and
// whether the pods of a Snapshot leave that open: those of a Job may belong to a
// CronJob, those of a ReplicaSet without a Deployment's hash to a Rollout. Their
// metadata are enough.
func OwnerKinds() map[*model.Kind]func(*model.Snapshot) bool {
	open := func(kind string) func(*model.Snapshot) bool {
		return func(s *model.Snapshot) bool {
			for _, p := range model.Pods.In(s, "") {
				c := metav1.GetControllerOfNoCopy(p.Value)
				if c == nil || c.Kind != kind {
					continue
				}
				if _, known := deployment(p.Value, c); !known {
					return true
				}
			}
			return false
		}
	}
	return map[*model.Kind]func(*model.Snapshot) bool{
		model.Jobs.Kind: open(model.Jobs.Kind.Kind), model.ReplicaSets.Kind: open(model.ReplicaSets.Kind.Kind),
	}
}
