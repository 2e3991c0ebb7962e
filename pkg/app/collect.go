// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"errors"
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Collectors are the programs that [Collect] knows, the default first.
func Collectors() []string { return slices.Clone(loggingAddon.variants) }

// Collect makes what reads the logs of a namespace: the objects of the addon logging,
// for pods that nobody has written an app file for. Of the system only its names, its
// owner and its platform matter.
func Collect(s api.System, collector string, o Options) (Set, error) {
	s.Metadata.Namespace = cmp.Or(s.Metadata.Namespace, s.Metadata.Name)
	program, known := collectors[collector]
	if !known {
		return Set{}, fault.Usagef("expected a collector of logs, one of %v; found %q", Collectors(), collector)
	}
	if len(validation.IsDNS1123Label(s.Metadata.Namespace)) > 0 {
		return Set{}, fault.Usagef("expected the name of a namespace, found %q", s.Metadata.Namespace)
	}
	c := &checker{}
	c.collectorNamespace("/metadata/namespace", s.Metadata.Namespace)
	if err := errors.Join(c.errs...); err != nil {
		return Set{}, err
	}
	y := fill(s, o)
	var objects []runtime.Object
	if !o.SkipClusterScoped {
		objects = append(objects, y.priorityClass())
	}
	objects = append(objects, y.logging(program)...)
	out := Set{Warnings: y.warnings}
	var err error
	out.Objects, err = manifests(objects)
	return out, err
}
