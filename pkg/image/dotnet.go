// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"path"
	"slices"
	"strings"
)

// dotnets are the releases with fixes; an SDK builds for older ones too.
var dotnets = []release{{10, 0}, {9, 0}, {8, 0}}

// dotnet publishes for the processor that is asked for, on that of the machine.
func dotnet(r *recipe) error {
	project, ok := r.trait("project")
	if !ok || r.s.Entry.Value == nil {
		return r.refuse("", "expected a project that makes a program, found none")
	}
	if to, out := r.trait("outside"); out {
		return r.refuse("have the command look at a folder that has both", "expected all projects in the folder that was scanned, found a reference to %s", to)
	}
	target := strings.TrimPrefix(r.s.Version.String(), "net")
	if target == "" {
		return r.refuse("<TargetFramework>net10.0</TargetFramework>", "expected a target framework, found none")
	}
	v, known := parse(target)
	if !known || !slices.Contains(dotnets, v) {
		return r.refuse("<TargetFramework>net10.0</TargetFramework>", "expected a release of .NET with an image (10.0, 9.0, 8.0), found %s", target)
	}
	project = path.Join(r.dir(), project)
	r.native("mcr.microsoft.com/dotnet/sdk:"+v.String()+"-noble", "build")
	r.line("ARG TARGETARCH\nWORKDIR /src")
	packages := cache("/root/.nuget/packages")
	for _, file := range sorted(r.s.BuildFiles) {
		r.copy(path.Dir(file)+"/", file)
	}
	r.run(packages, "dotnet restore "+project+" -a $TARGETARCH")
	r.copy("./", ".")
	r.run(packages, "dotnet publish "+project+" -a $TARGETARCH --no-restore -c Release -o /out")
	image, flavour := "aspnet", "-noble-chiseled"
	if r.s.Framework.String() != "aspnet" {
		image = "runtime"
	}
	pairs := []string{"DOTNET_EnableDiagnostics=0", "DOTNET_GCHeapHardLimitPercent=0x4B", "TMPDIR=/tmp"}
	if r.is("globalization") {
		flavour += "-extra" // with what tells cultures apart
	}
	if p := r.port(); p != "" && image == "aspnet" {
		pairs = append(pairs, "ASPNETCORE_HTTP_PORTS="+p)
	}
	r.from("mcr.microsoft.com/dotnet/"+image+":"+v.String()+flavour, "")
	r.line("WORKDIR /app")
	r.line("COPY --from=build /out ./")
	r.env(pairs...)
	r.leave("**/bin", "**/obj", "**/TestResults", "**/launchSettings.json")
	r.start("dotnet", r.s.Entry.String())
	return nil
}
