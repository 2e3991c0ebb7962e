// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package world makes deterministic worlds: the same size gives the same objects, byte for byte, on every machine.
package world

import (
	"fmt"
	"iter"
)

// Label marks every object of a world; its value is the world's prefix.
const Label = "sandbox.kubectl-micro.dev/world"

// Versions are the two deployments that stand behind each service, the first of which takes most of the traffic.
var Versions = []string{"v1", "v2"}

// World is the size of a world.
type World struct {
	// Prefix begins the name of each namespace: <Prefix>-000 and so on.
	Prefix string
	// Namespaces, Services in each, and Pods (replicas) in each of a service's two deployments.
	Namespaces, Services, Pods int
	// Policies puts each service into the mesh, with mutual TLS, an AuthorizationPolicy and a NetworkPolicy of its own.
	Policies bool
}

// Object is something to create: the collection's path below the API server's address, and the object as JSON values.
type Object struct {
	Path string
	Body map[string]any
}

type object = map[string]any

// PodCount is the number of pods of the whole world.
func (w World) PodCount() int { return w.Namespaces * w.Services * w.Pods * len(Versions) }

// ObjectCount is the number of objects that Objects yields.
func (w World) ObjectCount() int {
	count := w.Namespaces * (1 + w.Services*(3+len(Versions)))
	if w.Policies {
		count += w.Namespaces * (1 + 2*w.Services)
	}
	return count
}

// Selector is the label selector of the world as a query parameter.
func (w World) Selector() string { return "labelSelector=" + Label + "%3D" + w.Prefix }

// Spaces yields the namespaces, which have to exist before anything of Objects.
func (w World) Spaces() iter.Seq[Object] {
	return func(yield func(Object) bool) {
		for n := range w.Namespaces {
			body := object{
				"apiVersion": "v1", "kind": "Namespace",
				"metadata": object{"name": w.namespace(n), "labels": object{Label: w.Prefix, "istio-injection": "enabled"}},
			}
			if !yield(Object{"/api/v1/namespaces", body}) {
				return
			}
		}
	}
}

// Objects yields everything inside the namespaces, service by service.
func (w World) Objects() iter.Seq[Object] {
	return func(yield func(Object) bool) {
		for n := range w.Namespaces {
			if w.Policies && !yield(strict(w.namespace(n), w.Prefix)) {
				return
			}
			for s := range w.Services {
				for _, made := range w.service(w.namespace(n), fmt.Sprintf("svc-%03d", s)) {
					if !yield(made) {
						return
					}
				}
			}
		}
	}
}

func (w World) namespace(n int) string { return fmt.Sprintf("%s-%03d", w.Prefix, n) }

// service makes a Service, its deployments, a DestinationRule with a subset a version, and a VirtualService that sends
// nine of ten requests to the first.
func (w World) service(namespace, name string) []Object {
	meta := func(name string) object {
		return object{"name": name, "namespace": namespace, "labels": object{Label: w.Prefix, "app": name}}
	}
	istio := "/apis/networking.istio.io/v1/namespaces/" + namespace
	objects := []Object{{"/api/v1/namespaces/" + namespace + "/services", object{
		"apiVersion": "v1", "kind": "Service", "metadata": meta(name),
		"spec": object{
			"selector": object{"app": name},
			"ports":    []any{object{"name": "http", "port": 80, "targetPort": "http"}},
		},
	}}}
	var subsets, routes []any
	for i, version := range Versions {
		objects = append(objects, Object{"/apis/apps/v1/namespaces/" + namespace + "/deployments", object{
			"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(name + "-" + version),
			"spec": w.deployment(name, version),
		}})
		subsets = append(subsets, object{"name": version, "labels": object{"version": version}})
		routes = append(routes, object{
			"destination": object{"host": name, "subset": version},
			"weight":      90 - 80*i,
		})
	}
	if w.Policies {
		objects = append(objects, policies(namespace, name, meta(name))...)
	}
	return append(objects, Object{istio + "/destinationrules", object{
		"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule", "metadata": meta(name),
		"spec": object{"host": name, "subsets": subsets},
	}}, Object{istio + "/virtualservices", object{
		"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": meta(name),
		"spec": object{"hosts": []any{name}, "http": []any{object{"route": routes}}},
	}})
}

func (w World) deployment(app, version string) object {
	labels := object{"app": app, "version": version}
	containers := []any{}
	if w.Policies {
		containers = append(containers, object{"name": "istio-proxy", "image": "registry.example/proxy:1.31.1", "restartPolicy": "Always"})
	}
	return object{
		"replicas": w.Pods,
		"selector": object{"matchLabels": labels},
		"template": object{
			"metadata": object{"labels": labels},
			"spec": object{"initContainers": containers, "containers": []any{object{
				"name": "app", "image": "registry.example/" + app + ":" + version,
				"ports":          []any{object{"name": "http", "containerPort": 8080}},
				"readinessProbe": object{"httpGet": object{"path": "/ready", "port": "http"}},
				"resources": object{
					"requests": object{"cpu": "10m", "memory": "16Mi"},
					"limits":   object{"memory": "64Mi"},
				},
			}}},
		},
	}
}
