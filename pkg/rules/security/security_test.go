// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package security_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/security"
)

func TestRules(t *testing.T) { rulestest.Run(t, security.Rules()) }
