// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"
)

// NewModel is the program without a terminal.
func NewModel(ctx context.Context, o Options) tea.Model { return newModel(ctx, o) }

// Spark draws points.
var Spark = spark
