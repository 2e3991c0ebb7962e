// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

// Config is what a team has agreed on: the file .kubectl-micro.yaml.
type Config struct {
	TypeMeta `json:",inline"`
	Diagnose DiagnoseConfig `json:"diagnose,omitempty"`

	// File is the name of the file, as it is shown to people.
	File string `json:"-"`
	// Places are where the values stand ("file:line:column"), by the JSON Pointers
	// of mappings, of the items of lists and of all that is in them.
	Places map[string]string `json:"-"`
}

// DiagnoseConfig is about the rules, for all commands that run them.
type DiagnoseConfig struct {
	// Severities gives rules another severity: "info", "warning" or "error" by an
	// ID, a family, a glob, a name or another tool's code. An ID or a name goes
	// before the others, a longer word before a shorter one.
	Severities map[string]string `json:"severities,omitempty"`
	// Ignore lists findings that do not count.
	Ignore []Ignore `json:"ignore,omitempty"`
}

// Ignore says which findings do not count. What is empty means all there are.
type Ignore struct {
	// Rules are IDs, families, globs, names or other tools' codes; at least one.
	Rules []string `json:"rules"`
	// Kind is a kind, what kubectl calls it ("svc"), or a glob.
	Kind string `json:"kind,omitempty"`
	// Namespace and Name are globs.
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
	// Labels is a selector on the labels of the object.
	Labels string `json:"labels,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Until is the last day on which it holds, as 2026-12-31 (UTC); empty for ever.
	Until string `json:"until,omitempty"`
}
