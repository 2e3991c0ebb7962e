// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strconv"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// webhookClients are the calls of the API server to webhooks in the cluster. Its
// TLS is not that of the mesh.
func webhookClients(w *rules.World) []plainClient {
	var out []plainClient
	add := func(by *model.Object, i int, c admissionv1.WebhookClientConfig) {
		if c.Service == nil {
			return
		}
		svc, found := model.Services.Get(w.Snapshot, c.Service.Namespace, c.Service.Name)
		if !found {
			return
		}
		number := int32(443) // the default of the API
		if c.Service.Port != nil {
			number = *c.Service.Port
		}
		for _, b := range behind(w, door{Service: svc, Port: portOf(svc, number, "")}) {
			v := visit{By: by, At: patch.Pointer("webhooks", i, "clientConfig", "service"), To: b.Workload, Service: svc.Ref, Port: b.Port}
			out = append(out, plainClient{v, "the API server", true})
		}
	}
	for _, c := range model.ValidatingWebhookConfigurations.In(w.Snapshot, "") {
		for i, h := range c.Value.Webhooks {
			add(c.Object, i, h.ClientConfig)
		}
	}
	for _, c := range model.MutatingWebhookConfigurations.In(w.Snapshot, "") {
		for i, h := range c.Value.Webhooks {
			add(c.Object, i, h.ClientConfig)
		}
	}
	return out
}

// scrapers are the calls of Prometheus, unless it is in view with a proxy or
// comes with a certificate.
func scrapers(w *rules.World) []plainClient {
	sure := false
	for _, of := range w.Workloads("") {
		if l := of.Template.Labels; l["app.kubernetes.io/name"] == "prometheus" || l["app"] == "prometheus" {
			if w.Mesh(of) != rules.MeshOut {
				return nil
			}
			sure = true
		}
	}
	var out []plainClient
	for _, v := range scrapeVisits(w) {
		if scheme, err := patch.Get(v.By.Raw(), v.At+"/scheme"); err == nil {
			if text, _ := scheme.(string); strings.EqualFold(text, "https") {
				continue
			}
		}
		if v.Port != 0 {
			out = append(out, plainClient{v, "Prometheus", sure})
		}
	}
	return out
}

// nakedClients are workloads without a proxy that name a Service.
func nakedClients(w *rules.World) []plainClient {
	var out []plainClient
	for _, of := range w.Workloads("") {
		if w.Mesh(of) != rules.MeshOut {
			continue
		}
		for _, c := range of.Spec().Containers {
			out = append(out, called(w, of, c, plainClient{who: of.Ref.String() + ", which has no proxy,", sure: true})...)
		}
	}
	return out
}

// initClients are init containers that name a Service and start before the
// proxy. Of a template nobody knows whether that will be a native sidecar.
func initClients(w *rules.World) []plainClient {
	var out []plainClient
	for _, of := range w.Workloads("") {
		if len(of.Spec().InitContainers) == 0 || w.Mesh(of) != rules.MeshIn || dataplaneOf(w, of) == model.AmbientProxy || nativeProxy(of) {
			continue
		}
		beside := slices.ContainsFunc(of.Pods, func(p model.Item[corev1.Pod]) bool { return hasContainer(p.Value.Spec.Containers, "istio-proxy") })
		for _, c := range of.Spec().InitContainers {
			if !model.Sidecar(&c) {
				out = append(out, called(w, of, c, plainClient{who: "init container " + c.Name + ", which runs before the proxy,", sure: beside})...)
			}
		}
	}
	return out
}

// nativeProxy reports whether the proxy of a workload starts before its init containers.
func nativeProxy(of *model.Workload) bool {
	return hasContainer(of.Spec().InitContainers, "istio-proxy") ||
		slices.ContainsFunc(of.Pods, func(p model.Item[corev1.Pod]) bool { return hasContainer(p.Value.Spec.InitContainers, "istio-proxy") })
}

func hasContainer(list []corev1.Container, name string) bool {
	return slices.ContainsFunc(list, func(c corev1.Container) bool { return c.Name == name })
}

// called are the calls to the Services that the environment and the command of
// a container name.
func called(w *rules.World, of *model.Workload, c corev1.Container, as plainClient) []plainClient {
	var out []plainClient
	look := func(at, text string) {
		for _, m := range address.FindAllStringSubmatch(text, -1) {
			slashes, host, port := m[1], m[2], m[5]
			if slashes == "" && port == "" && !strings.Contains(host, ".") {
				continue // any word
			}
			svc, found := w.ServiceNamed(host, of.Ref.Namespace)
			if !found {
				continue
			}
			number, _ := strconv.ParseInt(port, 10, 32)
			for _, b := range behind(w, door{Service: svc, Port: portOf(svc, int32(number), "")}) {
				if !b.Ref.Same(of.Ref) {
					as.visit = visit{By: of.Object, At: at, To: b.Workload, Service: svc.Ref, Port: b.Port}
					out = append(out, as)
				}
			}
		}
	}
	_, at := of.Container(c.Name)
	for i, e := range c.Env {
		look(at+patch.Pointer("env", i, "value"), e.Value)
	}
	for i, text := range c.Command {
		look(at+patch.Pointer("command", i), text)
	}
	for i, text := range c.Args {
		look(at+patch.Pointer("args", i), text)
	}
	return out
}

// dataplaneOf is what stands between a workload and the network; unknown where
// its pods differ.
func dataplaneOf(w *rules.World, of *model.Workload) model.Dataplane {
	return model.Once(w.Snapshot, dataplaneKey{of}, func() model.Dataplane {
		out := model.DataplaneUnknown
		for i, p := range of.Peers() {
			d, _ := w.Dataplane(p)
			if i > 0 && d != out {
				return model.DataplaneUnknown
			}
			out = d
		}
		return out
	})
}

// dataplaneKey is what the answer for a workload is kept under.
type dataplaneKey struct{ of *model.Workload }
