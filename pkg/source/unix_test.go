// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package source_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/pkg/model"
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

// A rename would put a file in the place of a pipe, or of a device such as
// /dev/null, for every program of the machine.
func TestSaveFileKeepsWhatIsNoFile(t *testing.T) {
	s := empty(t)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	rescue := time.AfterFunc(10*time.Second, func() { // or the test hangs where it should fail
		if w, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
			_ = w.Close()
		}
	})
	defer rescue.Stop()
	read := make(chan []byte)
	go func() {
		data, _ := os.ReadFile(pipe)
		read <- data
	}()
	if err := source.SaveFile(t.Context(), pipe, s, head); err != nil {
		t.Fatal(err)
	}
	if data := <-read; !bytes.Contains(data, []byte(`"kind":"Snapshot"`)) {
		t.Errorf("the pipe got %q", data)
	}
	if info, err := os.Stat(pipe); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe is %v now, %v", info.Mode(), err)
	}
}

// A link stays, and what it leads to is replaced.
func TestSaveFileFollowsALink(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(file, []byte("old"), 0o600), os.Symlink(file, link)); err != nil {
		t.Fatal(err)
	}
	if err := source.SaveFile(t.Context(), link, empty(t), head); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(data, []byte("{")) {
		t.Errorf("the file says %q, %v", data, err)
	}
	if to, err := os.Readlink(link); err != nil || to != file {
		t.Errorf("the link leads to %q, %v", to, err)
	}
}

func empty(t *testing.T) *model.Snapshot {
	t.Helper()
	s, err := model.NewBuilder(model.Options{}).Build()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
