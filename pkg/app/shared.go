// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"runtime"
	"sync"
)

// shared shares n items out among the processors, each of which gets those from
// one index to another. What is done with an item must be about that item alone:
// who does it, and when, changes nothing.
func shared(n int, do func(from, to int)) {
	var all sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), n)
	for i := range workers {
		all.Go(func() { do(i*n/workers, (i+1)*n/workers) })
	}
	all.Wait()
}
