// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/clitest"
)

func TestMain(m *testing.M) { clitest.Main(m, main) }

func TestScripts(t *testing.T) { clitest.Scripts(t, "testdata/script", nil) }
