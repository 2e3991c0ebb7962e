// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package stream takes YAML streams apart.
package stream

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// Document is one object of a stream.
type Document struct {
	// Object is KIND/NAME.
	Object string
	// Text is its YAML.
	Text []byte
}

// Split returns the objects of a stream.
func Split(stream []byte) ([]Document, error) {
	var all []Document
	for r := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream))); ; {
		text, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		var o metav1.PartialObjectMetadata
		if err := yaml.Unmarshal(text, &o); err != nil {
			return nil, fmt.Errorf("document %d: %w", len(all)+1, err)
		}
		if o.Kind != "" { // an empty document is none
			all = append(all, Document{o.Kind + "/" + o.Name, text})
		}
	}
}
