// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
)

func TestErrorText(t *testing.T) {
	for _, c := range []struct {
		err  *fault.Error
		want string
	}{
		{fault.Usagef("bad flag %q", "x"), `bad flag "x"`},
		{fault.Failedf("not read").At("f:1:2"), "f:1:2: not read"},
		{fault.Failedf("not read").At("f:1:2").Because(io.EOF).Try("hint"), "f:1:2: not read: EOF"},
		{fault.Failedf("not read").Because(io.EOF), "not read: EOF"},
		{fault.New(fault.Failed, "").Because(io.EOF), "EOF"},
		{fault.Silently(fault.Negative), ""},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestBuilders(t *testing.T) {
	e := fault.Conflictf("taken").At("here").Try("wait %d s", 3).Because(io.EOF)
	want := &fault.Error{Kind: fault.Conflict, Message: "taken", Where: "here", Hint: "wait 3 s", Cause: io.EOF}
	if *e != *want {
		t.Errorf("%#v, want %#v", e, want)
	}
	if !errors.Is(e, io.EOF) {
		t.Error("the cause is not unwrapped")
	}
	if e := fault.Silently(fault.Undecided); !e.Silent || e.Kind != fault.Undecided {
		t.Errorf("%#v", e)
	}
	if err := fault.Wrap(fault.Usage, nil, "x"); err != nil {
		t.Errorf("wrapping nil gives %v", err)
	}
}

func TestKindOf(t *testing.T) {
	for _, c := range []struct {
		err  error
		want fault.Kind
	}{
		{nil, 0},
		{io.EOF, fault.Failed},
		{fault.Usagef("x"), fault.Usage},
		{fault.Refusedf("x"), fault.Refused},
		{fault.Wrap(fault.Timeout, io.EOF, "x"), fault.Timeout},
		{fmt.Errorf("more: %w", fault.Conflictf("x")), fault.Conflict},
		{errors.Join(io.EOF, fault.Refusedf("x"), fault.Usagef("y")), fault.Refused},
		{fault.Wrap(fault.Failed, fault.Usagef("inner"), "outer"), fault.Failed},
	} {
		if got := fault.KindOf(c.err); got != c.want {
			t.Errorf("%v: kind %d, want %d", c.err, got, c.want)
		}
	}
}

// The kinds are exit codes, which scripts rely on.
func TestKindsAreExitCodes(t *testing.T) {
	got := []fault.Kind{fault.Negative, fault.Usage, fault.Failed, fault.Undecided, fault.Conflict, fault.Refused, fault.Timeout, fault.Interrupted, fault.Terminated}
	want := []fault.Kind{1, 2, 3, 4, 5, 6, 124, 130, 143}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAll(t *testing.T) {
	a, b, c := errors.New("a"), fault.Usagef("b"), errors.New("c")
	joined := fault.Failedf("several").Because(errors.Join(a, c))
	for _, tc := range []struct {
		err  error
		want []error
	}{
		{nil, nil},
		{a, []error{a}},
		{errors.Join(a, nil, errors.Join(b, c)), []error{a, b, c}},
		{joined, []error{joined}}, // a typed error is one error
	} {
		got := fault.All(tc.err)
		if len(got) != len(tc.want) {
			t.Errorf("%v: %v", tc.err, got)
			continue
		}
		for i := range got {
			if got[i] != tc.want[i] {
				t.Errorf("%v: %v, want %v", tc.err, got, tc.want)
			}
		}
	}
}
