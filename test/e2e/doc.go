// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package e2e holds the tests that run the kubectl-micro binary, and the user's
// kubectl around it, against the control plane of test/sandbox: a real API
// server, real controllers, and pods that are ready without running.
//
// Nearly all of it is scripts, testdata/script/*.txtar, one for each promise of
// the suite; a script says what a person types and what comes back, on both
// streams. Go tests do what a shell cannot: meet another writer between a read
// and a write, or take the API server away. docs_test.go runs what README.md and
// docs show.
//
//	make test-e2e                                    everything
//	go test ./test/e2e -run 'TestScripts/canary-set' one script
//	go test ./test/e2e -update                       accept the present output
//	SANDBOX_DIR=/tmp/sb go test ./test/e2e           keep the control plane between runs
package e2e
