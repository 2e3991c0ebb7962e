// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// life is until when a version gets fixes.
type life struct {
	version string
	// end is a month ("2023-09"), the last one with fixes for everybody.
	end string
}

// product is a program or distribution that images are named after.
type product struct {
	name  string
	lives []life
	// instead is what to take, besides a version that is maintained.
	instead string
}

// products are the ends of life that their makers have announced, as
// https://endoflife.date/PRODUCT had them on 22 August 2026: nodejs, python, go, php,
// ruby, dotnet, nginx, alpine-linux, debian (long-term support), ubuntu, centos,
// postgresql, mysql and mongodb. Those of openjdk are when the image was given up
// (https://developers.redhat.com/articles/2022/09/16/updating-docker-hubs-openjdk-image). A version that is not listed is not judged: the
// table may lack what is new, and is not wrong for it, since what has ended stays
// ended.
var products = []product{
	{name: "node", lives: []life{
		{"8", "2019-12"}, {"10", "2021-04"}, {"11", "2019-06"}, {"12", "2022-04"}, {"13", "2020-06"}, {"14", "2023-04"}, {"15", "2021-06"}, {"16", "2023-09"},
		{"17", "2022-06"}, {"18", "2025-04"}, {"19", "2023-06"}, {"20", "2026-04"}, {"21", "2024-06"}, {"22", "2027-04"}, {"23", "2025-06"}, {"24", "2028-04"}, {"25", "2026-06"},
	}},
	{name: "python", lives: []life{
		{"2", "2020-01"}, {"3.5", "2020-09"}, {"3.6", "2021-12"}, {"3.7", "2023-06"}, {"3.8", "2024-10"}, {"3.9", "2025-10"}, {"3.10", "2026-10"},
		{"3.11", "2027-10"}, {"3.12", "2028-10"}, {"3.13", "2029-10"}, {"3.14", "2030-10"},
	}},
	{name: "golang", lives: []life{
		{"1.16", "2022-03"}, {"1.17", "2022-08"}, {"1.18", "2023-02"}, {"1.19", "2023-09"}, {"1.20", "2024-02"}, {"1.21", "2024-08"}, {"1.22", "2025-02"},
		{"1.23", "2025-08"}, {"1.24", "2026-02"}, {"1.25", "2026-08"},
	}},
	{name: "php", lives: []life{
		{"5", "2018-12"}, {"7.2", "2020-11"}, {"7.3", "2021-12"}, {"7.4", "2022-11"}, {"8.0", "2023-11"}, {"8.1", "2025-12"}, {"8.2", "2026-12"}, {"8.3", "2027-12"}, {"8.4", "2028-12"},
		{"8.5", "2029-12"},
	}},
	{name: "ruby", lives: []life{
		{"2.5", "2021-03"}, {"2.6", "2022-03"}, {"2.7", "2023-03"}, {"3.0", "2024-04"}, {"3.1", "2025-03"}, {"3.2", "2026-03"}, {"3.3", "2027-03"}, {"3.4", "2028-03"}, {"4.0", "2029-03"},
	}},
	{name: "openjdk", instead: "eclipse-temurin", lives: []life{
		{"8", "2022-07"}, {"11", "2022-07"}, {"14", "2022-07"}, {"15", "2022-07"}, {"16", "2022-07"}, {"17", "2022-07"}, {"18", "2022-07"},
	}},
	{name: "dotnet", lives: []life{
		{"2.1", "2021-08"}, {"3.1", "2022-12"}, {"5.0", "2022-05"}, {"6.0", "2024-11"}, {"7.0", "2024-05"}, {"8.0", "2026-11"}, {"9.0", "2026-11"}, {"10.0", "2028-11"},
	}},
	{name: "nginx", instead: "nginxinc/nginx-unprivileged, which needs no root and listens on 8080", lives: []life{
		{"1.14", "2019-04"}, {"1.16", "2020-04"}, {"1.18", "2021-04"}, {"1.19", "2021-05"}, {"1.20", "2022-05"}, {"1.21", "2022-06"},
		{"1.22", "2023-04"}, {"1.23", "2023-05"}, {"1.24", "2024-04"}, {"1.25", "2024-05"}, {"1.26", "2025-04"}, {"1.27", "2025-06"}, {"1.28", "2026-04"}, {"1.29", "2026-05"},
	}},
	{name: "alpine", lives: []life{
		{"3.8", "2020-05"}, {"3.9", "2020-11"}, {"3.10", "2021-05"}, {"3.11", "2021-11"}, {"3.12", "2022-05"}, {"3.13", "2022-11"}, {"3.14", "2023-05"}, {"3.15", "2023-11"},
		{"3.16", "2024-05"}, {"3.17", "2024-11"}, {"3.18", "2025-05"}, {"3.19", "2025-11"}, {"3.20", "2026-04"}, {"3.21", "2026-11"}, {"3.22", "2027-05"}, {"3.23", "2027-11"},
		{"3.24", "2028-06"},
	}},
	{name: "debian", lives: []life{
		{"8", "2020-06"}, {"jessie", "2020-06"}, {"9", "2022-07"}, {"stretch", "2022-07"}, {"10", "2024-06"}, {"buster", "2024-06"}, {"11", "2026-08"}, {"bullseye", "2026-08"},
		{"12", "2028-06"}, {"bookworm", "2028-06"}, {"13", "2030-06"}, {"trixie", "2030-06"},
	}},
	{name: "ubuntu", lives: []life{
		{"16.04", "2021-04"}, {"xenial", "2021-04"}, {"18.04", "2023-05"}, {"bionic", "2023-05"}, {"20.04", "2025-05"}, {"focal", "2025-05"},
		{"22.04", "2027-04"}, {"jammy", "2027-04"}, {"24.04", "2029-05"}, {"noble", "2029-05"},
		{"26.04", "2031-04"}, {"resolute", "2031-04"},
	}},
	{name: "centos", lives: []life{{"6", "2020-11"}, {"7", "2024-06"}, {"8", "2021-12"}}},
	{name: "postgres", lives: []life{
		{"9", "2021-11"}, {"10", "2022-11"}, {"11", "2023-11"}, {"12", "2024-11"}, {"13", "2025-11"}, {"14", "2026-11"}, {"15", "2027-11"}, {"16", "2028-11"}, {"17", "2029-11"},
		{"18", "2030-11"},
	}},
	{name: "mysql", lives: []life{{"5.6", "2021-02"}, {"5.7", "2023-10"}, {"8.0", "2026-04"}, {"8.4", "2032-04"}}},
	{name: "mongo", lives: []life{{"3", "2021-04"}, {"4.0", "2022-04"}, {"4.2", "2023-04"}, {"4.4", "2024-02"}, {"5.0", "2024-10"}, {"6.0", "2025-07"}, {"7.0", "2027-08"}, {"8.0", "2029-10"}}},
}

