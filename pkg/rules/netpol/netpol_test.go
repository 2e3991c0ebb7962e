// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package netpol_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/netpol"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
)

func TestRules(t *testing.T) { rulestest.Run(t, netpol.Rules()) }
