// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/build"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
)

func TestRules(t *testing.T) { rulestest.Run(t, build.Rules()) }
