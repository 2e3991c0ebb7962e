// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package detect

import (
	"path"
	"strings"
)

// dotnet knows C# and F# by the project file.
var dotnet = detector{name: "dotnet", Match: matchDotnet, Facts: factsDotnet}

// projects are the unit's project files without those of tests.
func (u *unit) projects() []*file {
	return u.nearest(func(f *file) bool {
		ext := path.Ext(f.path)
		return (ext == ".csproj" || ext == ".fsproj") && !dotnetTest.MatchString(f.base()) && !strings.Contains(f.text(), "Microsoft.NET.Test.Sdk")
	})
}

var dotnetTest = re(`(?i)tests?\.\wsproj$`)

func matchDotnet(u *unit) {
	for _, f := range u.projects() {
		u.add(language, f.head(), "dotnet", "project file", metadata)
		u.add(build, f.head(), "dotnet", "project file", metadata)
		u.add(title, f.head(), strings.TrimSuffix(f.base(), path.Ext(f.path)), "project file", metadata-5)
	}
}

var dotnetProject = []rule{
	{framework, "Sdk.Web", "Microsoft.NET.Sdk.Web", nil, "aspnet", metadata},
	{framework, "Sdk.Worker", "Microsoft.NET.Sdk.Worker", nil, "worker", metadata},
	{kind, "Sdk.Worker", "Microsoft.NET.Sdk.Worker", nil, "worker", metadata},
}

var dotnetRules = []rule{
	{protocol, "MapGrpcService", "MapGrpcService", re(`\bMapGrpcService<`), "grpc", source + 12},
	{protocol, "routes", "Map", re(`\b(?:MapGet|MapPost|MapControllers|MapRazorPages)\(`), "http", source + 8},
	{protocol, "controller", "[ApiController]", nil, "http", source + 8},
	{protocol, "listener", "TcpListener(", nil, "tcp", source - 15},
	{port, "listen", "Listen", re(`\bListen(?:AnyIP|Localhost)\((\d{2,5})`), "", source + 2},
	{port, "urls", "://", re(`(?:UseUrls|Urls\.Add|Run)\(\s*"https?://[^"]*:(\d{2,5})"`), "", source + 2},
	{health, "grpc health", "MapGrpcHealth", re(`\bMapGrpcHealthChecksService\(|\bMapGrpcHealthService\(`), "grpc", source + 5},
	{health, "grpc health", "HealthBase", re(`:\s*(?:\w+\.)?Health(?:Service)?(?:Base|ServiceBase|\.HealthBase)\b`), "grpc", source + 5},
	{health, "health service", "MapGrpcService<Health", re(`\bMapGrpcService<Health\w*>`), "grpc", source + 5},
	{health, "health checks", "MapHealthChecks", re(`\bMapHealthChecks\(\s*"([^"]+)"`), "", source + 5},
	{kind, "background service", "BackgroundService", re(`:\s*BackgroundService\b`), "worker", source - 8},
}

var dotnetEnv = []envRule{
	{"environment with default", "GetEnvironmentVariable", re(`GetEnvironmentVariable\(\s*"([A-Z][A-Z0-9_]*)"\s*\)\s*\?\?\s*"([^"]*)"`), optional},
	{"environment or throw", "GetEnvironmentVariable", re(`GetEnvironmentVariable\(\s*"([A-Z][A-Z0-9_]*)"\s*\)\s*\?\?\s*throw\b`), required},
	{"environment", "GetEnvironmentVariable", re(`GetEnvironmentVariable\(\s*"([A-Z][A-Z0-9_]*)"\s*\)(?:\s*[^?\s]|\s*$)`), ""},
	{"configuration or throw", "onfiguration[", re(`onfiguration\[\s*"([A-Z][A-Z0-9_]*)"\s*\]\s*\?\?\s*throw\b`), required},
	{"configuration with default", "onfiguration[", re(`onfiguration\[\s*"([A-Z][A-Z0-9_]*)"\s*\]\s*\?\?\s*"([^"]*)"`), optional},
	{"configuration", "onfiguration[", re(`onfiguration\[\s*"([A-Z][A-Z0-9_]*)"\s*\](?:\s*[^?\s]|\s*$)`), ""},
	{"configuration", "GetValue", re(`GetValue<\w+>\(\s*"([A-Z][A-Z0-9_]*)"(?:,\s*"?([^")]*)"?)?\)`), ""},
}

var listenURL = re(`^https?://[^:]*:(\d{2,5})/?$`)

func factsDotnet(u *unit) {
	projects := u.projects()
	u.apply(projects, dotnetProject)
	files := u.ending(".cs", ".fs")
	u.apply(files, dotnetRules)
	u.environment(files, dotnetEnv)
	for _, f := range u.named("appsettings.json") {
		u.kestrel(f)
		f.grep("Protocols", re(`"Protocols"\s*:\s*"Http2"`), func(m match) { u.add(protocol, m, "grpc", "appsettings Http2", source-5) })
	}
	for _, f := range projects {
		u.dotnetEntry(f)
	}
	if e, ok := u.best(framework); ok && e.Value == "aspnet" {
		at := match{file: u.tree.file(e.File), line: e.Line, quote: e.Quote}
		u.add(protocol, at, "http", "Sdk.Web", source)
		u.add(port, at, "8080", "aspnet by convention", convention)
	}
}

// kestrel reads the addresses that the server is to listen on: other addresses in
// that file are those of others.
func (u *unit) kestrel(f *file) {
	for _, endpoint := range pairs(field(document(f), "Kestrel", "Endpoints")) {
		v := field(endpoint.value, "Url")
		if v == nil {
			continue
		}
		if m := listenURL.FindStringSubmatch(v.Value); m != nil && isPort(m[1]) {
			u.add(port, f.at(v.Line, v.Value), m[1], "appsettings Kestrel", metadata)
		}
	}
}

// elsewhere are projects that run on a desk, a phone, in a browser, or that start
// the services while they are written.
var elsewhere = re(`<UseMaui>true|<UseWPF>true|<UseWindowsForms>true|Aspire\.AppHost\.Sdk|<IsAspireHost>true|Sdk\.BlazorWebAssembly|net\d+\.\d+-(?:android|ios|windows)`)

// dotnetEntry is the assembly that a runnable project makes.
func (u *unit) dotnetEntry(f *file) {
	if elsewhere.MatchString(f.text()) {
		return
	}
	m, ok := f.find("<OutputType>", re(`<OutputType>(?:Exe|WinExe)</OutputType>`))
	if !ok {
		m, ok = f.find("Microsoft.NET.Sdk.", re(`Microsoft\.NET\.Sdk\.(?:Web|Worker)\b`))
	}
	if !ok {
		return
	}
	name := strings.TrimSuffix(f.base(), path.Ext(f.path))
	if a, ok := f.find("<AssemblyName>", re(`<AssemblyName>([\w.-]+)</AssemblyName>`)); ok {
		m, name = a, a.group(1)
	}
	u.add(entry, m, name+".dll", "project file", metadata-penalty(f.base()))
}
