// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package compare decides on golden signals: a value against a gate, a candidate
// against a baseline. It is the one place where the statistics of the suite are,
// so that a gate in CI and the analysis of a canary agree.
//
// Verdicts are three. Pass: the criterion holds and the minimum sample is there.
// Fail: it is violated and the minimum sample is there. Inconclusive: there is no
// data, too little of it, or the interval straddles the threshold. A source that
// did not answer is no verdict but an error of its caller.
package compare
