// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security

import (
	"slices"
	"strings"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/model"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

var _ = family.Add(rules.Rule{
	ID: "KM9026", Slug: "path-edges", Severity: finding.Warning,
	Short: "Paths of an AuthorizationPolicy match less or more than they seem to",
	Why: `/public/* matches what is below /public, not /public itself; /public* matches that and /publicity too.
Before they are compared, paths lose . and .., and that is all by default: //admin and /a%2Fb reach the
application as they are, and match no rule for /admin or /a/b. A DENY rule is passed by in this way, an
ALLOW rule keeps out.`,
	Fix: `Name both, /public and /public/*. Set meshConfig.pathNormalization to MERGE_SLASHES, or to
DECODE_AND_MERGE_SLASHES, and prefer ALLOW rules: what they do not match is denied.`,
	Reference: "https://istio.io/latest/docs/ops/best-practices/security/#understand-path-normalization-in-authorization-policy",
	Needs:     []*model.Kind{model.AuthorizationPolicies.Kind, model.ConfigMaps.Kind},
	Explains:  []string{"KM9010", "KM9013"},
	Check:     checkPaths,
	Repair:    repairPaths,
})

func checkPaths(w *rules.World, emit rules.Emit) {
	normalization := w.MeshConfig().PathNormalization
	merges := normalization == model.NormalizeMerge || normalization == model.NormalizeDecodeAndMerge
	for _, p := range every(w) {
		all := slices.DeleteFunc(lists(p.spec()), func(l list) bool { return !l.is("paths") || !p.keepsOut(l) && !p.letsIn(l) })
		told := false
		for _, l := range all {
			for i, text := range l.Texts {
				at := l.At + patch.Pointer(i)
				switch base, kind := edge(text); {
				case kind == below && !covered(all, l.Not, base):
					reportBelow(p, l, at, text, base, emit)
				case kind == wide && p.letsIn(l):
					f := emit(p.Object, at, "%s also matches %s", text, base+"x")
					f.Severity, f.Confidence = finding.Info, finding.Possible
					f.Hint = "write " + base + " and " + base + "/*"
				}
			}
			if path := strings.TrimRight(firstPath(l.Texts), "*/"); p.keepsOut(l) && !merges && !told && path != "" {
				told = true
				f := emit(p.Object, l.At, "path normalization is %s: a request for /%s is not taken for %s, and may mean the same to the application", normalization, path, path)
				f.Severity, f.Confidence = finding.Info, finding.Possible
				f.Hint = "set meshConfig.pathNormalization.normalization: MERGE_SLASHES"
			}
		}
	}
}

// firstPath is the first value that is a path, empty if none is.
func firstPath(texts []string) string {
	for _, s := range texts {
		if strings.HasPrefix(s, "/") && strings.Trim(s, "/*") != "" {
			return s
		}
	}
	return ""
}

// kindOfEdge is what is remarkable about the end of a path.
type kindOfEdge int

const (
	plainEdge kindOfEdge = iota
	// below is /x/*, which leaves /x out.
	below
	// wide is /x*, which takes /xy in.
	wide
)

// edge judges the end of a path; base is what stands before it.
func edge(text string) (base string, kind kindOfEdge) {
	for _, end := range []string{"/*", "/{**}"} {
		if base, is := strings.CutSuffix(text, end); is && strings.HasPrefix(base, "/") && !strings.ContainsAny(base, "*{") {
			return base, below
		}
	}
	base, is := strings.CutSuffix(text, "*")
	if !is || !strings.HasPrefix(base, "/") || strings.ContainsAny(base, "*{") || len(base) < 2 {
		return "", plainEdge
	}
	last := base[len(base)-1] | 0x20 // lower case
	if last >= 'a' && last <= 'z' {
		return base, wide
	}
	return "", plainEdge
}

// covered reports whether a list of the policy with the same sense names a path.
func covered(all []list, not bool, path string) bool {
	return slices.ContainsFunc(all, func(l list) bool {
		return l.Not == not && anyOf(l.Texts, func(pattern string) truth { return known(path, pattern) }) == yes
	})
}

func reportBelow(p policy, l list, at, text, base string, emit rules.Emit) {
	what := "requests for it are not let in by it"
	if p.keepsOut(l) {
		what = "requests for it are not kept out"
	}
	f := emit(p.Object, at, "%s does not match %s itself: %s", text, base, what)
	f.Hint = "add " + base
	f.Confidence = finding.Likely
	if p.letsIn(l) {
		f.Severity = finding.Info
	}
}

func repairPaths(_ *rules.World, r rules.Result) []rules.Fix {
	text, _ := r.Text()
	base, kind := edge(text)
	if kind != below {
		return nil
	}
	list, _ := patch.Split(r.Pointer)
	return []rules.Fix{rules.Change(rules.Review, "name "+base+" too", r.On, patch.Op{Op: patch.Add, Path: list + "/-", Value: base})}
}
