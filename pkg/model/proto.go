// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"k8s.io/apimachinery/pkg/runtime"
)

// fill decodes JSON into the Go type of a kind.
func fill(raw map[string]any, k *Kind) (runtime.Object, error) {
	if typed, ok := fillMessage(raw, k); ok {
		return typed, nil
	}
	typed := k.New()
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(raw, typed); err != nil {
		return nil, err
	}
	if !big(raw) {
		return typed, nil
	}
	return typed, holds(raw, k.New())
}

// big reports whether a number is in a value that the smaller types do not hold:
// the fast converter cuts it off without a word, so that port 4294967376 is 80.
func big(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			if big(item) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, big)
	case int64:
		return v != int64(int32(v))
	case float64:
		return math.Abs(v) > math.MaxInt32
	}
	return false
}

// holds is the error of a number that the field of a type does not hold.
func holds(raw map[string]any, typed runtime.Object) error {
	data, err := json.Marshal(raw)
	if err != nil {
		return err
	}
	var misfit *json.UnmarshalTypeError
	if err := json.Unmarshal(data, typed); errors.As(err, &misfit) && strings.HasPrefix(misfit.Value, "number") {
		return err
	}
	return nil // the fast converter has taken it
}

// fillMessage does it for types whose spec is a protocol buffer, as all of
// Istio's are: three times as fast as their own UnmarshalJSON, which is written
// for an older library. It returns false for other types, and for what is not
// exactly as the message is defined: whether that will do is for UnmarshalJSON
// to say.
func fillMessage(raw map[string]any, k *Kind) (runtime.Object, bool) {
	given, ok := raw["spec"].(map[string]any)
	if !ok {
		return nil, false
	}
	typed := k.New()
	field := reflect.ValueOf(typed).Elem().FieldByName("Spec")
	if !field.IsValid() {
		return nil, false
	}
	spec, ok := field.Addr().Interface().(proto.Message)
	if !ok {
		return nil, false
	}
	rest := maps.Clone(raw)
	delete(rest, "spec")
	if runtime.DefaultUnstructuredConverter.FromUnstructured(rest, typed) != nil {
		return nil, false
	}
	data, err := json.Marshal(given)
	if err != nil || protojson.Unmarshal(data, spec) != nil {
		return nil, false
	}
	return typed, true
}
