// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/zegl/kube-score/config"
	"github.com/zegl/kube-score/domain"
	"github.com/zegl/kube-score/parser"
	"github.com/zegl/kube-score/score"
	"github.com/zegl/kube-score/scorecard"

	"github.com/kubectl-micro/kubectl-micro/test/lint/finding"
)

// Score is kube-score with all its optional checks, for a release of Kubernetes
// ("v1.36"). Kinds that it does not know it passes over. Checks that the objects'
// own annotations switch off stay off, and what it calls OK is, as for its users.
func Score(release string) (finding.Linter, error) {
	version, err := config.ParseSemver(release)
	if err != nil {
		return nil, err
	}
	run := &config.RunConfiguration{
		KubernetesVersion: version, EnabledOptionalTests: map[string]struct{}{},
		UseIgnoreChecksAnnotation: true, UseOptionalChecksAnnotation: true,
		MinReplicasDeployment: 2, MinReplicasHPA: 2, // its defaults, which are set with its flags
	}
	for _, c := range score.RegisterAllChecks(parser.Empty(), nil, run).All() {
		if c.Optional {
			run.EnabledOptionalTests[c.ID] = struct{}{}
		}
	}
	return func(stream []byte) ([]finding.Finding, error) { return scoreOf(stream, run) }, nil
}

func scoreOf(stream []byte, run *config.RunConfiguration) ([]finding.Finding, error) {
	p, err := parser.New(nil)
	if err != nil {
		return nil, err
	}
	objects, err := p.ParseFiles([]domain.NamedReader{named{bytes.NewReader(stream)}})
	if err != nil {
		return nil, err
	}
	card, err := score.Score(objects, score.RegisterAllChecks(objects, nil, run), run)
	if err != nil {
		return nil, err
	}
	var found []finding.Finding
	for _, object := range *card {
		for _, check := range object.Checks {
			if !check.Skipped && check.Grade <= scorecard.GradeWarning {
				found = append(found, finding.Finding{Linter: KubeScore, Check: check.Check.ID, Object: object.TypeMeta.Kind + "/" + object.ObjectMeta.Name, Message: words(check)})
			}
		}
	}
	slices.SortFunc(found, func(a, b finding.Finding) int { return strings.Compare(a.String(), b.String()) })
	return found, nil
}

// words are what kube-score says, with its grade.
func words(t scorecard.TestScore) string {
	said := []string{t.Grade.String()}
	for _, c := range t.Comments {
		said = append(said, strings.TrimPrefix(c.Path+": ", ": ")+c.Summary)
	}
	return strings.Join(said, "; ")
}

// named is the stream under the name that kube-score wants it to have.
type named struct{ io.Reader }

func (named) Name() string { return "stream" }
