// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/workloads"
)

func FuzzRules(f *testing.F) { rulestest.Fuzz(f, workloads.Rules()) }
