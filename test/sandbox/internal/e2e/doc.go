// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package e2e tests the sandbox as a program: it builds the binary, starts sandboxes and looks at what they do.
package e2e
