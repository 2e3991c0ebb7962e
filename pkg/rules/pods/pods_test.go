// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package pods_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/pods"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
)

func TestRules(t *testing.T) { rulestest.Run(t, pods.Rules()) }
