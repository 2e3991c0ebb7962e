// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"errors"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/kubectl-validate/pkg/validator"

	"github.com/kubectl-micro/kubectl-micro/test/lint/finding"
	"github.com/kubectl-micro/kubectl-micro/test/lint/stream"
)

// Validate is kubectl-validate: unknown and duplicate fields, types, enumerations
// and the CEL rules of CRDs, as an API server would have them. A kind without a
// schema is a finding too, as nothing would be known of it.
func Validate(schemas *Schemas) (finding.Linter, error) {
	v, err := validator.New(schemas.client)
	if err != nil {
		return nil, err
	}
	return func(text []byte) ([]finding.Finding, error) {
		documents, err := stream.Split(text)
		if err != nil {
			return nil, err
		}
		var found []finding.Finding
		for _, d := range documents {
			_, object, err := v.Parse(d.Text)
			if err == nil {
				err = v.Validate(object)
			}
			for _, e := range parts(err) {
				e.Object = d.Object
				found = append(found, e)
			}
		}
		return found, nil
	}, nil
}

// parts takes apart what may be many errors in one.
func parts(err error) []finding.Finding {
	var many interface{ Unwrap() []error }
	var status *apierrors.StatusError
	var one *field.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &many):
		var all []finding.Finding
		for _, e := range many.Unwrap() {
			all = append(all, parts(e)...)
		}
		return all
	case errors.As(err, &status) && status.ErrStatus.Details != nil:
		var all []finding.Finding
		for _, c := range status.ErrStatus.Details.Causes {
			all = append(all, finding.Finding{Linter: KubectlValidate, Check: string(c.Type), Message: c.Field + ": " + c.Message})
		}
		return slices.CompactFunc(all, func(a, b finding.Finding) bool { return a == b })
	case errors.As(err, &one):
		return []finding.Finding{{Linter: KubectlValidate, Check: string(one.Type), Message: one.Error()}}
	}
	return []finding.Finding{{Linter: KubectlValidate, Check: "schema", Message: err.Error()}}
}
