// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package scaffold

// OpenDisk lets tests write without a command.
var OpenDisk = openDisk
