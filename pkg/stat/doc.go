// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package stat makes rows of golden signals: who is meant, what has to be asked of
// a source for that, which rows there are, in what order, and the shape in which
// programs read them.
//
// Nothing is read here. Who exists comes as a model.Snapshot, which may be missing;
// what was measured comes as the answer to a query. A row without a measurement is
// kept: that nothing is known of a service is what its owner has to see.
package stat
