// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

// KindSettings is the kind of ~/.kube/micro.yaml.
const KindSettings = "Settings"

// Settings are what one person prefers: values of flags that were not given.
// Later ones of the three outrank earlier ones; the flag itself and its environment
// variable outrank them all.
type Settings struct {
	TypeMeta `json:",inline"`
	// Defaults are values of flags by their names, for every command that has them.
	Defaults map[string]any `json:"defaults,omitempty"`
	// Commands are values for one command and those below it: "monitor stat".
	Commands map[string]map[string]any `json:"commands,omitempty"`
	// Contexts are values for one context of the kubeconfig.
	Contexts map[string]map[string]any `json:"contexts,omitempty"`
}

// SettingList are the values of flags that were not given, and where they come from.
type SettingList struct {
	TypeMeta
	// File is the file of settings, which need not exist.
	File     string    `json:"file"`
	Settings []Setting `json:"settings"`
}

// Setting is one flag of one command.
type Setting struct {
	// Command is "*" for a flag that all commands take.
	Command string `json:"command"`
	Flag    string `json:"flag"`
	Value   string `json:"value"`
	// From is a variable or "file:line:column"; null for the default of the program.
	From *string `json:"from"`
}
