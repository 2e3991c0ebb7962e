// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package clitest

import "github.com/rogpeppe/go-internal/testscript"

// written is the script command
//
//	written NAMESPACE/POD/CONTAINER FILE   let the cluster's container have written FILE, whose lines begin with their times
//
// A name that ends in "?previous" is the run before the last restart.
func (c *clusters) written(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: written NAMESPACE/POD/CONTAINER FILE")
	}
	c.server(ts).SetLog(args[0], ts.ReadFile(args[1]))
}

// later is the script command of that name.
func (c *clusters) later(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: later FILE")
	}
	c.server(ts).Later(objectsOf(ts, args[0])...)
}

// server is that of a script.
func (c *clusters) server(ts *testscript.TestScript) *server {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.servers[ts]
	if s == nil {
		ts.Fatalf("there is no cluster yet")
	}
	return s
}
