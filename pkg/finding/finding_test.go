// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package finding_test

import (
	"encoding/json"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
)

func TestSeverity(t *testing.T) {
	for severity, text := range map[finding.Severity]string{finding.Info: `"info"`, finding.Warning: `"warning"`, finding.Error: `"error"`} {
		data, err := json.Marshal(severity)
		if err != nil || string(data) != text {
			t.Errorf("%d is written %s, %v", severity, data, err)
		}
		var back finding.Severity
		if err := json.Unmarshal(data, &back); err != nil || back != severity {
			t.Errorf("%s is read as %d, %v", data, back, err)
		}
	}
	var s finding.Severity
	if err := json.Unmarshal([]byte(`"fatal"`), &s); err == nil {
		t.Errorf("fatal is read as %s", s)
	}
	if finding.Info >= finding.Warning || finding.Warning >= finding.Error {
		t.Error("severities are not ordered")
	}
}
