// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package app

// Rank is rank, for tests of kinds that nothing generates.
var Rank = rank
