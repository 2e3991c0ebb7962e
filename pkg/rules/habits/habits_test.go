// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package habits_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/habits"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
)

func TestRules(t *testing.T) { rulestest.Run(t, habits.Rules()) }

func FuzzRules(f *testing.F) { rulestest.Fuzz(f, habits.Rules()) }
