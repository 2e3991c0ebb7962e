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
		q.Namespace = ns
		if _, err := Find(s, q); err == nil {
			found = append(found, ns)
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
