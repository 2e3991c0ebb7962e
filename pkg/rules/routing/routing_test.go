// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package routing_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/routing"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
)

func TestRules(t *testing.T) { rulestest.Run(t, routing.Rules()) }
