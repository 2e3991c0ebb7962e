// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package supervisor

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/plane"
	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/proc"
)

// Phase is how far a sandbox has come.
type Phase string

// Phases of a sandbox. A sandbox that was stopped has no directory and therefore no phase.
const (
	Starting Phase = "starting"
	Ready    Phase = "ready"
	Failed   Phase = "failed"
)

// State is what state.json tells other processes about a sandbox.
type State struct {
	Name  string `json:"name"`
	Phase Phase  `json:"phase"`
	// Error is why the phase is Failed.
	Error string `json:"error,omitempty"`
	// Pid is the supervisor's process id; it is alive exactly as long as the directory's lock is held.
	Pid int `json:"pid"`
	// Server is the URL of the API server.
	Server     string      `json:"server"`
	Components []Component `json:"components"`
	// StartSeconds is the time from nothing to ready.
	StartSeconds float64 `json:"startSeconds,omitempty"`
}

// Component is a process of a sandbox.
type Component struct {
	Name string `json:"name"`
	Pid  int    `json:"pid"`
	Log  string `json:"log"`
}

// Pids are the process ids of the supervisor and all components.
func (s State) Pids() []int {
	pids := []int{s.Pid}
	for _, component := range s.Components {
		pids = append(pids, component.Pid)
	}
	return pids
}

// Read reads the state of the sandbox in a directory, and whether its supervisor lives. The error wraps os.ErrNotExist
// when there is no sandbox.
func Read(d plane.Dir) (State, bool, error) {
	// The lock first: a supervisor that ends between the two reads must not look alive with a stale state.
	held, err := proc.Held(d.Lock())
	if err != nil {
		return State{}, false, err
	}
	data, err := os.ReadFile(d.State())
	if err != nil {
		return State{}, held, err
	}
	var state State
	if err := json.Unmarshal(data, &state); err != nil {
		return State{}, held, fmt.Errorf("%s: expected the state of a sandbox: %w", d.State(), err)
	}
	return state, held, nil
}

func (s State) write(d plane.Dir) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return plane.WriteFile(d.State(), data)
}
