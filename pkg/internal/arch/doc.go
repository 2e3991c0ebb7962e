// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package arch holds the architecture of the suite as a test: which package
// may import which, and what the pure floors must not touch.
//
//	floor 0  data          ref fault patch plan finding verdict api manifest redact strict dockerfile lines roles
//	floor 1  model         model schema merge settings
//	floor 2  decisions     traffic canary rules diagnose suppress reach policy app detect image draft layout update pipeline lint explain signals logs timeline slo observe usage doctor stat status
//	floor 3  the world     source cluster tail prom forward render
//	floor 4  command line  cli world telemetry checkup trace report clitest, then plugins and cmd
//
// A floor imports lower floors only. Packages of one floor do not import each
// other unless the test lists the pair with a reason; an entry that is no
// longer needed fails the test too.
package arch
