// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package settings finds the value of a flag that was not given: in an environment
// variable, then in the user's file, for the context, for the command, for all.
//
// Only flags about how to look and how to show can be set so. What is written, to
// which cluster and in which format a program reads the answer never hangs on a file
// that a reader of the command line does not see.
package settings

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/api"
	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/strict"
)

// flags are those that can be set.
var flags = []string{
	"cache-dir", "chunk-size", "cluster-domain", "color", "fail-on", "grpc-errors", "interval", "no-headers", "profile", "prometheus",
	"prometheus-ca-file", "prometheus-token-file", "request-timeout", "root-namespace", "source", "timeout", "v", "view",
	"warnings-as-errors", "window",
}

// Flags returns the names of the flags that can be set, sorted.
func Flags() []string { return slices.Clone(flags) }

// Variable is the environment variable of a flag: KUBECTL_MICRO_CHUNK_SIZE.
func Variable(flag string) string {
	return "KUBECTL_MICRO_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// Settings is the user's file; the zero value is one that sets nothing.
type Settings struct {
	api.Settings
	// places are where values stand, by JSON Pointers.
	places map[string]string
}

// Value is one that was found.
type Value struct {
	// Text is the value as it would be typed, From where it stands: the name of a
	// variable or "file:line:column".
	Text, From string
}

// suppressions is the kind of the other file that people name a configuration.
const suppressions = "Config"

// Read reads the file. The error joins all that is wrong with it.
func Read(file string, data []byte) (Settings, error) {
	r, value, err := strict.Open(file, data, api.KindSettings, fault.Usage)
	if r == nil || err != nil {
		return Settings{}, err
	}
	if r.At.Value["kind"] == suppressions {
		return Settings{}, fault.Usagef("expected kind %s, found %s: that is what --config of diagnose names", api.KindSettings, suppressions).
			At(r.At.Where("/kind")).Try("unset KUBECTL_MICRO_CONFIG; kubectl micro diagnose --config %s", file)
	}
	if err := r.Head(api.Version, api.KindSettings); err != nil {
		return Settings{}, err
	}
	var s Settings
	if err := r.Decode(value, &s.Settings); err != nil {
		return Settings{}, err
	}
	s.places = r.Places
	check(r, "/defaults", s.Defaults)
	for _, group := range []struct {
		at string
		of map[string]map[string]any
	}{{"/commands", s.Commands}, {"/contexts", s.Contexts}} {
		for _, name := range slices.Sorted(maps.Keys(group.of)) {
			check(r, patch.Join(group.at, name), group.of[name])
		}
	}
	return s, r.Err()
}

// check reports flags that cannot be set, and values that are no single word.
func check(r *strict.Reader, at string, values map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		where := patch.Join(at, name)
		if !slices.Contains(flags, name) {
			hint := "the flags that can be set: " + strings.Join(flags, ", ")
			if near := ref.Closest(name, flags); len(near) > 0 {
				hint = near[0] + ":"
			}
			r.Fail(where, hint, "%q cannot be set in a file: expected a flag about how to look or to show", name)
			continue
		}
		switch values[name].(type) {
		case string, bool, int64, float64:
		default:
			r.Fail(where, name+": VALUE", "expected one value for %s, found a mapping, a list or nothing", name)
		}
	}
}

// Find returns the value of a flag for a command ("monitor stat") and a context of
// the kubeconfig; ok is false where nobody has set it.
func (s Settings) Find(getenv func(string) string, context, command, flag string) (value Value, ok bool) {
	if !slices.Contains(flags, flag) {
		return Value{}, false
	}
	if text := getenv(Variable(flag)); text != "" {
		return Value{text, Variable(flag)}, true
	}
	if v, ok := s.value(patch.Join("/contexts", context), s.Contexts[context], flag); ok {
		return v, true
	}
	// The nearest of a command and those above it.
	for words := strings.Fields(command); len(words) > 0; words = words[:len(words)-1] {
		name := strings.Join(words, " ")
		if v, ok := s.value(patch.Join("/commands", name), s.Commands[name], flag); ok {
			return v, true
		}
	}
	return s.value("/defaults", s.Defaults, flag)
}

func (s Settings) value(at string, values map[string]any, flag string) (Value, bool) {
	v, ok := values[flag]
	if !ok {
		return Value{}, false
	}
	return Value{fmt.Sprint(v), s.places[patch.Join(at, flag)]}, true
}

// Unknown reports commands that do not exist, which would be ignored in silence.
func (s Settings) Unknown(commands []string) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(s.Commands)) {
		if slices.Contains(commands, name) {
			continue
		}
		err := fault.Usagef("no command %q", name).At(s.places[patch.Join("/commands", name)])
		if near := ref.Closest(name, commands); len(near) > 0 {
			err = err.Try("%s:", near[0])
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
