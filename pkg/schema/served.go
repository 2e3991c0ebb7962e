// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/version"
)

// Version is what is known about an apiVersion of a kind.
type Version struct {
	// Known is true if such a version exists or has existed; Owned if the API group
	// is one of those in the table, so that what is not Known is wrong.
	Known, Owned bool
	// Custom is true for kinds of CRDs. Their versions come and go with the CRD that
	// is installed, not with Kubernetes.
	Custom bool
	// Served is false for a version of a CRD that its present release does not serve
	// any more.
	Served bool
	// Deprecated and Removed are minor versions of Kubernetes 1, the first in which
	// that is so; 0 for never. Deprecated is 1 where a CRD says so without a version.
	Deprecated, Removed int
	// APIVersion and Kind are what to write instead; empty if there is nothing
	// better.
	APIVersion, Kind string
}

// Newest is the newest minor version of Kubernetes 1 that Served knows about.
func Newest() int {
	for _, m := range loaded().modules {
		if m[0] == "k8s.io/api" {
			_, minor, _ := strings.Cut(m[1], ".")
			minor, _, _ = strings.Cut(minor, ".")
			return whole(minor)
		}
	}
	return 0
}

// Served tells what becomes of an apiVersion.
func Served(apiVersion, kind string) Version {
	t := loaded()
	group := groupOf(apiVersion)
	builtin, owned := t.groups[group]
	of := typeMeta{apiVersion, kind}
	e, listed := t.kinds[of]
	l, lived := t.lives[of]
	v := Version{
		Known: listed || lived, Owned: owned, Custom: owned && !builtin, Served: !e.unserved,
		Deprecated: l.deprecated, Removed: l.removed,
	}
	if e.deprecated {
		v.Deprecated = 1
	}
	next := t.follow(l.next)
	if next == (typeMeta{}) {
		next = t.best(of, v.Known)
	}
	v.APIVersion, v.Kind = next.apiVersion, next.kind
	return v
}

// follow goes on from a replacement that has been removed itself.
func (t *table) follow(next typeMeta) typeMeta {
	for range len(t.lives) {
		l, lived := t.lives[next]
		if !lived || l.removed == 0 || l.removed > Newest() {
			return next
		}
		if l.next == (typeMeta{}) {
			return typeMeta{}
		}
		next = l.next
	}
	return typeMeta{}
}

// best is the most stable version of a kind that is served, if it is newer than
// the given one. A kind that the group does not have is looked for in the other
// groups of Kubernetes, where it has one home: a Deployment in v1 means apps/v1.
func (t *table) best(of typeMeta, known bool) typeMeta {
	group := groupOf(of.apiVersion)
	candidates := t.versions[groupKind{group, of.kind}]
	if len(candidates) == 0 && t.groups[group] {
		for g := range t.groups {
			if found := t.versions[groupKind{g, of.kind}]; t.groups[g] {
				candidates = append(candidates, found...)
			}
		}
	}
	candidates = slices.DeleteFunc(slices.Clone(candidates), func(apiVersion string) bool {
		at := typeMeta{apiVersion, of.kind}
		e, listed := t.kinds[at]
		l := t.lives[at]
		return !listed || e.unserved || l.removed > 0 && l.removed <= Newest()
	})
	if len(candidates) == 0 {
		return typeMeta{}
	}
	best := slices.MaxFunc(candidates, func(a, b string) int {
		if c := version.CompareKubeAwareVersionStrings(bare(a), bare(b)); c != 0 {
			return c
		}
		return strings.Compare(b, a)
	})
	if known && version.CompareKubeAwareVersionStrings(bare(best), bare(of.apiVersion)) <= 0 {
		return typeMeta{}
	}
	return typeMeta{best, of.kind}
}

func bare(apiVersion string) string { return apiVersion[strings.LastIndexByte(apiVersion, '/')+1:] }

// Minor reads the minor version of "1.33", "v1.33.2" or "1.33+"; ok is false for
// anything else.
func Minor(kubeVersion string) (minor int, ok bool) {
	major, rest, found := strings.Cut(strings.TrimPrefix(kubeVersion, "v"), ".")
	rest, _, _ = strings.Cut(rest, ".")
	minor, err := strconv.Atoi(strings.TrimSuffix(rest, "+"))
	return minor, found && major == "1" && err == nil
}
