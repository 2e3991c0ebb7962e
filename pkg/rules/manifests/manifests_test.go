// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package manifests_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/manifests"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
)

func TestRules(t *testing.T) { rulestest.Run(t, manifests.Rules()) }

func FuzzRules(f *testing.F) { rulestest.Fuzz(f, manifests.Rules()) }
