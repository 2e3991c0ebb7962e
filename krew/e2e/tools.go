// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

//go:build tools

package e2e

// The programs that the tests build: Krew itself and what krew-index runs on every
// manifest that is handed in.
import (
	_ "sigs.k8s.io/krew/cmd/krew"
	_ "sigs.k8s.io/krew/cmd/validate-krew-manifest"
)
