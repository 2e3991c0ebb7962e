// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package hygiene_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/hygiene"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
)

func TestRules(t *testing.T) { rulestest.Run(t, hygiene.Rules()) }

func FuzzRules(f *testing.F) { rulestest.Fuzz(f, hygiene.Rules()) }
