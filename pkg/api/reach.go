// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

// Path is whether a request gets from one end to another, hop by hop. A verdict
// is "allow", "deny" or "unknown"; that of a hop also "none": it has no say.
type Path struct {
	TypeMeta
	Verdict string      `json:"verdict"`
	From    PathEnd     `json:"from"`
	To      PathEnd     `json:"to"`
	Request PathRequest `json:"request"`
	// Open is what the request leaves open and an answer of "allow" hangs on, such
	// as "method" and "path": some requests get through and others do not.
	Open []string `json:"open"`
	// Hops are in the order of the packet, those of the first group with the verdict.
	Hops []PathHop `json:"hops"`
	// Groups are pairs of pods that fare differently; one where all fare alike.
	Groups []PathGroup `json:"groups"`
	// Unknowns say what could not be told.
	Unknowns []string   `json:"unknowns"`
	Nearest  []PathMiss `json:"nearest"`
	Notes    []string   `json:"notes,omitempty"`
}

// PathEnd is one end of a path.
type PathEnd struct {
	// Name is its canonical spelling: "shop/svc/backend:80".
	Name string `json:"name"`
	// Object is null for addresses, the internet and nodes.
	Object *ObjectRef `json:"object"`
	// Pods counts the pods, or the templates and addresses that stand in for them.
	Pods int `json:"pods"`
}

// PathRequest is what was asked, with what was left open filled in.
type PathRequest struct {
	Method    string              `json:"method,omitempty"`
	Path      string              `json:"path,omitempty"`
	Host      string              `json:"host,omitempty"`
	Headers   map[string]string   `json:"headers,omitempty"`
	Claims    map[string][]string `json:"claims,omitempty"`
	FromIP    string              `json:"fromIP,omitempty"`
	Protocol  string              `json:"protocol,omitempty"`
	Port      int32               `json:"port,omitempty"`
	Plaintext bool                `json:"plaintext"`
}

// PathHop is one station.
type PathHop struct {
	// Hop is the station's number, from 1 (source) to 11 (arrival).
	Hop     int    `json:"hop"`
	Name    string `json:"name"`
	Verdict string `json:"verdict"`
	Decider
	// Only is true when nothing else lets the request through.
	Only bool `json:"only,omitempty"`
	// ID is the rule of the registry that explains a denial.
	ID    string     `json:"id,omitempty"`
	Notes []string   `json:"notes,omitempty"`
	Fix   string     `json:"fix,omitempty"`
	Near  []PathMiss `json:"nearest,omitempty"`
}

// Decider is an object and one of its rules.
type Decider struct {
	// Object is null where no object decides but a default.
	Object *ObjectRef `json:"object"`
	// Field is the JSON Pointer of the rule.
	Field string `json:"field,omitempty"`
	// File and Line are where it stands; of a live object there is none.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Rule string `json:"rule,omitempty"`
	// Reason is a few words.
	Reason string `json:"reason,omitempty"`
}

// PathMiss is a rule that would let the request through but for some fields.
type PathMiss struct {
	Decider
	// Wants and Has are what the rule asks for and what the request brings.
	Wants []string `json:"wants"`
	Has   []string `json:"has"`
}

// PathGroup is pairs of pods for which all hops answer alike.
type PathGroup struct {
	// Name counts them: "2 of 3 pods"; empty where there is one group.
	Name    string    `json:"name,omitempty"`
	From    []string  `json:"from"`
	To      []string  `json:"to"`
	Port    int32     `json:"port,omitempty"`
	Verdict string    `json:"verdict"`
	Hops    []PathHop `json:"hops"`
}

// Reachability is who may connect to whom; what is not in it is denied.
type Reachability struct {
	TypeMeta
	Rows      []ReachRow `json:"rows"`
	Workloads int        `json:"workloads"`
	// Classes counts the workloads that policies tell apart.
	Classes  int      `json:"classes"`
	Unknowns []string `json:"unknowns"`
}

