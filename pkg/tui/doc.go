// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package tui is the full-screen program of "monitor -w": panes of rows that are
// fetched again and again, sorted, filtered and drilled into.
//
// It knows no cluster and no metrics. A Feed gives it frames: cells that are already
// text, the numbers to sort them by, and points to draw. What it fetches never
// blocks a key, a newer question cancels an older one, and what was once shown stays
// on the screen, greyed and with its age, when nothing newer can be had.
package tui