// official are the registries and paths that the makers' own images have.
var official = []string{"", "docker.io/", "docker.io/library/", "library/", "index.docker.io/library/", "public.ecr.aws/docker/library/", "mirror.gcr.io/library/"}

// productOf is the product that an image is of.
func productOf(i image) (product, bool) {
	name := i.name
	switch path, is := strings.CutPrefix(name, "mcr.microsoft.com/dotnet/"); {
	case is && slices.Contains([]string{"sdk", "aspnet", "runtime", "runtime-deps"}, path):
		name = "dotnet"
	case is:
		return product{}, false
	default:
		for _, prefix := range official {
			if short, is := strings.CutPrefix(i.name, prefix); is {
				name = short
			}
		}
	}
	at := slices.IndexFunc(products, func(p product) bool { return p.name == name })
	if at < 0 {
		return product{}, false
	}
	return products[at], true
}

var number = regexp.MustCompile(`^v?(\d+(?:\.\d+)*)$`)

// life returns that of a version as a tag spells it: 16, 16.20, 16.20.1 and
// v16 are of 16, 3.9 is not of 3.
func (p product) life(version string) (life, bool) {
	if m := number.FindStringSubmatch(version); m != nil {
		version = m[1]
	}
	for _, l := range p.lives {
		if version == l.version || strings.HasPrefix(version, l.version+".") {
			return l, true
		}
	}
	return life{}, false
}

// over reports whether a life has ended.
func (l life) over(now time.Time) bool {
	end, err := time.Parse("2006-01", l.end)
	return err == nil && !now.Before(end.AddDate(0, 1, 0))
}

// newest is the version that is maintained for longest, empty if none is known
// that is worth the move.
func (p product) newest(now time.Time) (best life) {
	for _, l := range p.lives {
		if !l.over(now.AddDate(0, 6, 0)) && l.end > best.end {
			best = l
		}
	}
	return best
}

var distribution = regexp.MustCompile(`^(alpine)(\d+\.\d+)$`)

// ended returns what of an image is no longer maintained: the program, or the
// distribution below it, as in 3.9-slim-buster and 20-alpine3.16.
func ended(i image, now time.Time) (p product, l life, found bool) {
	first, rest, _ := strings.Cut(i.tag, "-")
	if p, known := productOf(i); known {
		if l, known := p.life(first); known && l.over(now) {
			return p, l, true
		}
	} else {
		return product{}, life{}, false
	}
	for word := range strings.SplitSeq(rest, "-") {
		for _, p := range products {
			version := word
			if m := distribution.FindStringSubmatch(word); m != nil && m[1] == p.name {
				version = m[2]
			} else if p.name != "debian" && p.name != "ubuntu" || number.MatchString(word) {
				continue
			}
			if l, known := p.life(version); known && l.over(now) {
				return p, l, true
			}
		}
	}
	return product{}, life{}, false
}
