// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"context"
	"errors"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// late are kinds of the cluster that matter to few namespaces, with what tells
// that they matter to one: a second round of requests reads them then. There
// may be thousands of nodes, and a namespace that is well needs none of them.
var late = map[*model.Kind]func(*model.Snapshot) bool{
	model.Nodes.Kind:             needsNodes,
	model.PersistentVolumes.Kind: holds(model.PersistentVolumeClaims.Kind),
	model.StorageClasses.Kind:    holds(model.PersistentVolumeClaims.Kind),
	model.IngressClasses.Kind:    holds(model.Ingresses.Kind),
	model.GatewayClasses.Kind:    holds(model.Gateways.Kind),
}

func holds(k *model.Kind) func(*model.Snapshot) bool {
	return func(s *model.Snapshot) bool { return len(s.OfKind(k.GroupKind)) > 0 }
}

// needsNodes reports whether a pod is not well, or a Service sends only to pods
// of the node that a connection comes to.
func needsNodes(s *model.Snapshot) bool {
	for _, p := range model.Pods.In(s, "") {
		if p.Value.DeletionTimestamp != nil || p.Value.Status.Phase != corev1.PodSucceeded && !model.PodReady(p.Value) {
			return true
		}
	}
	return slices.ContainsFunc(model.Services.In(s, ""), func(svc model.Item[corev1.Service]) bool {
		return svc.Value.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal
	})
}

// read loads what is asked in one round, and for one namespace in two.
func (w *world) read(ctx context.Context, from *source.Cluster, asked source.Want) (*model.Snapshot, error) {
	if w.namespace == "" || w.whole || w.flags.overlay {
		return from.Load(ctx, asked)
	}
	first, second := asked, asked
	first.Kinds, second.Kinds = nil, nil
	for _, k := range asked.Kinds {
		if late[k] == nil {
			first.Kinds = append(first.Kinds, k)
		}
	}
	s, err := from.Load(ctx, first)
	if s == nil {
		return nil, err
	}
	var gaps []model.Gap
	for _, k := range asked.Kinds {
		switch needed := late[k]; {
		case needed == nil:
		case needed(s):
			second.Kinds = append(second.Kinds, k)
		default:
			gaps = append(gaps, model.Gap{Kind: k.GroupKind, Unasked: true, Reason: "nothing in namespace " + w.namespace + " depends on it"})
		}
	}
	if len(second.Kinds) == 0 {
		return s.Without(gaps...), err
	}
	more, also := from.Load(ctx, second)
	if more == nil {
		return nil, also
	}
	return model.Merge(s, more).Without(gaps...), errors.Join(err, also)
}
