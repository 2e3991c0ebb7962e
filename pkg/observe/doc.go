// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package observe makes what has to exist for a service to be seen: monitors that a
// Prometheus of the cluster takes, a Grafana dashboard, log collectors, and the rights
// to look. It decides by what is in a Snapshot: real names of ports, real labels, the
// selectors that are there, the TLS that pods demand. It writes nothing.
package observe

// Draft is what was made, with what one must know to use it.
type Draft struct {
	// Object is a Kubernetes object.
	Object map[string]any
	// Comments say why it is as it is; each is one sentence.
	Comments []string
	// Steps are what has to be done besides, before the object has any effect.
	Steps []Step
}

// Step is a change of something that is somebody else's.
type Step struct {
	// Why it is needed.
	Why string
	// Command does it.
	Command string
}
