// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package tui

import tea "charm.land/bubbletea/v2"

// stops says that there are no jobs.
const stops = false

// suspend does nothing.
func suspend() tea.Cmd { return nil }
