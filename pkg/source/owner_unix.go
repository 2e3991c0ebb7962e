// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package source

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives a file the owner and the group of the one that info describes,
// as far as allowed: root may give files away, others only to a group of theirs.
func keepOwner(file *os.File, info fs.FileInfo) {
	of, known := info.Sys().(*syscall.Stat_t)
	if !known {
		return
	}
	if file.Chown(int(of.Uid), int(of.Gid)) != nil {
		_ = file.Chown(-1, int(of.Gid)) // what cannot be kept stays the writer's
	}
}
