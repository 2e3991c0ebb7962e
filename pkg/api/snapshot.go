// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package api

import "time"

// KindSnapshot is the kind of the first line of a saved snapshot.
const KindSnapshot = "Snapshot"

// Snapshot is the first line of a saved snapshot, which is JSON Lines: one object a
// line follows, as the API server writes it. Readers ignore what they do not know.
type Snapshot struct {
	TypeMeta
	// Time is when it was read; its ages are seen from there.
	Time time.Time `json:"time"`
	// Version is that of the product that saved it.
	Version string `json:"version"`
	// Server is the version of the cluster, empty where there is none.
	Server  string          `json:"server,omitempty"`
	Options SnapshotOptions `json:"options"`
	// Kinds are those that were read, as "Kind.group"; objects of others are unknown.
	Kinds []string `json:"kinds"`
	// Gaps are what could not be read, or was not asked for.
	Gaps []SnapshotGap `json:"gaps"`
	// Objects is how many lines follow.
	Objects int `json:"objects"`
}

// SnapshotOptions are the facts that no object holds.
type SnapshotOptions struct {
	// Namespace is empty for all.
	Namespace     string `json:"namespace,omitempty"`
	ClusterDomain string `json:"clusterDomain"`
	RootNamespace string `json:"rootNamespace"`
	// Partial says that what is not in it may exist all the same.
	Partial bool `json:"partial"`
	// Offline says that it was made of files.
	Offline bool `json:"offline"`
}

// SnapshotGap is a kind that is not all there.
type SnapshotGap struct {
	// Kind is "Kind.group".
	Kind string `json:"kind"`
	// Namespace is empty for all.
	Namespace string `json:"namespace,omitempty"`
	// Known are the namespaces of which it was read all the same.
	Known  []string `json:"known,omitempty"`
	Reason string   `json:"reason"`
	// Missing says that the server does not know the kind.
	Missing bool `json:"missing,omitempty"`
	// Unasked says that nobody wanted it.
	Unasked bool `json:"unasked,omitempty"`
}
