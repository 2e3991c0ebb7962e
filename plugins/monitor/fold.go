// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals"
	"github.com/kubectl-micro/kubectl-micro/pkg/stat"
)

// fold makes rows of answers. What a second convention of metrics tells of somebody
// of whom the first has told is the same requests again.
func (g *golden) fold(q stat.Question, answers []signals.Answer) []stat.Row {
	var rows []stat.Row
	for i, p := range g.feed.Profiles {
		more, warnings := q.Rows(p, answers[i])
		if q.View == viewBoth {
			more, warnings = q.Both(p, answers[i])
		}
		g.tell(warnings)
		first := rows
		for _, r := range more {
			told := slices.ContainsFunc(first, func(have stat.Row) bool { return have.Namespace == r.Namespace && have.Name == r.Name })
			same := slices.IndexFunc(first, func(have stat.Row) bool {
				return have.Namespace == r.Namespace && have.Name == r.Name && have.Version == r.Version
			})
			switch {
			case !told && (p.Name == g.feed.Profiles[0].Name || g.exactly(q, r)):
				rows = append(rows, r)
			case same >= 0 && q.View != viewBoth:
				rows[same] = withRequests(rows[same], r)
			}
		}
	}
	if q.By() == signals.ByNamespace {
		g.left(q, answers)
	}
	return rows
}

// withRequests returns a row of which the first convention knows but bytes, as a mesh
// does of a port whose protocol nobody declared, with the requests that the next one
// counted.
func withRequests(have, next stat.Row) stat.Row {
	if have.Group == nil || next.Group == nil || have.Group.Rate != nil || next.Group.Rate == nil {
		return have
	}
	group := *next.Group
	group.Sent, group.Received = have.Group.Sent, have.Group.Received
	next.Group = &group
	return next
}

// left tells of Services whose requests are not among those of their namespace: only
// another convention tells of them, whose sums hold the requests of the others again.
func (g *golden) left(q stat.Question, answers []signals.Answer) {
	type service struct{ namespace, name string }
	first, told := map[string]int{}, map[service]bool{}
	var left []string
	q.Names, q.Namespace, q.View = []stat.Name{{Word: "svc"}}, "", signals.Client
	for i, p := range g.feed.Profiles {
		rows, _ := q.Rows(p, answers[i])
		for _, r := range rows {
			if _, known := first[r.Namespace]; !known {
				first[r.Namespace] = i
			}
			at := service{r.Namespace, r.Name}
			if !told[at] && first[r.Namespace] < i && r.Group.Rate != nil && *r.Group.Rate > 0 && g.exactly(q, r) {
				left = append(left, r.Namespace+"/"+r.Name+" ("+p.Title+")")
			}
			told[at] = told[at] || r.Group.Rate != nil
		}
	}
	if len(left) > 0 {
		g.tell([]string{"requests that other metrics tell of are not among those of the namespace: " + strings.Join(left, ", ")})
	}
}

// exactly reports whether a row is of somebody who exists or was named: the labels
// of conventions without a mesh are not always those of services.
func (g *golden) exactly(q stat.Question, r stat.Row) bool {
	if g.seen == nil {
		return len(q.Names) > 0 && q.Names[0].Name != ""
	}
	k := q.Names[0].Kind()
	if k == nil {
		k = model.Services.Kind
	}
	_, found := g.seen.Object(k.Ref(r.Namespace, r.Name))
	return found
}
