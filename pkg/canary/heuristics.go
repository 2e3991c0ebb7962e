// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package canary

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	k8slabels "k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/traffic"
)

// heuristics are the rules that read the canary from the routes alone; each
// returns the canary and its reason, or false when it has nothing to say.
var heuristics = []func([]candidate) (traffic.Backend, string, bool){byName, byWeight, byVersion}

// The names that say what a leg is, in Istio's, Argo Rollouts' and Flagger's habits.
var (
	canaryNames = []string{"canary", "preview", "next", "green"}
	stableNames = []string{"stable", "primary"}
)

func isNamed(b traffic.Backend, names []string) bool {
	label := Label(b)
	return slices.ContainsFunc(names, func(n string) bool { return label == n || strings.HasSuffix(label, "-"+n) })
}

func byName(found []candidate) (traffic.Backend, string, bool) {
	var named, plain []candidate
	for _, c := range found {
		if isNamed(c.Backend, canaryNames) {
			named = append(named, c)
		} else if !isNamed(c.Backend, stableNames) {
			plain = append(plain, c)
		}
	}
	if len(named) == 1 {
		return named[0].Backend, fmt.Sprintf("%s is a canary's name", Label(named[0].Backend)), true
	}
	if len(named) == 0 && len(plain) == 1 && len(found) == 2 {
		return plain[0].Backend, fmt.Sprintf("the other leg of %s has a stable leg's name", Label(plain[0].Backend)), true
	}
	return traffic.Backend{}, "", false
}

// byWeight takes the only leg without traffic, or of two legs the one that has
// at most half of what the other has.
func byWeight(found []candidate) (traffic.Backend, string, bool) {
	sorted := slices.Clone(found)
	slices.SortStableFunc(sorted, func(a, b candidate) int { return cmp.Compare(a.share, b.share) })
	least, next := sorted[0], sorted[1]
	switch {
	case least.share == 0 && next.share > 0:
		return least.Backend, fmt.Sprintf("%s is the only leg without traffic", Label(least.Backend)), true
	case len(found) == 2 && least.share > 0 && 2*least.share <= next.share:
		return least.Backend, fmt.Sprintf("%s has clearly less traffic", Label(least.Backend)), true
	}
	return traffic.Backend{}, "", false
}

// version matches v2, 2, v1.4.0 or the end of user-service-v2.
var version = regexp.MustCompile(`(?:^|-)v?(\d+)(?:[.-](\d+))?(?:[.-](\d+))?$`)

func versionOf(b traffic.Backend) ([3]int, bool) {
	m := version.FindStringSubmatch(Label(b))
	if m == nil {
		return [3]int{}, false
	}
	var out [3]int
	for i := range out {
		out[i], _ = strconv.Atoi(m[i+1]) // digits, or empty for 0
	}
	return out, true
}

func byVersion(found []candidate) (traffic.Backend, string, bool) {
	var best candidate
	var high [3]int
	unique := false
	for i, c := range found {
		v, ok := versionOf(c.Backend)
		if !ok {
			return traffic.Backend{}, "", false
		}
		order := slices.Compare(v[:], high[:])
		if i == 0 || order > 0 {
			best, high, unique = c, v, true
		} else if order == 0 {
			unique = false
		}
	}
	return best.Backend, fmt.Sprintf("%s is the highest version", Label(best.Backend)), unique
}

// younger takes the leg whose Deployment was made last. It is asked only when
// nothing else decides, because a restored or renamed Deployment is young too.
func younger(s *model.Snapshot, found []candidate) (traffic.Backend, string, bool) {
	type aged struct {
		candidate
		born time.Time
	}
	var ages []aged
	for _, c := range found {
		born, ok := bornOf(s, c.Backend)
		if !ok {
			return traffic.Backend{}, "", false
		}
		ages = append(ages, aged{c, born})
	}
	slices.SortFunc(ages, func(a, b aged) int { return b.born.Compare(a.born) })
	if ages[0].born.Equal(ages[1].born) {
		return traffic.Backend{}, "", false
	}
	return ages[0].Backend, fmt.Sprintf("%s has the youngest Deployment", Label(ages[0].Backend)), true
}

// bornOf returns when the only Deployment behind a backend was created.
func bornOf(s *model.Snapshot, b traffic.Backend) (time.Time, bool) {
	ns, name, _ := s.ServiceName(b.Host)
	svc, found := model.Services.Get(s, ns, name)
	if !found || len(svc.Value.Spec.Selector) == 0 {
		return time.Time{}, false
	}
	want := k8slabels.Set(svc.Value.Spec.Selector)
	if sub, ok := s.Destination(b.Host, ns).Subset(b.Subset); ok {
		want = k8slabels.Merge(want, sub.Labels)
	}
	var born []time.Time
	for _, d := range model.Deployments.In(s, ns) {
		at := d.Value.CreationTimestamp.Time
		if !at.IsZero() && want.AsSelector().Matches(k8slabels.Set(d.Value.Spec.Template.Labels)) {
			born = append(born, at)
		}
	}
	if len(born) != 1 {
		return time.Time{}, false
	}
	return born[0], true
}

// family is a service's name without the suffix that marks a version of it:
// user-service-v2 and user-service-canary belong to user-service.
func family(name string) string {
	for _, n := range slices.Concat(canaryNames, stableNames) {
		if base, cut := strings.CutSuffix(name, "-"+n); cut {
			return base
		}
	}
	if at := version.FindStringIndex(name); at != nil && at[0] > 0 && strings.HasPrefix(name[at[0]:], "-v") {
		return name[:at[0]]
	}
	return name
}
