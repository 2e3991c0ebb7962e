// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package proc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Lock is an exclusive lock on a file. The kernel releases it when the process that holds it ends in any way.
type Lock struct{ file *os.File }

// TryLock takes the lock without waiting. It returns nil without an error when somebody else holds it.
func TryLock(name string) (*Lock, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return &Lock{file}, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, fmt.Errorf("cannot lock %s: %w", name, err)
}

// Unlock releases the lock.
func (l *Lock) Unlock() { l.file.Close() }

// Held tells whether somebody holds the lock on a file; a file that does not exist is not locked.
func Held(name string) (bool, error) {
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	lock, err := TryLock(name)
	if err != nil {
		return false, err
	}
	if lock == nil {
		return true, nil
	}
	lock.Unlock()
	return false, nil
}

// Gone returns a channel that is closed when the process with this id ends. The process need not be a child of ours.
// It is an error when there is no such process.
func Gone(pid int) (<-chan struct{}, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot watch process %d: %w", pid, err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		defer unix.Close(fd)
		for {
			// A pidfd becomes readable when its process ends.
			_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
			if !errors.Is(err, unix.EINTR) {
				return
			}
		}
	}()
	return gone, nil
}

// Alive tells whether a process with this id exists and is more than a zombie.
func Alive(pid int) bool {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	ready, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
	return err == nil && ready == 0
}

// AwaitGone waits until none of the processes is alive. It returns those that still are when the time is up.
func AwaitGone(ctx context.Context, pids []int, patience time.Duration) []int {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var left []int
	for _, pid := range pids {
		gone, err := Gone(pid)
		if err != nil {
			continue
		}
		select {
		case <-gone:
		case <-ctx.Done():
			if Alive(pid) {
				left = append(left, pid)
			}
		}
	}
	return left
}
