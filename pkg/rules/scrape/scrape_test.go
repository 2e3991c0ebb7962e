// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scrape_test

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/rules/rulestest"
	"github.com/kubectl-micro/kubectl-micro/pkg/rules/scrape"
)

func TestRules(t *testing.T) { rulestest.Run(t, scrape.Rules()) }

func FuzzRules(f *testing.F) { rulestest.Fuzz(f, scrape.Rules()) }
