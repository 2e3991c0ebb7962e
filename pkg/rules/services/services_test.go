// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package services_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/services"
)

func TestRules(t *testing.T) { rulestest.Run(t, services.Rules()) }
