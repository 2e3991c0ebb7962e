// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package analyze

import (
	"bytes"
	"fmt"
	"strings"

	"istio.io/istio/pkg/config/analysis/analyzers"
	"istio.io/istio/pkg/config/analysis/diag"
	"istio.io/istio/pkg/config/analysis/local"
	"istio.io/istio/pkg/log"

	"github.com/kubectl-micro/kubectl-micro/test/lint/finding"
)

// Mesh is `istioctl analyze`, all analyzers and levels, of the cluster that has the
// stream, the pods that controllers would make of it, and others besides.
func Mesh(others string) finding.Linter {
	for _, s := range log.Scopes() { // it tells of every store that it fills
		s.SetOutputLevel(log.ErrorLevel)
	}
	return func(stream []byte) ([]finding.Finding, error) {
		pods, err := podsOf(stream)
		if err != nil {
			return nil, err
		}
		// The name says "test" because istioctl itself reads no workloads from files: it
		// takes those of the cluster.
		analyzer := local.NewSourceAnalyzer(analyzers.AllCombined(), "", "istio-system", nil)
		if err := analyzer.AddTestReaderKubeSource([]local.ReaderSource{
			{Name: "stream", Reader: bytes.NewReader(stream)},
			{Name: "pods", Reader: bytes.NewReader(pods)},
			{Name: "others", Reader: strings.NewReader(others)},
		}); err != nil {
			return nil, fmt.Errorf("istio could not read the objects: %w", err)
		}
		stop := make(chan struct{})
		defer close(stop)
		result, err := analyzer.Analyze(stop)
		if err != nil {
			return nil, err
		}
		var found []finding.Finding
		for _, m := range result.Messages {
			found = append(found, finding.Finding{
				Linter: Istioctl, Check: m.Type.Code(), Object: objectOf(m),
				Message: m.Type.Level().String() + ": " + fmt.Sprintf(m.Type.Template(), m.Parameters...),
			})
		}
		return found, nil
	}
}

func objectOf(m diag.Message) string {
	if m.Resource == nil {
		return "-"
	}
	return m.Resource.Metadata.Schema.Kind() + "/" + m.Resource.Metadata.FullName.Name.String()
}
