// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package lint_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/test/lint"
	"github.com/kubectl-micro/kubectl-micro/test/lint/finding"
	"github.com/kubectl-micro/kubectl-micro/test/lint/sample"
	"github.com/kubectl-micro/kubectl-micro/test/lint/trial"
)

// exemptions are the findings that stay, and why.
var exemptions = []finding.Exemption{{
	Linter: lint.KubectlValidate, Check: "schema", Set: "fetched/*/*", Object: "ExternalSecret/a-creds",
	Reason: "the schemas are those of the sandbox, which has no External Secrets Operator",
}}

// mutations are each told by one linter.
var mutations = []trial.Mutation{
	{Name: "no probe", Set: "service/sidecar/standard", Old: "readinessProbe:", New: "oldProbe:", Linter: lint.KubeScore, Check: "pod-probes"},
	{Name: "equal probes", Set: "service/none/standard", Old: "path: /readyz", New: "path: /livez", Linter: lint.KubeScore, Check: "pod-probes-identical"},
	{Name: "low user", Set: "service/none/standard", Old: "runAsUser: 65532", New: "runAsUser: 1000", Linter: lint.KubeScore, Check: "container-security-context-user-group-id"},
	{Name: "an optional check", Set: "service/none/standard", Old: "seccompProfile:", New: "oldProfile:", Linter: lint.KubeScore, Check: "container-seccomp-profile"},
	{Name: "replicas beside an autoscaler", Set: "scaled/none/standard", Old: "  minReadySeconds:", New: "  replicas: 3\n  minReadySeconds:", Linter: lint.KubeScore, Check: "deployment-targeted-by-hpa-does-not-have-replicas-configured"},
	{Name: "an old version", Set: "cronjob/none/standard", Old: "batch/v1", New: "batch/v1beta1", Linter: lint.KubeScore, Check: "stable-version"},
	{Name: "a misspelt field", Set: "service/none/standard", Old: "readinessProbe:", New: "readynessProbe:", Linter: lint.KubectlValidate, Check: "FieldValueInvalid"},
	{Name: "a wrong type", Set: "service/none/standard", Old: "replicas: 3", New: "replicas: three", Linter: lint.KubectlValidate, Check: "FieldValueTypeInvalid"},
	{Name: "a misspelt field of a CRD", Set: "service/sidecar/standard", Old: "mtls:", New: "mTLS:", Linter: lint.KubectlValidate, Check: "FieldValueInvalid"},
	{Name: "an enumeration of a CRD", Set: "service/sidecar/standard", Old: "mode: STRICT", New: "mode: STRONG", Linter: lint.KubectlValidate, Check: "FieldValueNotSupported"},
	{Name: "a rule of a CRD in CEL", Set: "service/sidecar/standard", Old: "  rules:\n", New: "  targetRefs: [{group: '', kind: Service, name: a}]\n  rules:\n", Linter: lint.KubectlValidate, Check: "FieldValueInvalid"},
	{Name: "a kind without a schema", Set: "service/none/standard", Old: "kind: ServiceAccount", New: "kind: ServiceAcount", Linter: lint.KubectlValidate, Check: "schema"},
}

func linters(t *testing.T) trial.Linters {
	t.Helper()
	schemas, err := lint.FindSchemas(t.Context(), "../..")
	if err != nil {
		t.Fatal(err)
	}
	score, err := lint.Score(schemas.Release)
	if err != nil {
		t.Fatal(err)
	}
	validate, err := lint.Validate(schemas)
	if err != nil {
		t.Fatal(err)
	}
	return trial.Linters{lint.KubeScore: score, lint.KubectlValidate: validate}
}

func TestSets(t *testing.T) {
	all := func(string, sample.Set) bool { return true }
	trial.Sets(t, linters(t), all, exemptions)
}

func TestMutations(t *testing.T) {
	trial.Mutations(t, linters(t), mutations)
}
