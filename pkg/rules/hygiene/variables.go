// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene

import (
	"regexp"

	"github.com/kubectl-micro/kubectl-micro/pkg/finding"
	"github.com/kubectl-micro/kubectl-micro/pkg/patch"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules"
)

// variable is a variable with a value that stands in the manifest.
type variable struct{ name, value string }

// eachVariable is the check of a rule about such variables: the verdict says what
// is wrong; empty for nothing.
func eachVariable(verdict func(v variable) string) check {
	return func(w *rules.World, emit rules.Emit) {
		for _, of := range w.Judged("") {
			for at, c := range of.Containers() {
				for i, v := range c.Env {
					if v.Value == "" || v.ValueFrom != nil {
						continue
					}
					if text := verdict(variable{v.Name, v.Value}); text != "" {
						f := emit(of.Object, at+patch.Pointer("env", i, "value"), "container %s has variable %s with its value in the manifest: %s", c.Name, v.Name, text)
						f.Confidence = finding.Possible
						f.Hint = "take it from a ConfigMap, under a key without that word; a secret belongs into a file of a Secret"
					}
				}
			}
		}
	}
}

// The words by which linters take a name for that of a secret. Each of them knows
// more than the one before.
var (
	// secretWord is kube-linter's.
	secretWord = regexp.MustCompile(`(?i)secret`)
	// credentialWord is Polaris', which has names of its own as well.
	credentialWord = regexp.MustCompile(`(?i)password|token|bearer|secret|^GOOGLE_APPLICATION_CREDENTIALS$|^AZURE_.+KEY$|^OCI_CLI_KEY_CONTENT$`)
	// sensitiveWord is kubescape's.
	sensitiveWord = regexp.MustCompile(`(?i)secret|key|password|pwd|token|jwt|bearer|credential`)
	// sensitiveValue are the values that kubescape takes for secrets.
	sensitiveValue = regexp.MustCompile(`(?i)PRIVATE KEY|eyJhbGciO|JWT|Bearer|_key_|_secret_|AKIA[0-9A-Z]{16}|ghp_[0-9A-Za-z]{36}|AIza[0-9A-Za-z_-]{35}|xox[baprs]-[0-9A-Za-z]{10,48}`)
)
