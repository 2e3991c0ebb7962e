// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package render turns data into what a person or a program reads: tables that
// look like kubectl's, objects in kubectl's output formats, unified diffs with
// kubectl diff's contract, versioned reports and a progress line.
//
// Everything writes to an io.Writer that is handed in and knows about a
// terminal only what it is told: the package reads no environment, except
// [Colors], which asks the same variables as kubectl does. Strings that come
// from a cluster or from a file pass [Sanitise] before they reach a terminal.
package render
