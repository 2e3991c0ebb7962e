// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"cmp"
	"slices"
)

// rubies are the releases that have an image.
var rubies = []release{{3, 4}, {3, 3}, {3, 2}}

// ruby installs the gems with a compiler at hand and runs without.
func ruby(r *recipe) error {
	if !r.has("Gemfile") {
		return r.refuse("bundle init", "expected a Gemfile, found none")
	}
	if !r.has("Gemfile.lock") {
		return r.refuse("bundle lock, and commit Gemfile.lock", "expected a Gemfile.lock, found none")
	}
	v, known := pick(r.s.Version.String(), rubies...)
	if !known {
		return r.refuse("", "expected a release of Ruby that has an image (3.2 to 3.4), found %s", r.s.Version)
	}
	argv, err := r.rubyCommand()
	if err != nil {
		return err
	}
	full := "ruby:" + v.String() + "-trixie"
	run := "ruby:" + v.String() + "-slim-trixie"
	if linked := r.traits("linked"); len(linked) > 0 && linked[0] != "sqlite3" {
		run = full
		r.warn(linked[0]+" needs libraries that only the large image has", "")
	}
	bundle := []string{"BUNDLE_DEPLOYMENT=1", "BUNDLE_PATH=/bundle", "BUNDLE_WITHOUT=development:test"}
	rails := r.s.Framework.String() == "rails"
	r.from(full, "build")
	r.line("WORKDIR /app")
	r.env(append([]string{"BUNDLE_GLOBAL_GEM_CACHE=true"}, bundle...)...)
	r.copy("./", "Gemfile", "Gemfile.lock")
	r.run(cache("/root/.bundle/cache"), "bundle install")
	r.copy("./", ".")
	if rails && r.is("assets") {
		// It wants a secret to start, and uses none.
		r.run(nil, "RAILS_ENV=production SECRET_KEY_BASE_DUMMY=1 bundle exec rails assets:precompile")
	}
	r.from(run, "")
	r.line("WORKDIR /app")
	r.env(append(bundle, "TMPDIR=/tmp")...)
	r.line("COPY --from=build /bundle /bundle")
	r.line("COPY --from=build /app ./")
	if rails {
		r.env("RAILS_ENV=production", "RAILS_LOG_TO_STDOUT=1", "BOOTSNAP_CACHE_DIR=/tmp/bootsnap")
		r.warn("rails writes to /app/tmp and /app/log", "add them to writablePaths of the service where it needs them")
	}
	r.leave("**/.bundle", "vendor/bundle", "log", "tmp", "**/node_modules", "spec", "**/.rspec")
	r.start(argv...)
	return nil
}

func (r *recipe) rubyCommand() ([]string, error) {
	entry, servers := r.s.Entry.String(), r.traits("server")
	bundled := func(argv ...string) []string { return append([]string{"bundle", "exec"}, argv...) }
	if argv, ok := words(r.s.Start.String(), r.port()); ok {
		if argv[0] == "bundle" {
			return argv, nil
		}
		return bundled(argv...), nil
	}
	switch {
	case entry == "bin/rails":
		return bundled("rails", "server", "--binding", "0.0.0.0", "--port", cmp.Or(r.port(), "3000"), "--pid", "/tmp/server.pid"), nil
	case entry == "config.ru" && slices.Contains(servers, "puma"):
		return bundled("puma", "--bind", "tcp://0.0.0.0:"+cmp.Or(r.port(), "9292")), nil
	case entry == "config.ru" && slices.Contains(servers, "rackup"):
		return bundled("rackup", "--host", "0.0.0.0", "--port", cmp.Or(r.port(), "9292")), nil
	case entry == "config.ru":
		return nil, r.refuse("bundle add puma", "expected a server for config.ru, found none in the Gemfile")
	case entry == "":
		return nil, r.refuse(`a Procfile with "web: bundle exec puma"`, "expected a file that is started, found none")
	}
	return bundled("ruby", entry), nil
}
