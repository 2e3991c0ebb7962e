// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

import "time"

// Diagnosis is what `diagnose` found, and what it could not look at.
type Diagnosis struct {
	TypeMeta
	Scope DiagnosisScope `json:"scope"`
	// Time is the "now" of the diagnosis; a saved snapshot's is the time it was taken.
	Time time.Time `json:"time"`
	// Causes come in the order in which to look at them. Every finding is in
	// exactly one of them.
	Causes []Cause `json:"causes"`
	// Suppressed are the findings that somebody decided to live with.
	Suppressed []Suppressed `json:"suppressed,omitempty"`
	// Gone are the findings that an overlay would clear; only with --overlay.
	Gone []Finding `json:"gone,omitempty"`
	// Skipped is what could not be looked at.
	Skipped []Skipped        `json:"skipped,omitempty"`
	Summary DiagnosisSummary `json:"summary"`
}

// DiagnosisScope is what was looked at.
type DiagnosisScope struct {
	// Source is "cluster", "files", "snapshot" or "overlay".
	Source string `json:"source"`
	// Namespace is empty for all.
	Namespace string `json:"namespace,omitempty"`
	// Target is "Kind namespace/name" where one object was asked for.
	Target   string `json:"target,omitempty"`
	Selector string `json:"selector,omitempty"`
}

// DiagnosisSummary counts.
type DiagnosisSummary struct {
	Objects int `json:"objects"`
	Rules   int `json:"rules"`
	// Errors, Warnings and Infos count findings, those explained by others too.
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Infos    int `json:"infos"`
	// Partial is true when something in scope could not be looked at.
	Partial bool `json:"partial"`
	// Requests and Bytes are what was asked of the API server; null for files.
	Requests *int   `json:"requests"`
	Bytes    *int64 `json:"bytes"`
}

// Cause is a finding that explains others.
type Cause struct {
	Finding
	// Score orders causes; it has no unit.
	Score float64 `json:"score"`
	// Impact says what is hurt, in words: "0 of 3 endpoints of Service shop/cart".
	Impact []string `json:"impact,omitempty"`
	// Explains are the findings that go away with this one.
	Explains []Finding `json:"explains,omitempty"`
	// Rollout is the change that brought the fault; null when it was no rollout.
	Rollout *Rollout `json:"rollout,omitempty"`
	Fixes   []Fix    `json:"fixes,omitempty"`
}

// Finding is one result of one rule.
type Finding struct {
	ID         string      `json:"id"`
	Severity   string      `json:"severity"`
	Confidence string      `json:"confidence"`
	State      string      `json:"state"`
	Title      string      `json:"title"`
	Message    string      `json:"message"`
	Subject    ObjectRef   `json:"subject"`
	Field      string      `json:"field,omitempty"`
	Location   *Location   `json:"location,omitempty"`
	Where      string      `json:"where"`
	Hint       string      `json:"hint,omitempty"`
	Evidence   []Evidence  `json:"evidence,omitempty"`
	Related    []ObjectRef `json:"related,omitempty"`
	// Pods are the pods that show it, Of how many there are.
	Pods []string `json:"pods,omitempty"`
	Of   int      `json:"of,omitempty"`
	// Since is null when it is not known.
	Since       *time.Time `json:"since,omitempty"`
	Docs        string     `json:"docs"`
	Aliases     []string   `json:"aliases,omitempty"`
	Fingerprint string     `json:"fingerprint"`
}

// FindingLine is a line of -o jsonl: a finding on its own.
type FindingLine struct {
	TypeMeta
	// Role is "cause", "explained", "suppressed" or "gone".
	Role string `json:"role"`
	// Cause is the cause that the finding belongs to, itself for a cause; null
	// for what is suppressed or gone.
	Cause *FindingID `json:"cause"`
	// Score is that of the cause.
	Score float64 `json:"score"`
	Finding
	// By and Reason are those of a suppression.
	By     string `json:"by,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// FindingID names a finding: its rule and its fingerprint.
type FindingID struct {
	ID          string `json:"id"`
	Fingerprint string `json:"fingerprint"`
}

// ObjectRef names an object.
type ObjectRef struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

// Location is a place in a file; line and column start at 1.
type Location struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// Evidence is one observation.
type Evidence struct {
	Kind  string     `json:"kind"`
	Of    string     `json:"of,omitempty"`
	Value string     `json:"value"`
	Time  *time.Time `json:"time,omitempty"`
}

// Rollout is a change of a workload's template.
type Rollout struct {
	Revision int       `json:"revision"`
	Time     time.Time `json:"time"`
	// Cause is the change-cause somebody wrote down.
	Cause   string        `json:"cause,omitempty"`
	Changes []FieldChange `json:"changes"`
}

// FieldChange is one field of a template before and after.
type FieldChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Fix is one way to mend a cause. Patches and creations were laid over what was
// read and the rules run again: the finding goes and no error comes.
type Fix struct {
	// ID is the rule whose finding it mends: the cause's, or one it explains.
	ID string `json:"id"`
	// Finding is the fingerprint of the finding it mends.
	Finding string `json:"finding"`
	Title   string `json:"title"`
	// Risk is "safe", "review" or "disruptive".
	Risk string `json:"risk"`
	// Patches are JSON Patches with tests on what was read.
	Patches []FixPatch       `json:"patches,omitempty"`
	Creates []map[string]any `json:"creates,omitempty"`
	Command string           `json:"command,omitempty"`
	// Verified is false for commands, which nobody can try.
	Verified bool `json:"verified"`
}

// FixPatch changes one object.
type FixPatch struct {
	Object ObjectRef `json:"object"`
	Patch  any       `json:"patch"`
}

// Suppressed is a finding together with who suppressed it.
type Suppressed struct {
	Finding
	// By is where: "annotation of Service shop/cart", "cart.yaml:12", ".kubectl-micro.yaml:4".
	By     string `json:"by"`
	Reason string `json:"reason,omitempty"`
}

// Skipped is a kind that could not be read.
type Skipped struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Reason    string `json:"reason"`
	// Needs is what it takes: "list pods in namespace shop".
	Needs string `json:"needs,omitempty"`
	// Rules are the rules that could not say all they would.
	Rules []string `json:"rules"`
}

// RuleList is the rules there are.
type RuleList struct {
	TypeMeta
	Items []Rule `json:"items"`
}

// Rule is what a rule says of itself.
type Rule struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Severity  string   `json:"severity"`
	Short     string   `json:"short"`
	Why       string   `json:"why"`
	Fix       string   `json:"fix"`
	Reference string   `json:"reference"`
	Aliases   []string `json:"aliases,omitempty"`
	// Kinds are those it looks at; empty for every kind.
	Kinds []string `json:"kinds,omitempty"`
	// Live rules look at what only a cluster has; Hygiene rules run when named.
	Live    bool `json:"live"`
	Hygiene bool `json:"hygiene"`
	// Repairs says whether it offers fixes.
	Repairs  bool     `json:"repairs"`
	Explains []string `json:"explains,omitempty"`
}