// ReachRow is a group of sources that reach a group of targets alike.
type ReachRow struct {
	From        ReachSide         `json:"from"`
	To          ReachSide         `json:"to"`
	Connections []ReachConnection `json:"connections"`
	// By are the objects that a difference comes from; only in a ReachabilityDiff.
	By []Decider `json:"by,omitempty"`
}

// ReachSide is one side of a row.
type ReachSide struct {
	Name      string      `json:"name"`
	Workloads []ObjectRef `json:"workloads,omitempty"`
	Internet  bool        `json:"internet,omitempty"`
	Everybody bool        `json:"everybody,omitempty"`
}

// ReachConnection is what is let through.
type ReachConnection struct {
	// Protocol is empty for all; First and Last are 0 for all ports.
	Protocol string `json:"protocol,omitempty"`
	First    int32  `json:"first,omitempty"`
	Last     int32  `json:"last,omitempty"`
	// Verdict is "allow", or "unknown" with a reason.
	Verdict string `json:"verdict"`
	// When are the requests that get through, one of them is enough; empty for all.
	When   []string `json:"when,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

// ReachabilityDiff is what changes from one world to another.
type ReachabilityDiff struct {
	TypeMeta
	Lost     []ReachRow `json:"lost"`
	Gained   []ReachRow `json:"gained"`
	Unknowns []string   `json:"unknowns"`
}

// MTLSReport says how every known edge is encrypted.
type MTLSReport struct {
	TypeMeta
	Edges     []MTLSEdge     `json:"edges"`
	Workloads []MTLSWorkload `json:"workloads"`
	Unknowns  []string       `json:"unknowns"`
}

// MTLSEdge is a caller of a port.
type MTLSEdge struct {
	From string `json:"from"`
	To   string `json:"to"`
	Port int32  `json:"port,omitempty"`
	// Service is null where pods are called directly.
	Service  *ObjectRef `json:"service"`
	Declared []Decider  `json:"declared,omitempty"`
	Client   string     `json:"client"`
	Server   string     `json:"server"`
	ClientBy Decider    `json:"clientBy"`
	ServerBy Decider    `json:"serverBy"`
	// Result is "mutual", "plain", "app-tls", "fail" or "unknown".
	Result string `json:"result"`
	Reason string `json:"reason,omitempty"`
}

// MTLSWorkload says whether a workload could demand mutual TLS.
type MTLSWorkload struct {
	Name   string    `json:"name"`
	Object ObjectRef `json:"object"`
	Mode   string    `json:"mode"`
	// Strict is "yes" (it could), "no" (a known caller would break), "already",
	// "no-proxy" (nothing is there to demand it) or "unknown".
	Strict string   `json:"strict"`
	Breaks []string `json:"breaks,omitempty"`
}

// PolicyPlan is what to write, and what it would break.
type PolicyPlan struct {
	TypeMeta
	// Objects are to be applied, in this order.
	Objects []map[string]any `json:"objects"`
	// Patches change policies that exist.
	Patches []FixPatch `json:"patches,omitempty"`
	// Offers are patches of other people's policies that would do instead.
	Offers     []FixPatch        `json:"offers,omitempty"`
	Warnings   []PolicyNotice    `json:"warnings"`
	Risks      []PolicyNotice    `json:"risks"`
	Violations []PolicyViolation `json:"violations"`
}

// PolicyNotice is something to know about a plan.
type PolicyNotice struct {
	Object *ObjectRef `json:"object"`
	Where  string     `json:"where,omitempty"`
	// And are other objects of which the same is true.
	And  []ObjectRef `json:"and,omitempty"`
	Text string      `json:"text"`
	Fix  string      `json:"fix,omitempty"`
}

// PolicyViolation is an invariant that a plan breaks.
type PolicyViolation struct {
	// ID is "INV-DNS" and so on.
	ID      string     `json:"id"`
	Object  *ObjectRef `json:"object"`
	Warning bool       `json:"warning,omitempty"`
	Forced  bool       `json:"forced,omitempty"`
	Reason  string     `json:"reason"`
	Fix     string     `json:"fix,omitempty"`
}
