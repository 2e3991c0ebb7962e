// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package workloads_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/workloads"
)

func TestRules(t *testing.T) { rulestest.Run(t, workloads.Rules()) }
