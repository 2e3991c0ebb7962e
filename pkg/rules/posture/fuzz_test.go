// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package posture_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/posture"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
)

func FuzzRules(f *testing.F) { rulestest.Fuzz(f, posture.Rules()) }
