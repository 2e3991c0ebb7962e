// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package crd

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"

	kwok "sigs.k8s.io/kwok/kustomize/crd"
	"sigs.k8s.io/yaml"
)

// Definition is one CustomResourceDefinition as JSON, with what has to be known about it.
type Definition struct {
	// Name is <plural>.<group>.
	Name string `json:"name"`
	// Served are the paths below which the API server lists its resource, one a served version: /apis/<group>/<version>.
	Served []string `json:"served"`
	// Object is the definition itself.
	Object json.RawMessage `json:"object"`
}

// separator splits a YAML stream the way kubectl does: a line that starts a document.
var separator = regexp.MustCompile(`(?m)^---.*$`)

// Parse takes the CustomResourceDefinitions out of a YAML stream and leaves everything else.
func Parse(stream []byte) ([]Definition, error) {
	var definitions []Definition
	for _, document := range separator.Split(string(stream), -1) {
		object, err := yaml.YAMLToJSON([]byte(document))
		if err != nil {
			return nil, err
		}
		var crd struct {
			Kind     string
			Metadata struct{ Name string }
			Spec     struct {
				Group    string
				Versions []struct {
					Name   string
					Served bool
				}
			}
		}
		if err := json.Unmarshal(object, &crd); err != nil {
			return nil, fmt.Errorf("expected a Kubernetes object: %w", err)
		}
		if crd.Kind != "CustomResourceDefinition" {
			continue
		}
		definition := Definition{Name: crd.Metadata.Name, Object: object}
		for _, version := range crd.Spec.Versions {
			if version.Served {
				definition.Served = append(definition.Served, "/apis/"+crd.Spec.Group+"/"+version.Name)
			}
		}
		definitions = append(definitions, definition)
	}
	return definitions, nil
}

// metricsYAML stands in for the resource metrics API, which is an aggregated server in a real cluster: the same paths
// and shapes, but the numbers are objects that a test creates.
//
//go:embed metrics.yaml
var metricsYAML []byte

// Kwok are the definitions that kwok itself serves from: pod logs and resource usage are set by creating such objects.
func Kwok() ([]Definition, error) {
	return Parse(bytes.Join([][]byte{
		kwok.Stage, kwok.Attach, kwok.ClusterAttach, kwok.Exec, kwok.ClusterExec, kwok.Logs, kwok.ClusterLogs,
		kwok.PortForward, kwok.ClusterPortForward, kwok.ResourceUsage, kwok.ClusterResourceUsage, kwok.Metric,
	}, []byte("\n---\n")))
}

// Metrics are the definitions that stand in for metrics.k8s.io.
func Metrics() ([]Definition, error) { return Parse(metricsYAML) }
