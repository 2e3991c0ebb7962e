// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import "strings"

// ruby knows Ruby by its Gemfile, config.ru or Rails' script.
var ruby = detector{name: "ruby", Match: matchRuby, Facts: factsRuby}

func matchRuby(u *unit) {
	for _, name := range []string{"Gemfile", "config.ru", "bin/rails"} {
		if f := u.file(name); f != nil {
			u.add(language, f.head(), "ruby", name, metadata)
			u.add(build, f.head(), "bundler", name, metadata)
		}
	}
}

var rubyManifest = []rule{
	{framework, "rails", "rails", re(`^\s*gem ['"]rails['"]`), "rails", metadata},
	{framework, "sinatra", "sinatra", re(`^\s*gem ['"]sinatra['"]`), "sinatra", metadata - 2},
	{framework, "grape", "grape", re(`^\s*gem ['"]grape['"]`), "grape", metadata - 2},
	{framework, "grpc", "grpc", re(`^\s*gem ['"]grpc['"]`), "grpc", source - 5},
	{framework, "webrick", "webrick", re(`^\s*gem ['"]webrick['"]`), "webrick", source - 5},
	{protocol, "rails", "rails", re(`^\s*gem ['"]rails['"]`), "http", source + 5},
	{protocol, "sinatra", "sinatra", re(`^\s*gem ['"]sinatra['"]`), "http", source + 5},
	{port, "rails by convention", "rails", re(`^\s*gem ['"]rails['"]`), "3000", convention},
	{port, "sinatra by convention", "sinatra", re(`^\s*gem ['"]sinatra['"]`), "4567", convention},
	{kind, "sidekiq", "sidekiq", re(`^\s*gem ['"]sidekiq['"]`), "worker", source - 8},
}

var rubyRules = []rule{
	{framework, "WEBrick", "WEBrick::HTTPServer", nil, "webrick", source},
	{framework, "sinatra", "sinatra", re(`^require ['"]sinatra(?:/base)?['"]`), "sinatra", source + 5},
	{framework, "grpc server", "GRPC::RpcServer", nil, "grpc", source + 8},
	{protocol, "WEBrick", "WEBrick::HTTPServer", nil, "http", source},
	{protocol, "sinatra", "sinatra", re(`^require ['"]sinatra(?:/base)?['"]`), "http", source + 5},
	{protocol, "grpc server", "GRPC::RpcServer", nil, "grpc", source + 8},
	{protocol, "tcp server", "TCPServer.new", nil, "tcp", source - 15},
	{port, "set :port", ":port", re(`\bset :port,\s*(\d{2,5})`), "", source + 2},
	{port, ":Port", "Port", re(`(?::Port\s*=>|\bPort:)\s*(\d{2,5})`), "", source + 2},
	{port, "puma port", "port", re(`^\s*port\s+(\d{2,5})`), "", source + 2},
	{port, "puma bind", "bind", re(`^\s*bind\s+['"]tcp://[^'"]*:(\d{2,5})['"]`), "", source + 2},
	{port, "http2 port", "add_http2_port", re(`add_http2_port\(['"][^'"]*:(\d{2,5})['"]`), "", source + 2},
	{health, "rails health", "rails/health#show", re(`get ['"]/?\w+['"]\s*=>\s*['"]rails/health#show['"]`), "/up", source + 5},
}

var rubyEnv = []envRule{
	{"fetch with default", "ENV.fetch", re(`\bENV\.fetch\(\s*['"]([A-Z][A-Z0-9_]*)['"],\s*['"]?([^'")]*)`), optional},
	{"fetch with block", "ENV.fetch", re(`\bENV\.fetch\(\s*['"]([A-Z][A-Z0-9_]*)['"]\s*\)\s*\{\s*['"]?([^'"}]*?)['"]?\s*\}`), optional},
	{"fetch", "ENV.fetch", re(`\bENV\.fetch\(\s*['"]([A-Z][A-Z0-9_]*)['"]\s*\)(?:\s*[^{\s]|\s*$)`), required},
	{"ENV with default", "ENV[", re(`\bENV\[\s*['"]([A-Z][A-Z0-9_]*)['"]\s*\]\s*\|\|\s*['"]?([^'")\s]*)`), optional},
	{"ENV", "ENV[", re(`\bENV\[\s*['"]([A-Z][A-Z0-9_]*)['"]\s*\](?:\s*[^|\s]|\s*$)`), ""},
}

var rubyServes = re(`WEBrick::HTTPServer|require ['"]sinatra|GRPC::RpcServer|TCPServer\.new`)

func factsRuby(u *unit) {
	if f := u.file("Gemfile"); f != nil {
		u.apply([]*file{f}, rubyManifest)
	}
	files := u.ending(".rb", ".ru")
	u.apply(files, rubyRules)
	u.environment(files, rubyEnv)
	if f := u.file("bin", "rails"); f != nil {
		u.add(entry, f.head(), "bin/rails", "bin/rails", source+8)
	}
	if f := u.file("config.ru"); f != nil {
		u.add(entry, f.head(), "config.ru", "config.ru", source+5)
		u.add(protocol, f.head(), "http", "config.ru", source)
	}
	for _, f := range files {
		rel := u.rel(f)
		if strings.Contains(rel, "/") && !strings.HasPrefix(rel, "lib/") && !strings.HasPrefix(rel, "app/") {
			continue
		}
		if m, ok := f.find("", rubyServes); ok {
			u.add(entry, m, rel, "a server", source-penalty(rel)-2*strings.Count(rel, "/"))
		}
	}
}
