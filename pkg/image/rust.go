// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image

// rust builds one program; what cargo downloads and compiles is cached, so that
// no layer of dependencies is needed.
func rust(r *recipe) error {
	name := r.s.Entry.String()
	if name == "" {
		return r.refuse("", "expected a binary, found none")
	}
	if to, out := r.trait("outside"); out {
		return r.refuse("have the command look at a folder that has both", "expected all crates in the folder that was scanned, found %s", to)
	}
	toolchain := "rust:1-trixie"
	if f := r.s.Version; len(f.Evidence) > 0 && f.Value != nil && f.Evidence[0].Source != "Cargo.toml rust-version" {
		toolchain = "rust:" + f.String() + "-trixie" // pinned; rust-version is only the oldest
	}
	r.from(toolchain, "build")
	r.line("WORKDIR /src")
	if r.is("protoc") {
		r.line("# hadolint ignore=DL3008")
		r.run(nil, "apt-get update", "apt-get install -y --no-install-recommends protobuf-compiler", "rm -rf /var/lib/apt/lists/*")
	}
	r.copy("./", ".")
	locked := " --locked"
	if !r.has("Cargo.lock") && !r.has(r.dir(), "Cargo.lock") {
		locked = ""
		r.warn("no lock file: every build takes what is newest", "cargo generate-lockfile, and commit Cargo.lock")
		r.line(noLock)
	}
	where := ""
	if !r.is("workspace") && r.dir() != "." {
		where = " --manifest-path " + r.dir() + "/Cargo.toml"
	}
	// The target folder is a mount, so that the program is taken out at once.
	mounts := append(cache("/usr/local/cargo/registry"), cache("/src/target")...)
	r.run(mounts, "cargo build --release"+locked+where+" --target-dir /src/target --bin "+name, "install -D target/release/"+name+" /out/app")
	r.from("gcr.io/distroless/cc-debian13:nonroot", "")
	r.line("WORKDIR /app")
	r.line("COPY --from=build /out/app ./app")
	r.assets()
	r.env("TMPDIR=/tmp")
	r.leave("**/target", "**/*.rs.bk")
	r.start("/app/app")
	return nil
}
