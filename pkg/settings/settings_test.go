// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package settings_test

import (
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/settings"
)

const file = `apiVersion: kubectl-micro.dev/v1alpha1
kind: Settings
defaults:
  color: never
  window: 5m
  no-headers: true
commands:
  monitor:
    window: 10m
  monitor stat:
    window: 15m
contexts:
  prod:
    window: 1h
    v: 2
`

func TestFind(t *testing.T) {
	s, err := settings.Read("micro.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for _, test := range []struct {
		name, variable, context, command, flag string
		want                                   settings.Value
	}{
		{"the variable outranks the file", "KUBECTL_MICRO_WINDOW", "prod", "monitor stat", "window", settings.Value{Text: "7m", From: "KUBECTL_MICRO_WINDOW"}},
		{"then the context", "", "prod", "monitor stat", "window", settings.Value{Text: "1h", From: "micro.yaml:14:5"}},
		{"then the command", "", "test", "monitor stat", "window", settings.Value{Text: "15m", From: "micro.yaml:11:5"}},
		{"then the one above", "", "test", "monitor edges", "window", settings.Value{Text: "10m", From: "micro.yaml:9:5"}},
		{"then the defaults", "", "", "diagnose", "window", settings.Value{Text: "5m", From: "micro.yaml:5:3"}},
		{"a number", "", "prod", "", "v", settings.Value{Text: "2", From: "micro.yaml:15:5"}},
		{"a switch", "", "", "", "no-headers", settings.Value{Text: "true", From: "micro.yaml:6:3"}},
		{"nobody", "", "test", "", "v", settings.Value{}},
		{"no flag that decides what is written", "KUBECTL_MICRO_WRITE", "", "", "write", settings.Value{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			clear(env)
			if test.variable != "" {
				env[test.variable] = "7m"
			}
			got, ok := s.Find(func(name string) string { return env[name] }, test.context, test.command, test.flag)
			if got != test.want || ok != (test.want != settings.Value{}) {
				t.Errorf("got %+v (%t), want %+v", got, ok, test.want)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	const head = "apiVersion: kubectl-micro.dev/v1alpha1\nkind: Settings\n"
	for _, test := range []struct {
		name, text, want string
	}{
		{"another kind", "apiVersion: kubectl-micro.dev/v1alpha1\nkind: Setting\n", "micro.yaml:2:1: expected apiVersion kubectl-micro.dev/v1alpha1 and kind Settings, found kubectl-micro.dev/v1alpha1 and Setting"},
		{"no kind", "defaults: {color: never}\n", "micro.yaml:1:1: expected apiVersion kubectl-micro.dev/v1alpha1 and kind Settings, found none and none"},
		{"the other file", "apiVersion: kubectl-micro.dev/v1alpha1\nkind: Config\n", "micro.yaml:2:1: expected kind Settings, found Config: that is what --config of diagnose names"},
		{"a misspelt section", head + "default: {color: never}\n", "micro.yaml:3:1: expected a known field at the top, found default"},
		{"a flag that decides what is written", head + "defaults: {dry-run: none}\n", `micro.yaml:3:12: "dry-run" cannot be set in a file`},
		{"a misspelt flag", head + "contexts:\n  prod: {windw: 5m}\n", `micro.yaml:4:10: "windw" cannot be set in a file`},
		{"a list", head + "defaults:\n  color: [never]\n", "micro.yaml:4:3: expected one value for color"},
		{"nothing", head + "defaults:\n  color:\n", "micro.yaml:4:3: expected one value for color"},
		{"two documents", head + "---\n" + head, "micro.yaml:4: expected one document of kind Settings, found 2"},
		{"no YAML", "a: [", "micro.yaml"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := settings.Read("micro.yaml", []byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	if _, err := settings.Read("micro.yaml", []byte("\n# nothing yet\n")); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}

func TestUnknownCommands(t *testing.T) {
	s, err := settings.Read("micro.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Unknown([]string{"monitor", "monitor stat"}); err != nil {
		t.Errorf("got %v", err)
	}
	if err := s.Unknown([]string{"monitor", "monitor status"}); err == nil || !strings.Contains(err.Error(), `micro.yaml:10:3: no command "monitor stat"`) {
		t.Errorf("got %v", err)
	}
}

func TestVariable(t *testing.T) {
	if got := settings.Variable("chunk-size"); got != "KUBECTL_MICRO_CHUNK_SIZE" {
		t.Errorf("got %s", got)
	}
}
