// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import "strings"

// rust knows Rust by Cargo.toml.
var rust = detector{name: "rust", Match: matchRust, Facts: factsRust}

func matchRust(u *unit) {
	f := u.file("Cargo.toml")
	if f == nil {
		return
	}
	u.add(language, f.head(), "rust", "Cargo.toml", metadata)
	u.add(build, f.head(), "cargo", "Cargo.toml", metadata)
	if name, m := u.cargoName(f, "[package]"); name != "" {
		u.add(title, m, name, "Cargo.toml name", metadata)
	}
}

var cargoName = re(`^name\s*=\s*"([\w-]+)"`)

// cargoName is the name in the first section of that heading.
func (u *unit) cargoName(f *file, section string) (string, match) {
	inside := false
	for n := 1; n <= f.lines(); n++ {
		line := strings.TrimSpace(f.line(n))
		if strings.HasPrefix(line, "[") {
			inside = line == section
		}
		if m := cargoName.FindStringSubmatch(line); inside && m != nil {
			return m[1], f.at(n, m[0])
		}
	}
	return "", match{}
}

var rustManifest = []rule{
	{framework, "axum", "axum", re(`^axum(?:\.workspace)?\s*=`), "axum", metadata},
	{framework, "actix", "actix-web", re(`^actix-web(?:\.workspace)?\s*=`), "actix", metadata},
	{framework, "rocket", "rocket", re(`^rocket(?:\.workspace)?\s*=`), "rocket", metadata},
	{framework, "warp", "warp", re(`^warp(?:\.workspace)?\s*=`), "warp", metadata},
	{framework, "tonic", "tonic", re(`^tonic(?:\.workspace)?\s*=`), "tonic", source - 5},
	{protocol, "axum", "axum", re(`^axum(?:\.workspace)?\s*=`), "http", source + 5},
	{protocol, "actix", "actix-web", re(`^actix-web(?:\.workspace)?\s*=`), "http", source + 5},
	{protocol, "rocket", "rocket", re(`^rocket(?:\.workspace)?\s*=`), "http", source + 5},
	{protocol, "warp", "warp", re(`^warp(?:\.workspace)?\s*=`), "http", source + 5},
	{port, "rocket by convention", "rocket", re(`^rocket(?:\.workspace)?\s*=`), "8000", convention},
}

var rustRules = []rule{
	{protocol, "listener", "TcpListener::bind", nil, "tcp", source - 15},
	{port, "bind", "bind(", re(`\bbind\(\s*\(?"[\w.\[\]:]*:(\d{2,5})"`), "", source + 2},
	{port, "bind", "bind(", re(`\bbind\(\(\s*"[\w.:\[\]]+",\s*(\d{2,5})\)`), "", source + 2},
	{port, "socket address", "SocketAddr::from", re(`SocketAddr::from\(\(\[[\d, ]+\],\s*(\d{2,5})\)`), "", source + 2},
	{port, "address", ".parse", re(`"[\d.\[\]:]*:(\d{2,5})"\s*\.parse`), "", source + 2},
	{port, "default port", "unwrap_or", re(`unwrap_or(?:_else)?\((?:\|_\|\s*)?"?(\d{4,5})\b`), "", source - 5},
	{health, "grpc health", "tonic_health", re(`\btonic_health::server`), "grpc", source + 5},
	{kind, "queue consumer", "onsumer", re(`\bStreamConsumer\b|\.basic_consume\(`), "worker", source - 5},
}

// tonicRules are for files that name tonic: others have builders of servers too.
var tonicRules = []rule{
	{framework, "tonic server", "Server::builder()", nil, "tonic", metadata + 2},
	{protocol, "tonic server", "Server::builder()", nil, "grpc", source + 8},
}

var rustEnv = []envRule{
	{"env::var with default", "env::var", re(`\benv::var\("([A-Z][A-Z0-9_]*)"\)\s*\.unwrap_or(?:_else)?\((?:\|_\|\s*)?"?([^")]*)`), optional},
	{"env::var or panic", "env::var", re(`\benv::var\("([A-Z][A-Z0-9_]*)"\)\s*(?:\.unwrap\(\)|\.expect\(|\?)`), required},
	{"env::var", "env::var", re(`\benv::var\("([A-Z][A-Z0-9_]*)"\)(?:\s*$|\s*\{|\s*\.ok\(\)|[;,)])`), ""},
}

func factsRust(u *unit) {
	f := u.file("Cargo.toml")
	if f == nil {
		return
	}
	u.apply([]*file{f}, rustManifest)
	files := u.ending(".rs")
	u.apply(files, rustRules)
	for _, f := range files {
		if strings.Contains(f.text(), "tonic::") {
			u.apply([]*file{f}, tonicRules)
		}
	}
	u.environment(files, rustEnv)
	u.assets(files, []rule{
		{asset, "static files", "ServeDir::new(", re(`ServeDir::new\("([^"]+)"`), "", source},
		{asset, "read file", "fs::read", re(`\bfs::read(?:_to_string)?\("([^"]+)"`), "", source},
	})
	if name, m := u.cargoName(f, "[[bin]]"); name != "" {
		u.add(entry, m, name, "Cargo.toml bin", metadata)
	}
	name, m := u.cargoName(f, "[package]")
	if name == "" {
		return
	}
	if main := u.file("src", "main.rs"); main != nil {
		if fn, ok := main.find("fn main()", nil); ok {
			m = fn
		}
		u.add(entry, m, name, "src/main.rs", source+5)
	}
	for _, b := range u.files {
		if rel := u.rel(b); strings.HasPrefix(rel, "src/bin/") && strings.HasSuffix(rel, ".rs") {
			u.add(entry, b.head(), strings.TrimSuffix(strings.TrimPrefix(rel, "src/bin/"), ".rs"), "src/bin", source-penalty(rel))
		}
	}
}
