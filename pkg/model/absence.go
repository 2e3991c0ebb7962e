// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package model

// Absence says what it proves that an object is not in a Snapshot.
type Absence int

// The absences. Of a cluster that could be read, an object that is not there
// does not exist. Of files it may be in others; that is less likely when these
// hold others of its kind in its namespace.
const (
	// Unknown: objects of the kind could not be read.
	Unknown Absence = iota
	// Outside: the files hold none of this kind in the namespace.
	Outside
	// NotInSet: the files hold others of this kind in the namespace.
	NotInSet
	// Proven: it does not exist.
	Proven
)

// String completes "Secret x ...".
func (a Absence) String() string {
	switch a {
	case Unknown:
		return "is not known"
	case Proven:
		return "does not exist"
	}
	return "is not in these files"
}

// PodAbsence returns what it proves that a namespace (all if empty) has no pods
// of some sort, neither running nor to be made: every kind that makes pods has
// to be in view.
func (s *Snapshot) PodAbsence(namespace string) Absence {
	for _, k := range WorkloadKinds {
		if _, gap := s.Gap(k.GroupKind, namespace); gap {
			return Unknown
		}
	}
	switch {
	case !s.Partial:
		return Proven
	case len(s.Workloads(namespace)) > 0:
		return NotInSet
	}
	return Outside
}

// Absence returns what the absence of objects of a kind in a namespace proves.
func (s *Snapshot) Absence(k *Kind, namespace string) Absence {
	if !k.Namespaced {
		namespace = ""
	}
	if _, gap := s.Gap(k.GroupKind, namespace); gap {
		return Unknown
	}
	switch {
	case !s.Partial:
		return Proven
	case len(s.InNamespace(k.GroupKind, namespace)) > 0:
		return NotInSet
	}
	return Outside
}
