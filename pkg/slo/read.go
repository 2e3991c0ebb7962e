// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package slo

import (
	"errors"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/strict"
)

// Read reads the Objectives of a file, one a document. The namespace applies where a
// document names none. The error joins all that is wrong, each with its place; no
// objectives come back with one.
func Read(file string, data []byte, namespace string) ([]Objective, error) {
	stream, err := manifest.Split(file, data)
	if err != nil {
		return nil, err
	}
	var out []Objective
	var errs []error
	first := map[string]string{}
	for _, d := range stream.Docs {
		objects, err := d.Objects()
		errs = append(errs, err)
		for _, m := range objects {
			o, err := readOne(m, namespace)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			key := o.Namespace + "/" + o.Name
			if where, twice := first[key]; twice {
				errs = append(errs, fault.Usagef("expected one objective %s, found another; the first is at %s", key, where).At(m.Where("/metadata")).Try("give it a name of its own in metadata"))
			}
			first[key] = m.Where("/metadata")
			out = append(out, o)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, fault.Usagef("expected an %s, found no document", api.KindObjective).At(file)
	}
	return out, nil
}

func readOne(m *manifest.Object, namespace string) (Objective, error) {
	var in api.Objective
	r := &strict.Reader{At: m, Kind: fault.Usage}
	if err := r.Head(api.Version, api.KindObjective); err != nil {
		return Objective{}, err
	}
	if err := r.Decode(m.Value, &in); err != nil {
		return Objective{}, err
	}
	o, err := New(in, namespace)
	var errs []error
	for _, one := range fault.All(err) {
		var typed *fault.Error
		if errors.As(one, &typed) && typed.Where == "" {
			one = fault.New(typed.Kind, "%s", typed.Message).At(m.Where("/spec")).Try("%s", typed.Hint)
		}
		errs = append(errs, one)
	}
	return o, errors.Join(errs...)
}
