// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
)

// definitions are CustomResourceDefinitions, whose conversion may be a webhook.
var definitions = ref.GroupKind{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}

// hook is a Service port that the API server calls.
type hook struct {
	by   ref.Ref
	svc  ref.Ref
	port int32
}

// served is a hook with the pod ports of one workload behind it.
type served struct {
	hook
	ports []port
}

// findHooks returns the webhooks and aggregated APIs of the world.
func (w *world) findHooks() []hook {
	var out []hook
	add := func(by ref.Ref, namespace, name string, number *int32) {
		one := hook{by: by, svc: model.Services.Ref(namespace, name), port: 443} // the default of the API
		if number != nil {
			one.port = *number
		}
		if !slices.ContainsFunc(out, func(h hook) bool { return h.svc == one.svc && h.port == one.port }) {
			out = append(out, one)
		}
	}
	model.AdmissionWebhooks(w.Snapshot, add)
	for _, a := range model.APIServices.In(w.Snapshot, "") {
		if s := a.Value.Spec.Service; s != nil {
			add(a.Ref, s.Namespace, s.Name, s.Port)
		}
	}
	for _, d := range w.OfKind(definitions) {
		s, found, _ := unstructured.NestedMap(d.Raw(), "spec", "conversion", "webhook", "clientConfig", "service")
		namespace, _ := s["namespace"].(string)
		name, _ := s["name"].(string)
		if !found || name == "" {
			continue
		}
		var number *int32
		if n, ok := s["port"].(int64); ok && n > 0 && n <= 65535 {
			small := int32(n)
			number = &small
		}
		add(d.Ref, namespace, name, number)
	}
	return out
}

// hooks are those that a workload answers, with its ports.
func (w *world) hooks(of *model.Workload) []served {
	var out []served
	for _, h := range w.hooked() {
		if h.svc.Namespace != of.Ref.Namespace {
			continue
		}
		svc, found := model.Services.Get(w.Snapshot, h.svc.Namespace, h.svc.Name)
		if !found || !slices.Contains(w.Behind(svc).Workloads, of) {
			continue
		}
		if ports := behind(svc.Value, strconv.Itoa(int(h.port)), of); len(ports) > 0 {
			out = append(out, served{h, ports})
		}
	}
	return out
}
