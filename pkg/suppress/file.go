// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package suppress

import (
	"fmt"
	"maps"
	"path"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/strict"
)

// kind is the one of the file.
const kind = "Config"

// ReadConfig reads a .kubectl-micro.yaml. An empty one is an empty config. The
// error joins all that is wrong, each with its place: unknown keys and values of
// the wrong type among them.
func ReadConfig(file string, data []byte) (*api.Config, error) {
	r, value, err := strict.Open(file, data, kind, fault.Usage)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return &api.Config{TypeMeta: api.Type(kind), File: file}, nil
	}
	if r.At.Value["kind"] == api.KindSettings {
		return nil, fault.Usagef("expected kind %s, found %s: that is the file of settings for flags", kind, api.KindSettings).
			At(r.At.Where("/kind")).Try("KUBECTL_MICRO_CONFIG=%s, and no --config", file)
	}
	config := &api.Config{}
	if err := r.Decode(value, config); err != nil {
		return nil, err
	}
	config.File, config.Places = file, r.Places
	values(r, config)
	return config, r.Err()
}

// values checks what a type cannot say. Words that mean no rule and dates that
// are none are findings and no errors: the other suppressions still hold.
func values(r *strict.Reader, c *api.Config) {
	if c.APIVersion != api.Version || c.Kind != kind {
		r.Fail("", fmt.Sprintf("apiVersion: %s\nkind: %s", api.Version, kind),
			"expected apiVersion %s and kind %s, found %q and %q", api.Version, kind, c.APIVersion, c.Kind)
	}
	for _, word := range slices.Sorted(maps.Keys(c.Diagnose.Severities)) {
		var s finding.Severity
		if err := s.UnmarshalText([]byte(c.Diagnose.Severities[word])); err != nil {
			r.Fail(patch.Join("/diagnose/severities", word), "", "expected info, warning or error for %s, found %q", word, c.Diagnose.Severities[word])
		}
	}
	for i, x := range c.Diagnose.Ignore {
		pointer := fmt.Sprintf("/diagnose/ignore/%d", i)
		if len(x.Rules) == 0 {
			r.Fail(pointer, "rules: [KM3004]", "expected at least one rule in rules, found none")
		}
		for _, field := range []struct{ name, glob string }{{"kind", x.Kind}, {"namespace", x.Namespace}, {"name", x.Name}} {
			if _, err := path.Match(field.glob, ""); err != nil {
				r.Fail(patch.Join(pointer, field.name), "", "expected a name or a glob in %s, found %q", field.name, field.glob)
			}
		}
		if _, err := labels.Parse(x.Labels); err != nil {
			r.Fail(pointer+"/labels", "", "expected a selector such as app=cart,tier!=db in labels, found %q", x.Labels)
		}
	}
}
