// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"errors"
	"reflect"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/strict"
)

// Read reads the one System of an app file. The error joins all that cannot be
// read, each of kind Usage with its file, line and column, and what may have been
// meant: unknown fields, values of other types, what is there twice. What the
// values say is for [Generate] to check.
func Read(file string, data []byte) (api.System, error) {
	stream, err := manifest.Split(file, data)
	if err != nil {
		return api.System{}, err
	}
	var systems []*manifest.Object
	var errs []error
	for _, d := range stream.Docs {
		objects, err := d.Objects()
		for _, e := range fault.All(err) {
			errs = append(errs, asUsage(e))
		}
		systems = append(systems, objects...)
	}
	if len(errs) == 0 && len(systems) != 1 {
		errs = append(errs, fault.Usagef("expected one %s, found %d", api.KindSystem, len(systems)).At(file+":1:1").
			Try("apiVersion: %s\nkind: %s\nmetadata:\n  name: shop", api.Version, api.KindSystem))
	}
	if len(errs) > 0 {
		return api.System{}, errors.Join(errs...)
	}
	return read(systems[0])
}

// asUsage makes a broken app file what it is: a mistake of who wrote it.
func asUsage(err error) error {
	var typed *fault.Error
	if !errors.As(err, &typed) {
		return err
	}
	out := *typed
	out.Kind = fault.Usage
	return &out
}

func read(o *manifest.Object) (api.System, error) {
	r := strict.Reader{At: o, Kind: fault.Usage, Short: short}
	if err := r.Head(api.Version, api.KindSystem); err != nil {
		return api.System{}, err
	}
	var out api.System
	if err := r.Decode(o.Value, &out); err != nil {
		return api.System{}, err
	}
	out.Places = r.Places
	return out, nil
}

// short are the types that a file may write as one value.
var short = map[reflect.Type]reflect.Kind{
	reflect.TypeFor[api.SystemPort](): reflect.Int32,
	reflect.TypeFor[api.Dependency](): reflect.String,
}
