// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package app makes Kubernetes objects of an app file: of services, what they
// need and who calls whom, all that it takes to run them well. It reads the file
// ([Read]), decides ([Generate]) and writes YAML ([YAML]).
//
// All is a function of the input: the same file gives the same bytes, whatever
// the order of its keys, the place or the time.
package app

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
)

// Options are what is asked of one run, besides the file.
type Options struct {
	// SkipClusterScoped leaves out the Namespace and the PriorityClass, for those
	// who have no rights to them, and what pods would need of them.
	SkipClusterScoped bool
	// Detected is what was found in the sources of services, by the name of the
	// service, with paths from the folder of the app file.
	Detected map[string]api.DetectedService
	// Taken reports whether another file is in the place of one, which nobody
	// generated. It may be nil.
	Taken func(f File) bool
}

// Set is what was made of a System.
type Set struct {
	// Objects are in the order to apply them in.
	Objects []map[string]any
	// Files are what is no object: image builds, pipelines.
	Files []File
	// Adopted are the paths of files that are taken as they are, and serve instead of
	// generated ones.
	Adopted []string
	// Warnings are about what will work in another way than one may think; each is
	// one sentence.
	Warnings []Warning
}

// File is text to write next to the app file.
type File struct {
	// Path is a slash path from the folder of the app file.
	Path    string
	Content []byte
	// Adopt keeps a file that is there and was not generated, as it is.
	Adopt bool
}

// Warning is a remark on the file.
type Warning struct {
	// Where is the place in the file, or the flag; it may be empty.
	Where string
	// Text says what is so, Fix what to do about it.
	Text, Fix string
}

// Generate makes the objects of a system. The error joins all that is wrong with
// it, each of kind Usage and with its place: nothing is generated then.
func Generate(s api.System, o Options) (Set, error) {
	if err := check(s); err != nil {
		return Set{}, err
	}
	sys := fill(s, o)
	objects := sys.objects()
	for _, svc := range sys.services {
		objects = append(objects, svc.objects()...)
	}
	objects = append(objects, sys.externalSecrets()...)
	out := Set{}
	for _, a := range sys.with() {
		more, files := a.make(sys)
		objects, out.Files = append(objects, more...), append(out.Files, files...)
	}
	out.Warnings, out.Adopted = sys.warnings, sys.adopted
	var err error
	if out.Objects, err = manifests(objects); err != nil {
		return Set{}, err
	}
	slices.SortStableFunc(out.Objects, func(a, b map[string]any) int {
		return cmp.Compare(rank(a), rank(b))
	})
	if out.Objects, err = amend(s, out.Objects); err != nil {
		return Set{}, err
	}
	return out, nil
}

// order is that of kinds in a stream: what is referred to comes before what
// refers to it, and policies before pods are let through them.
var order = []string{
	"Namespace", "PriorityClass", "ResourceQuota", "LimitRange", "ServiceAccount", "Role", "RoleBinding", "ConfigMap",
	"ExternalSecret", "PeerAuthentication", "AuthorizationPolicy", "NetworkPolicy", "ServiceEntry", "Sidecar",
	"Gateway", "Service", "DestinationRule", "VirtualService", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "PodDisruptionBudget",
	"HorizontalPodAutoscaler", "HTTPRoute", "Ingress", "ServiceMonitor", "PodMonitor", "PrometheusRule",
}

// rank is the place of an object in that order. A kind that is not in it comes last.
func rank(object map[string]any) int {
	kind, _ := object["kind"].(string)
	if at := slices.Index(order, kind); at >= 0 {
		return at
	}
	return len(order)
}

// objects are all of one service but those of addons.
func (s *service) objects() []runtime.Object {
	all := []runtime.Object{s.account()}
	for _, more := range [][]runtime.Object{s.configs(), s.meshObjects(), {s.networkPolicy()}, s.kubeService(), s.workloads(), s.availability(), s.route()} {
		all = append(all, more...)
	}
	return all
}

func (y *system) warn(pointer, fix, format string, args ...any) {
	one := Warning{Where: place(y.System, pointer), Text: fmt.Sprintf(format, args...), Fix: fix}
	if !slices.Contains(y.warnings, one) { // two pipelines have one and the same to say
		y.warnings = append(y.warnings, one)
	}
}

// place is where the value at a pointer was said, or what it is in.
func place(s api.System, pointer string) string {
	for {
		if where := s.Places[pointer]; where != "" || pointer == "" {
			return where
		}
		pointer = pointer[:strings.LastIndexByte(pointer, '/')]
	}
}
