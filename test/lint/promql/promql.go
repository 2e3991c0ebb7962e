// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package promql has Prometheus, as a library and unchanged, read and evaluate the
// rules that the scaffold writes. It is a module of its own, as Prometheus asks for
// newer libraries of Kubernetes than other linters can bear.
package promql

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

// Rule is one of a PrometheusRule.
type Rule struct {
	// Name is OBJECT/RECORD or OBJECT/ALERT.
	Name string
	// Expr is what Prometheus evaluates.
	Expr string
}

// document is what of an object matters here.
type document struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		Groups []struct {
			Rules []struct{ Record, Alert, Expr string }
		}
	}
}

// Rules are those of all PrometheusRules in a stream of YAML documents.
func Rules(stream []byte) ([]Rule, error) {
	var out []Rule
	for d, n := yaml.NewDecoder(bytes.NewReader(stream)), 1; ; n++ {
		var object yaml.Node
		if err := d.Decode(&object); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, fmt.Errorf("document %d: %w", n, err)
		}
		var kind struct{ Kind string }
		if err := object.Decode(&kind); err != nil {
			return nil, fmt.Errorf("document %d: %w", n, err)
		}
		if kind.Kind != "PrometheusRule" {
			continue
		}
		var rules document
		if err := object.Decode(&rules); err != nil {
			return nil, fmt.Errorf("document %d: %w", n, err)
		}
		for _, g := range rules.Spec.Groups {
			for _, r := range g.Rules {
				out = append(out, Rule{Name: rules.Metadata.Name + "/" + r.Record + r.Alert, Expr: r.Expr})
			}
		}
	}
}

// Parse reports why Prometheus does not take the expression of a rule.
func (r Rule) Parse() error {
	if _, err := parser.NewParser(parser.Options{}).ParseExpr(r.Expr); err != nil {
		return fmt.Errorf("%s: %s: %w", r.Name, r.Expr, err)
	}
	return nil
}
