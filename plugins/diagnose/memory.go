// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package diagnose

import (
	"os"
	"runtime"
	"runtime/debug"
)

// What the heap may grow to before garbage is collected more eagerly: a cluster
// of 6,000 pods then fits 200 MB, and 7,000 documents 150 MB, with the program itself.
const (
	modestCluster = 128 << 20
	modestFiles   = 88 << 20
)

// thrifty has garbage collected as a soft limit nears, in place of letting the
// heap grow to twice of what is in use. The function it returns makes the limit
// fit what turned out to be there, so that a cluster too large for it does not
// keep the collector busy. GOGC and GOMEMLIMIT, where set, have the last word.
func thrifty(modest int64) (fit func()) {
	if os.Getenv("GOMEMLIMIT") != "" || os.Getenv("GOGC") != "" {
		return func() {}
	}
	debug.SetMemoryLimit(modest)
	return func() {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		debug.SetMemoryLimit(max(modest, int64(m.HeapAlloc)*3/2))
	}
}
