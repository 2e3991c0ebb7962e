// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/ref"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM1006", Slug: "container-config", Severity: finding.Error,
	Short: "Container cannot be configured, often for want of a ConfigMap or Secret",
	Why: `Before it creates a container, the kubelet puts its environment together. If a ConfigMap, a
Secret or a key that the container names does not exist, the container waits with the reason
CreateContainerConfigError until it does; the pod never becomes ready.

A reference with ` + "`optional: true`" + ` does not hold the container up: the variable is left unset.`,
	Fix: `Create what is missing in the namespace of the pod (other namespaces do not count), correct the
name or key, or mark the reference optional if the program gets along without it.`,
	Reference: "https://kubernetes.io/docs/concepts/configuration/configmap/#using-configmaps-as-environment-variables",
	Needs:     slices.Concat(model.WorkloadKinds, []*model.Kind{model.ConfigMaps.Kind, model.Secrets.Kind}),
	Live:      true,
	Explains:  []string{"KM1014", "KM2001", "KM2015", "KM3002"},
	Check:     checkConfig,
	Repair:    repairConfig,
})

// The kubelet's messages about environment variables, see makeEnvironmentVariables
// in its source.
var (
	objectMissing = regexp.MustCompile(`(?i)\b(configmap|secret) "([^"]+)" not found`)
	keyMissing    = regexp.MustCompile(`(?i)couldn't find key (\S+) in (configmap|secret) [^/\s]+/(\S+)`)
	podAndName    = regexp.MustCompile(`\s*\(pod: .*\)`)
)

// want is what a container asks for: an object, or a key in it.
type want struct {
	kind      *model.Kind
	name, key string
}

func wanted(message string) (want, bool) {
	kind := func(word string) *model.Kind {
		if strings.EqualFold(word, "secret") {
			return model.Secrets.Kind
		}
		return model.ConfigMaps.Kind
	}
	if m := keyMissing.FindStringSubmatch(message); m != nil {
		return want{kind(m[2]), m[3], m[1]}, true
	}
	if m := objectMissing.FindStringSubmatch(message); m != nil {
		return want{kind(m[1]), m[2], ""}, true
	}
	return want{}, false
}

func checkConfig(w *rules.World, emit rules.Emit) {
	var all []sighting
	for c := range containers(w) {
		waiting := c.waiting()
		if waiting.Reason != "CreateContainerConfigError" {
			continue
		}
		if _, passing := firstOf(waiting.Message, "cache: timed out", "not yet been read"); passing {
			continue // the kubelet is catching up with the API server
		}
		s := sighting{container: c, severity: finding.Error, since: unready(c.pod.Value)}
		s.evidence = []finding.Evidence{c.statusOf(waiting.Reason+": "+waiting.Message, s.since)}
		if x, ok := wanted(waiting.Message); ok {
			if !s.lacks(w, x) {
				continue
			}
		} else {
			s.refused(waiting.Message)
		}
		all = append(all, s)
	}
	report(w, emit, all)
}

// lacks fills in what a missing object or key means. It returns false when that
// is over: the object has come up, or the template does not ask for it any more.
func (s *sighting) lacks(w *rules.World, x want) bool {
	object := x.kind.Ref(s.pod.Ref.Namespace, x.name)
	keys, there := keysOf(w, object)
	if there && (x.key == "" || slices.Contains(keys, x.key)) {
		return false
	}
	uses, at := s.uses(x)
	if len(uses) == 0 {
		return false
	}
	s.at, s.related = at, []ref.Ref{object}
	missing, near := "does not exist", rules.DidYouMean(x.name, w.Names(x.kind, object.Namespace))
	if x.key != "" {
		missing, near = fmt.Sprintf("has no key %q", x.key), rules.DidYouMean(x.key, keys)
	}
	s.reason = fmt.Sprintf("%s cannot start: %s %s, which %s", s.word(), object, missing, uses[0].what)
	if near != "" {
		s.hint = near + "\n"
	} else if x.key != "" && len(keys) > 0 {
		s.hint = "its keys are " + strings.Join(keys, ", ") + "\n"
	}
	s.hint += "optional: true in the reference would let the container start without it"
	return true
}

// refused fills in the other reasons the kubelet has.
func (s *sighting) refused(message string) {
	s.at = s.field("/securityContext")
	message = podAndName.ReplaceAllString(message, "")
	s.reason = fmt.Sprintf("%s cannot be configured: %s", s.word(), rules.OneLine(message))
	switch {
	case strings.Contains(message, "non-numeric user"):
		s.hint = "runAsNonRoot can be checked only for a numeric user: set securityContext.runAsUser, or USER to a number in the image"
	case strings.Contains(message, "will run as root"), strings.Contains(message, "non-root"):
		s.hint = "set securityContext.runAsUser to a user other than 0 that the image works with"
	}
}

// keysOf returns the keys of a ConfigMap or Secret and whether it exists. Of
// Secrets that were read without their data it knows none.
func keysOf(w *rules.World, r ref.Ref) ([]string, bool) {
	if r.Kind == model.Secrets.Kind.Kind {
		s, found := model.Secrets.Get(w.Snapshot, r.Namespace, r.Name)
		if !found {
			return nil, false
		}
		return slices.Sorted(maps.Keys(s.Value.Data)), true
	}
	c, found := model.ConfigMaps.Get(w.Snapshot, r.Namespace, r.Name)
	if !found {
		return nil, false
	}
	return append(slices.Sorted(maps.Keys(c.Value.Data)), slices.Sorted(maps.Keys(c.Value.BinaryData))...), true
}

func repairConfig(w *rules.World, r rules.Result) []rules.Fix {
	of, found := w.Workload(r.Object)
	if !found || !of.Editable() || len(r.Evidence) == 0 {
		return nil
	}
	x, ok := wanted(r.Evidence[0].Value)
	spec, at := holding(of, r.Pointer)
	if !ok || spec == nil {
		return nil
	}
	near := ref.Closest(x.name, w.Names(x.kind, r.Object.Namespace))
	if x.key != "" {
		keys, _ := keysOf(w, x.kind.Ref(r.Object.Namespace, x.name))
		near = ref.Closest(x.key, keys)
	}
	var rename, relax []patch.Op
	for _, u := range usesIn(spec, x) {
		field := "/name"
		if x.key != "" {
			field = "/key"
		}
		if len(near) > 0 {
			rename = append(rename, patch.Op{Op: patch.Replace, Path: at + u.at + field, Value: near[0]})
		}
		relax = append(relax, patch.Op{Op: patch.Add, Path: at + u.at + "/optional", Value: true})
	}
	var fixes []rules.Fix
	if len(rename) > 0 {
		fixes = append(fixes, rules.Change(rules.Review, "refer to "+near[0], of.Object, rename...))
	}
	if len(relax) > 0 {
		fixes = append(fixes, rules.Change(rules.Review, "start without it: mark the reference optional", of.Object, relax...))
	}
	return fixes
}
