// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package strict

import (
	"errors"
	"fmt"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/manifest"
)

// Open reads a file that holds one document of a kind without a name, such as a
// configuration. The value is nil for a file that holds nothing; errors are of the
// given kind of failure.
func Open(file string, data []byte, document string, kind fault.Kind) (r *Reader, value any, err error) {
	stream, err := manifest.Split(file, data)
	if err != nil {
		return nil, nil, as(kind, err)
	}
	docs := slices.DeleteFunc(stream.Docs, (*manifest.Document).Blank)
	switch len(docs) {
	case 0:
		return nil, nil, nil
	case 1:
	default:
		return nil, nil, fault.New(kind, "expected one document of kind %s, found %d", document, len(docs)).At(fmt.Sprintf("%s:%d", file, docs[1].Line))
	}
	d := docs[0]
	if _, err := d.Objects(); err != nil && !errors.Is(err, manifest.ErrNotObject) {
		return nil, nil, as(kind, err) // otherwise it is no object of a cluster, which it need not be
	}
	if err := yaml.Unmarshal(d.Bytes(), &value); err != nil {
		return nil, nil, fault.New(kind, "expected YAML").At(file).Because(err)
	}
	at := &manifest.Object{Doc: d}
	at.Value, _ = value.(map[string]any) // anything else has no head, as Head will say
	return &Reader{At: at, Kind: kind, Lenient: true}, value, nil
}

// as gives the errors of a manifest the kind of failure that those of the file have.
func as(kind fault.Kind, err error) error {
	var e *fault.Error
	if errors.As(err, &e) {
		e.Kind = kind
	}
	return err
}
