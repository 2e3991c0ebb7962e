// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/runtime"
)

// spelled is an object of Istio with words of its spec that the types leave out,
// as each is the first of its kind: a reader takes what is not there for another
// default.
type spelled struct {
	runtime.Object
	// words are by field of the spec.
	words map[string]any
}

// MarshalJSON writes the object and the words.
func (s spelled) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(s.Object)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, err
	}
	for field, word := range s.words {
		out["spec"].(map[string]any)[field] = word
	}
	return json.Marshal(out)
}
