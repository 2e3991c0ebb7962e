// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package source_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/source"
)

// A named pipe, as "-f <(command)" makes one, may say nothing for long.
func TestANamedPipeCanBeCancelled(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	release := func() { // waits for the reader and lets it see the end
		if w, err := os.OpenFile(pipe, os.O_WRONLY, 0); err == nil {
			_ = w.Close()
		}
	}
	rescue := time.AfterFunc(10*time.Second, release) // or the test hangs where it should fail
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := (&source.Files{Paths: []string{pipe}}).Load(ctx, everything)
	if rescue.Stop() {
		release()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Root can give a file away, and must not take it when editing; others can give
// it to a group of theirs.
func TestSaveKeepsTheOwner(t *testing.T) {
	path := filepath.Join(tree(t, map[string]string{"a.yaml": service("a")}), "a.yaml")
	uid, gid := os.Getuid(), os.Getgid()
	if uid == 0 {
		uid, gid = 1234, 5678
	} else if groups, err := os.Getgroups(); err == nil && len(groups) > 0 {
		gid = groups[len(groups)-1]
	}
	if err := os.Chown(path, uid, gid); err != nil {
		t.Fatal(err)
	}
	f := &source.Files{Paths: []string{path}}
	if _, err := f.Save(t.Context(), renamed(t, f)...); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Sys().(*syscall.Stat_t); int(got.Uid) != uid || int(got.Gid) != gid {
		t.Errorf("the owner is %d:%d, want %d:%d", got.Uid, got.Gid, uid, gid)
	}
}
