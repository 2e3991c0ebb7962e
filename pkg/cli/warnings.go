// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"sync"

	"github.com/kubectl-micro/kubectl-micro/pkg/render"
)

// warnings prints what the API server warns about, every text once. It is
// client-go's warning writer with the text made safe for a terminal and the
// colour decided when the flags are known.
type warnings struct {
	factory *Factory
	mu      sync.Mutex
	seen    map[string]bool
}

func newWarnings(f *Factory) *warnings { return &warnings{factory: f, seen: map[string]bool{}} }

// HandleWarningHeader implements rest.WarningHandler. Kubernetes sends its
// warnings with code 299 and no agent worth showing.
func (w *warnings) HandleWarningHeader(code int, _ string, text string) {
	if code != 299 || text == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen[text] {
		return
	}
	w.seen[text] = true
	fmt.Fprintf(w.factory.Streams.ErrOut, "%s %s\n", w.factory.ErrColors().Yellow("Warning:"), render.Sanitise(text))
}

// WarningCount is the number of different warnings so far.
func (w *warnings) WarningCount() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.seen)
}
