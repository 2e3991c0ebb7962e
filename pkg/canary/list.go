// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// List returns the services of a namespace (all if empty) whose traffic can be
// split, sorted by namespace and name.
func List(s *model.Snapshot, namespace string) []Target {
	return splittable(s, traffic.Routes(s), namespace)
}

// Home finds the namespace of a name in a world that has no current namespace:
// in a stream of files, the only one where the name has routes. It is empty
// when there is none, and a usage error when there are several.
func Home(s *model.Snapshot, q Query) (string, error) {
	if q.Name == "" {
		return "", nil
	}
	var candidates, found []string
	for _, r := range traffic.Routes(s) {
		candidates = append(candidates, r.Object.Ref.Namespace)
		for _, l := range r.Legs {
			if ns, _, ok := s.ServiceName(l.Host); ok {
				candidates = append(candidates, ns)
			}
		}
	}
	slices.Sort(candidates)
	for _, ns := range slices.Compact(candidates) {
		if t, err := Find(s, Query{Name: q.Name, Namespace: ns}); err == nil && !slices.Contains(found, t.Namespace) {
			found = append(found, t.Namespace)
		}
	}
	switch len(found) {
	case 0:
		return strings.Join(slices.Compact(candidates)[:min(1, len(candidates))], ""), nil
	case 1:
		return found[0], nil
	}
	return "", fault.Usagef("%q is in the namespaces %s: name one", q.Name, strings.Join(found, ", ")).
		Try("-n %s", strings.Join(found, "\n-n "))
}

// Mentions returns texts of which every manifest that bears on a query holds at
// least one, so that others need not be parsed: the service's name, a wildcard
// that may cover it, a delegation that may lead to it. Nil means that any
// manifest may matter. It is a sieve for speed: a decision that fails is to be
// made again on everything.
func Mentions(q Query) []string {
	kind, name, typed := strings.Cut(q.Name, "/")
	if !typed {
		kind, name = "service", q.Name
	}
	if k, known := model.KindNamed(kind); name == "" || !known || k != model.Services.Kind {
		return nil
	}
	first, _, _ := strings.Cut(name, ".")
	return []string{first, "*", "delegate"}
}
