// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
	"github.com/kubectl-micro/kubectl-micro/pkg/strict"
)

// Read reads the ServiceIntents of a file, one a document. The namespace applies
// where a document names none. The error joins all that is wrong, each with its
// place and what may have been meant: unknown fields, values of the wrong type,
// ends and paths that cannot be. No intents come back with an error: half of
// them would be a lock-out.
func Read(file string, data []byte, namespace string) ([]api.ServiceIntents, error) {
	stream, err := manifest.Split(file, data)
	if err != nil {
		return nil, err
	}
	var out []api.ServiceIntents
	var errs []error
	first := map[string]string{}
	for _, d := range stream.Docs {
		objects, err := d.Objects()
		errs = append(errs, err)
		for _, o := range objects {
			one, err := readOne(o, namespace)
			errs = append(errs, err)
			if err != nil {
				continue
			}
			one.File = file
			of := one.Metadata.Namespace + "/" + one.Spec.Workload
			if where, twice := first[of]; twice {
				errs = append(errs, fault.Usagef("expected one %s for each workload, found another for %s; the first is at %s", api.KindServiceIntents, one.Spec.Workload, where).
					At(o.Where("/spec/workload")).Try("put the callers of both into one list"))
			}
			first[of] = o.Where("/spec/workload")
			out = append(out, one)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, nil
}

func readOne(o *manifest.Object, namespace string) (api.ServiceIntents, error) {
	var out api.ServiceIntents
	r := reader{&strict.Reader{At: o, Kind: fault.Usage}}
	if err := r.Head(api.Version, api.KindServiceIntents); err != nil {
		return out, err
	}
	if err := r.Decode(o.Value, &out); err != nil {
		return out, err
	}
	if out.Metadata.Namespace == "" {
		out.Metadata.Namespace = namespace
	}
	out.Places = r.Places
	r.intents(&out)
	return out, r.Err()
}

// reader reads one document and checks what its types cannot say.
type reader struct{ *strict.Reader }

// adopt reports an error about a value at its place.
func (r reader) adopt(pointer string, err error) {
	var typed *fault.Error
	if errors.As(err, &typed) {
		r.Fail(pointer, typed.Hint, "%s", typed.Message)
	}
}
