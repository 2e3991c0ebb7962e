// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package proc_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-micro/kubectl-micro/test/sandbox/internal/proc"
)

func TestPortsOfConcurrentReservationsDiffer(t *testing.T) {
	var mutex sync.Mutex
	var all sync.WaitGroup
	seen := map[int]bool{}
	for range 8 {
		all.Go(func() {
			ports, err := proc.ReservePorts(6)
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { _ = ports.Close() })
			mutex.Lock()
			defer mutex.Unlock()
			for _, port := range ports.Numbers {
				if seen[port] || port < 1024 {
					t.Errorf("port %d was given twice, or is none", port)
				}
				seen[port] = true
			}
		})
	}
	all.Wait()
	if len(seen) != 48 {
		t.Errorf("expected 48 ports, found %d", len(seen))
	}
}

func TestLockIsExclusiveAndEnds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lock")
	if held, err := proc.Held(file); held || err != nil {
		t.Errorf("a file that does not exist: held %v, %v", held, err)
	}
	first, err := proc.TryLock(file)
	if err != nil || first == nil {
		t.Fatalf("expected the lock, found %v, %v", first, err)
	}
	if second, err := proc.TryLock(file); second != nil || err != nil {
		t.Errorf("expected no second lock, found %v, %v", second, err)
	}
	if held, err := proc.Held(file); !held || err != nil {
		t.Errorf("expected the lock to be held, found %v, %v", held, err)
	}
	first.Unlock()
	if held, err := proc.Held(file); held || err != nil {
		t.Errorf("expected the lock to be free, found %v, %v", held, err)
	}
}

func TestGone(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	if !proc.Alive(pid) {
		t.Error("expected a new process to be alive")
	}
	if left := proc.AwaitGone(t.Context(), []int{pid}, time.Millisecond); len(left) != 1 {
		t.Errorf("expected the process to be left, found %v", left)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// It is a zombie until Wait, and a zombie is gone.
	if left := proc.AwaitGone(t.Context(), []int{pid}, 10*time.Second); len(left) != 0 {
		t.Errorf("expected the process to be gone, found %v", left)
	}
	if proc.Alive(pid) {
		t.Error("expected a zombie not to be alive")
	}
	_ = cmd.Wait()
	if _, err := proc.Gone(pid); err == nil {
		t.Error("expected an error for a process that does not exist")
	}
}

// onOtherThread runs f in a goroutine that holds a thread which can end: the
// first one of a process never does, Go only parks it.
func onOtherThread(f func()) {
	go func() {
		runtime.LockOSThread()
		if syscall.Gettid() != os.Getpid() {
			f()
			return
		}
		defer runtime.UnlockOSThread()
		done := make(chan struct{})
		onOtherThread(func() { defer close(done); f() }) // on another one, since this one is held
		<-done
	}()
}

func TestChildEndsWithItsThread(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	started := make(chan *proc.Child)
	leave := make(chan struct{})
	onOtherThread(func() {
		// A goroutine that ends while it holds its thread takes the thread along.
		child, err := proc.Start("sleeper", log, nil, "/bin/sh", "-c", "echo began; exec sleep 60")
		if err != nil {
			t.Error(err)
		}
		started <- child
		<-leave
	})
	child := <-started
	select {
	case <-child.Done():
		t.Fatal("the child ended too early")
	default:
	}
	close(leave)
	select {
	case <-child.Done():
	case <-time.After(10 * time.Second):
		t.Error("the child outlived its thread")
		child.Kill()
	}
}

func TestChildTellsHowItEnded(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	log := filepath.Join(t.TempDir(), "log")
	child, err := proc.Start("failer", log, os.Environ(), "/bin/sh", "-c", "echo one; echo two >&2; exit 3")
	if err != nil {
		t.Fatal(err)
	}
	<-child.Done()
	want := "failer ended unexpectedly (exit status 3), its log is " + log + "\n  one\n  two"
	if got := child.Err().Error(); got != want {
		t.Errorf("expected %q, found %q", want, got)
	}
	if _, err := proc.Start("nothing", log, nil, "/does/not/exist"); err == nil || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("expected an error that names the child, found %v", err)
	}
}

func TestKill(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	child, err := proc.Start("sleeper", filepath.Join(t.TempDir(), "log"), nil, "/bin/sleep", "60")
	if err != nil {
		t.Fatal(err)
	}
	child.Kill()
	if proc.Alive(child.Pid()) {
		t.Error("expected the child to be gone")
	}
}
