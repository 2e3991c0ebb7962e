// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

// Package e2e installs a release of this commit with the real Krew, in an empty
// home, and runs what was installed through the real kubectl. It is a module of its
// own because Krew pins other versions of the libraries that the suite is made of.
package e2e
