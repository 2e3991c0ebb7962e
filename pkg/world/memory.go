// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// What the heap may grow to before garbage is collected at all: a cluster of
// 6,000 pods then fits 200 MB, and 7,000 documents or a system of 200 services 150
// MB, with the program itself.
const (
	modestCluster = 128 << 20
	modestFiles   = 89 << 20
	modestSystem  = 85 << 20
)

// memory is that of the process: whatever runs first in it decides.
var memory sync.Once

// thrifty collects no garbage until the heap comes near a modest size: most runs
// end before that. Where more than seven tenths of it turn out to be in use, the
// limit grows with them, so that a large cluster does not keep the collector busy.
// GOGC and GOMEMLIMIT, where set, have the last word.
func thrifty(getenv func(string) string, modest int64) {
	if getenv("GOMEMLIMIT") != "" || getenv("GOGC") != "" {
		return
	}
	memory.Do(func() {
		debug.SetMemoryLimit(modest)
		debug.SetGCPercent(-1)
		watch(modest)
	})
}

// ThriftyToGenerate is how a command uses memory that reads no world, and makes one.
func ThriftyToGenerate(getenv func(string) string) { thrifty(getenv, modestSystem) }

// watch has the limit looked at after each collection, which is when an object
// that nobody refers to gets its cleanup.
func watch(limit int64) {
	runtime.AddCleanup(new(sentinel), func(limit int64) {
		used := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(used)
		if room := int64(used[0].Value.Uint64()) * 10 / 7; room > limit {
			limit = room
			debug.SetMemoryLimit(limit)
		}
		watch(limit)
	}, limit)
}

// sentinel is an object for the collector to find unused. It holds a pointer, as
// small objects without one are allocated together and live on with each other.
type sentinel struct{ _ *int }
