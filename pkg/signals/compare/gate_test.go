// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package compare_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/kubectl-micro/kubectl-micro/pkg/fault"
	"github.com/kubectl-micro/kubectl-micro/pkg/signals/compare"
)

func TestParseGate(t *testing.T) {
	for _, c := range []struct {
		s    string
		unit compare.Unit
		want compare.Gate
		text string
	}{
		{">=99.5", compare.Ratio, compare.Gate{Op: ">=", Value: 0.995, Unit: compare.Ratio}, ">=99.5%"},
		{">= 99.5%", compare.Ratio, compare.Gate{Op: ">=", Value: 0.995, Unit: compare.Ratio}, ">=99.5%"},
		{">=0.995", compare.Ratio, compare.Gate{Op: ">=", Value: 0.995, Unit: compare.Ratio}, ">=99.5%"},
		{">99.9", compare.Ratio, compare.Gate{Op: ">", Value: 0.999, Unit: compare.Ratio}, ">99.9%"},
		{"==100%", compare.Ratio, compare.Gate{Op: "==", Value: 1, Unit: compare.Ratio}, "==100%"},
		{">1%", compare.Ratio, compare.Gate{Op: ">", Value: 0.01, Unit: compare.Ratio}, ">1%"},
		{">=99.99999", compare.Ratio, compare.Gate{Op: ">=", Value: 0.9999999, Unit: compare.Ratio}, ">=99.99999%"},
		{"<1234ms", compare.Seconds, compare.Gate{Op: "<", Value: 1.234, Unit: compare.Seconds}, "<1.234s"},
		{">=29.000001%", compare.Ratio, compare.Gate{Op: ">=", Value: 0.29000001, Unit: compare.Ratio}, ">=29.000001%"},
		{"<300ms", compare.Seconds, compare.Gate{Op: "<", Value: 0.3, Unit: compare.Seconds}, "<300ms"},
		{" <= 1.5s ", compare.Seconds, compare.Gate{Op: "<=", Value: 1.5, Unit: compare.Seconds}, "<=1.5s"},
		{"==0", compare.Plain, compare.Gate{Op: "==", Value: 0}, "==0"},
		{"!=-1.5", compare.Plain, compare.Gate{Op: "!=", Value: -1.5}, "!=-1.5"},
	} {
		got, err := compare.ParseGate(c.s, c.unit)
		if err != nil || got != c.want || got.String() != c.text {
			t.Errorf("%q: %v %v, want %v as %s", c.s, got, err, c.want, c.text)
		}
	}
	for _, c := range []struct {
		s    string
		unit compare.Unit
		hint string
	}{
		{"99.5", compare.Ratio, "'>=99.5'"}, {"", compare.Plain, "'>=1'"}, {">=", compare.Ratio, "'>=99.5'"}, {">=101", compare.Ratio, "'>=99.5'"},
		{">=-1", compare.Ratio, "'>=99.5'"}, {">=1", compare.Ratio, "100% or 1%"}, {"<1.0", compare.Ratio, "100% or 1%"}, {"<=100", compare.Ratio, "'>=99.5'"}, {">100", compare.Ratio, "'>=99.5'"},
		{">=0", compare.Ratio, "'>=99.5'"}, {"<0%", compare.Ratio, "'>=99.5'"}, {">=many", compare.Ratio, "'>=99.5'"}, {"<300", compare.Seconds, "300ms or 300s"},
		{"<-3s", compare.Seconds, "'<300ms'"}, {"<fast", compare.Seconds, "'<300ms'"}, {"=>1", compare.Plain, "'>=1'"}, {">5%", compare.Plain, "'>=1'"},
		{">NaN", compare.Plain, "'>=1'"}, {">Inf", compare.Plain, "'>=1'"}, {">0x10", compare.Plain, "'>=1'"}, {">1e3", compare.Plain, "'>=1'"},
	} {
		_, err := compare.ParseGate(c.s, c.unit)
		var e *fault.Error
		if !errors.As(err, &e) || e.Kind != fault.Usage || !strings.Contains(e.Hint, c.hint) {
			t.Errorf("%q: %v, want a usage error with the hint %s", c.s, err, c.hint)
		}
	}
}

func TestParseDrop(t *testing.T) {
	for s, want := range map[string]float64{"1%": 0.01, " 0.5 % ": 0.005, "0%": 0, "100%": 1} {
		if got, err := compare.ParseDrop(s); err != nil || got != want {
			t.Errorf("%q: %v %v, want %v", s, got, err, want)
		}
	}
	for s, hint := range map[string]string{"1": "1% for points", "0.01": "0.01% for points", "x%": "1%", "-1%": "1%", "101%": "1%", "": "1%", "1e1%": "1%"} {
		_, err := compare.ParseDrop(s)
		var e *fault.Error
		if !errors.As(err, &e) || e.Kind != fault.Usage || !strings.Contains(e.Hint, hint) {
			t.Errorf("%q: %v, want a usage error with the hint %s", s, err, hint)
		}
	}
}

// What is read is a finite threshold in range; 99.9, 99.9% and 0.999 are one.
func FuzzParseGate(f *testing.F) {
	for _, s := range []string{">=99.5", "<300ms", "99.5%", "0.995", "==", ">1h", "!=0", "<=-0", ">.5", ">5.", "> 1 %"} {
		for unit := range 3 {
			f.Add(s, unit)
		}
	}
	f.Fuzz(func(t *testing.T, s string, unit int) {
		u := compare.Unit(((unit % 3) + 3) % 3)
		g, err := compare.ParseGate(s, u)
		if err != nil {
			return
		}
		if math.IsNaN(g.Value) || math.IsInf(g.Value, 0) || (u != compare.Plain && g.Value < 0) || (u == compare.Ratio && g.Value > 1) {
			t.Errorf("%q: %v", s, g.Value)
		}
		if g.Holds(g.Value) != strings.Contains(g.Op, "=") != (g.Op == "!=") {
			t.Errorf("%s holds of its threshold: %v", g, g.Holds(g.Value))
		}
		if digits := strings.Trim(s, "0<>=!.% "); len(digits) < 12 && !strings.Contains(s, "n") {
			if again, err := compare.ParseGate(g.String(), u); err != nil || again != g {
				t.Errorf("%s is read as %v (%v)", g, again, err)
			}
		}
	})
}

func TestHoldsRounded(t *testing.T) {
	for _, c := range []struct {
		gate  string
		unit  compare.Unit
		value float64
		want  bool
	}{
		{">=20", compare.Plain, 20.0 / 3 * 0.1 * 30, true},
		{">=20", compare.Plain, 19.999999999999996, true},
		{"<20", compare.Plain, 19.999999999999996, false},
		{"==20", compare.Plain, 20.000000000000004, true},
		{">=20", compare.Plain, 19.9999, false},
		{"<=300ms", compare.Seconds, 0.30000000000000004, true},
		{">=99.5", compare.Ratio, 0.995 - 1e-16, true},
		{"==0", compare.Plain, 1e-12, false},
		{">=100%", compare.Ratio, 1 - 1e-10, false}, // one failure is one
	} {
		g, err := compare.ParseGate(c.gate, c.unit)
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Holds(c.value); got != c.want {
			t.Errorf("%s of %v: %t", c.gate, c.value, got)
		}
	}
}
