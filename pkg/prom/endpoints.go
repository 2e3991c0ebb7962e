// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package prom

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/cluster"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
)

// pod is a ready one behind a Service, with the port that it listens on.
type pod struct {
	name, address string
	port          int
}

// endpoints returns the ready pods behind a Service, sorted.
func (k *Cluster) endpoints(ctx context.Context, s Service) ([]pod, error) {
	found, err := k.Client.List(ctx, model.EndpointSlices.Kind, cluster.ListOptions{
		Namespace: s.Namespace, Labels: labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: s.Name}), Slim: true,
	})
	if err != nil {
		return nil, err
	}
	name := s.Port
	if _, err := strconv.Atoi(name); err == nil {
		// Slices know the names of the Service's ports, not their numbers.
		if name, err = k.portName(ctx, s); err != nil {
			return nil, err
		}
	}
	var out []pod
	for _, o := range found {
		if err := o.Convert(); err != nil {
			return nil, err
		}
		slice, ok := model.EndpointSlices.Of(o)
		if ok {
			out = append(out, ready(slice.Value, name)...)
		}
	}
	slices.SortFunc(out, func(a, b pod) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.address, b.address), cmp.Compare(a.port, b.port))
	})
	return slices.Compact(out), nil
}

// ready returns the endpoints of a slice that can be asked on a port.
func ready(slice *discoveryv1.EndpointSlice, portName string) []pod {
	var out []pod
	for _, p := range slice.Ports {
		if p.Port == nil || (p.Name != nil && *p.Name != portName) || (p.Name == nil && portName != "") {
			continue
		}
		for _, e := range slice.Endpoints {
			if len(e.Addresses) == 0 || (e.Conditions.Ready != nil && !*e.Conditions.Ready) {
				continue
			}
			found := pod{address: e.Addresses[0], port: int(*p.Port)}
			if e.TargetRef != nil && e.TargetRef.Kind == "Pod" {
				found.name = e.TargetRef.Name
			}
			out = append(out, found)
		}
	}
	return out
}

// portName returns the name of the port that a Service's number means.
func (k *Cluster) portName(ctx context.Context, s Service) (string, error) {
	raw, err := k.Client.Get(ctx, model.Services.Ref(s.Namespace, s.Name))
	if err != nil {
		return "", err
	}
	for _, p := range portsOf(model.FromRaw(raw, "")) {
		if strconv.FormatInt(p.number, 10) == s.Port {
			return p.name, nil
		}
	}
	return s.Port, nil
}

// portsOf returns the TCP ports of a Service.
func portsOf(o *model.Object) []port {
	list, _, _ := unstructured.NestedSlice(o.Raw(), "spec", "ports")
	var out []port
	for _, item := range list {
		p, ok := item.(map[string]any)
		if protocol, _ := p["protocol"].(string); !ok || (protocol != "" && protocol != "TCP") {
			continue
		}
		name, _ := p["name"].(string)
		number, _, _ := unstructured.NestedInt64(p, "port")
		out = append(out, port{name, number})
	}
	return out
}

// apiPorts are the names and numbers under which Prometheus, and what is like
// it, has its API, the most telling first.
var apiPorts = []string{"web", "http-web", "http-query", "http-prometheus", "http", "https", "9090", "9091", "10902", "8428", "8481", "80"}

// choose returns the port of the API; the only one whatever its name.
func choose(ports []port) (port, bool) {
	for _, known := range apiPorts {
		for _, p := range ports {
			if p.name == known || strconv.FormatInt(p.number, 10) == known {
				return p, true
			}
		}
	}
	if len(ports) == 1 {
		return ports[0], true
	}
	return port{}, false
}
