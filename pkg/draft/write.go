// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"bytes"
	"encoding/json"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

// Write writes a System as an app file, in the order of its fields, with a comment
// on top and one above each service that has remarks.
func Write(s api.System, head string, remarks map[string]string) ([]byte, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "write the app file")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	top, err := decode(dec)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "write the app file")
	}
	top.keys()[0].HeadComment = comment(head)
	services := top.get("services")
	for i, key := range services.keys() {
		key.HeadComment = comment(remarks[key.Value])
		tidy((*node)(services.Content[2*i+1]))
	}
	return encode(top)
}

// get is the value of a key; empty if there is none.
func (n *node) get(key string) *node {
	if i := slices.IndexFunc(n.keys(), named(key)); i >= 0 {
		return (*node)(n.Content[2*i+1])
	}
	return mapping()
}

// tidy writes the short forms: a port that is a number only, a dependency that is
// a name only; and leaves an image out that the versions have.
func tidy(service *node) {
	if service.get("image").Value == "" {
		if i := slices.IndexFunc(service.keys(), named("image")); i >= 0 {
			service.Content = slices.Delete(service.Content, 2*i, 2*i+2)
		}
	}
	for _, all := range []struct{ field, only string }{{"ports", "port"}, {"dependsOn", "service"}} {
		for i, v := range service.get(all.field).Content {
			if len(v.Content) == 2 && v.Content[0].Value == all.only {
				service.get(all.field).Content[i] = v.Content[1]
			}
		}
	}
}

// decode makes nodes of JSON; the order of keys stays.
func decode(dec *json.Decoder) (*node, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case string:
		return text(t), nil
	case json.Number:
		return &node{Kind: yaml.ScalarNode, Tag: "!!int", Value: t.String()}, nil
	case bool:
		return &node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: map[bool]string{true: "true", false: "false"}[t]}, nil
	case json.Delim:
		out := list()
		if t == '{' {
			out = mapping()
		}
		for dec.More() {
			one, err := decode(dec) // of a mapping, keys and values in turn
			if err != nil {
				return nil, err
			}
			out.Content = append(out.Content, one.yaml())
		}
		_, err := dec.Token()
		return out, err
	}
	return &node{Kind: yaml.ScalarNode, Tag: "!!null"}, nil
}
