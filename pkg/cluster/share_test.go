// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/cluster/apitest"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// made is an object with a pod spec at its place and a controller.
func made(apiVersion, kind, name, controller string, spec map[string]any) map[string]any {
	meta := map[string]any{"name": name, "namespace": "shop", "uid": kind + "-" + name}
	if controller != "" {
		meta["ownerReferences"] = []any{map[string]any{"apiVersion": "apps/v1", "kind": "X", "name": "x", "uid": controller, "controller": true}}
	}
	if kind != "Pod" {
		spec = map[string]any{"selector": map[string]any{}, "template": map[string]any{"spec": spec}}
	}
	return map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": meta, "spec": spec}
}

// admitted is a pod spec as admission leaves it: with the volume of a token.
func admitted(image string, token string) map[string]any {
	return map[string]any{
		"containers": []any{map[string]any{"name": "app", "image": image, "volumeMounts": []any{
			map[string]any{"name": token, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}}}},
		"volumes":     []any{map[string]any{"name": token}},
		"tolerations": []any{map[string]any{"key": "node.kubernetes.io/not-ready"}},
	}
}

func TestListsShareWhatIsEqual(t *testing.T) {
	plain := map[string]any{"containers": []any{map[string]any{"name": "app", "image": "app:1"}}}
	s := apitest.New(t,
		made("apps/v1", "Deployment", "web", "", plain), made("apps/v1", "ReplicaSet", "web-1", "Deployment-web", plain),
		made("v1", "Pod", "web-1-a", "ReplicaSet-web-1", admitted("app:1", "kube-api-access-aaaaa")),
		made("v1", "Pod", "web-1-b", "ReplicaSet-web-1", admitted("app:1", "kube-api-access-bbbbb")),
		made("v1", "Pod", "web-1-c", "ReplicaSet-web-1", admitted("app:2", "kube-api-access-ccccc")),
	)
	c, share := connect(t, s), &cluster.Sharer{}
	list := func(k *model.Kind) []*model.Object {
		got, err := c.List(t.Context(), k, cluster.ListOptions{Slim: true, Share: share})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range got {
			if o.Convert() != nil {
				t.Fatalf("%s does not fit", o.Ref)
			}
		}
		return got
	}
	d, _ := model.Deployments.Of(list(model.Deployments.Kind)[0])
	r, _ := model.ReplicaSets.Of(list(model.ReplicaSets.Kind)[0])
	var pods []*corev1.PodSpec
	for _, o := range list(model.Pods.Kind) {
		p, _ := model.Pods.Of(o)
		pods = append(pods, &p.Value.Spec)
	}
	template := &d.Value.Spec.Template.Spec
	type equal struct{ Containers, Tolerations bool }
	got := []equal{}
	for _, p := range append([]*corev1.PodSpec{&r.Value.Spec.Template.Spec}, pods...) {
		got = append(got, equal{&p.Containers[0] == &template.Containers[0], len(p.Tolerations) > 0 && &p.Tolerations[0] == &pods[0].Tolerations[0]})
	}
	want := []equal{{true, false}, {true, true}, {true, true}, {false, true}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if pods[2].Containers[0].Image != "app:2" || len(pods[2].Volumes) != 0 || len(pods[2].Containers[0].VolumeMounts) != 0 || len(template.Tolerations) != 0 {
		t.Errorf("got %v of the template %v", pods[2], template)
	}
}
