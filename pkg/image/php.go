// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// phps are the releases that have an image.
var phps = []release{{8, 5}, {8, 4}, {8, 3}, {8, 2}}

// builtIn are extensions that every image of PHP has.
var builtIn = []string{"ctype", "curl", "date", "dom", "fileinfo", "filter", "ftp", "hash", "iconv", "json", "libxml", "mbstring", "openssl", "pcre",
	"pdo", "pdo_sqlite", "phar", "posix", "random", "readline", "reflection", "session", "simplexml", "sodium", "spl", "sqlite3", "standard", "tokenizer", "xml", "xmlreader", "xmlwriter", "zlib"}

// php runs FrankenPHP, one process that is server and interpreter.
func php(r *recipe) error {
	entry := r.s.Entry.String()
	if path.Base(entry) != "index.php" {
		return r.refuse("", "expected public/index.php or index.php, found neither")
	}
	v, known := pick(r.s.Version.String(), phps...)
	if !known {
		return r.refuse("", "expected a release of PHP that has an image (8.2 to 8.5), found %s", r.s.Version)
	}
	r.native("composer:2", "build")
	r.line("WORKDIR /app")
	if r.has("composer.json") {
		r.copy("./", r.among(".", "composer.json", "composer.lock")...)
		if !r.has("composer.lock") {
			r.warn("no lock file: every build installs what is newest", "composer update, and commit composer.lock")
			r.line(noLock)
		}
		// The platform is that of the last stage, not of this one.
		const install = "composer install --no-dev --no-interaction --no-scripts --prefer-dist --ignore-platform-reqs --no-autoloader"
		r.run(cache("/tmp/cache"), install)
	}
	r.copy("./", ".")
	if r.has("composer.json") {
		r.run(nil, "composer dump-autoload --no-dev --no-scripts --optimize --ignore-platform-reqs")
	}
	base := "dunglas/frankenphp:1-php" + v.String() + "-trixie"
	var extensions []string
	for _, e := range r.traits("extension") {
		if !slices.Contains(builtIn, e) {
			extensions = append(extensions, e)
		}
	}
	r.from(base, "runtime")
	// A pod without capabilities is not let start what asks for one.
	commands := []string{"setcap -r /usr/local/bin/frankenphp"}
	if len(extensions) > 0 {
		commands = append(commands, "install-php-extensions "+strings.Join(extensions, " "))
	}
	r.run(nil, commands...)
	r.from("runtime", "")
	r.line("WORKDIR /app")
	r.line("COPY --from=build /app ./")
	r.env("TMPDIR=/tmp", "XDG_CONFIG_HOME=/tmp/config", "XDG_DATA_HOME=/tmp/data")
	if r.s.Framework.String() == "laravel" {
		r.warn("laravel writes to /app/storage and /app/bootstrap/cache", "add them to writablePaths, or set LOG_CHANNEL=stderr and the drivers of cache and session")
	}
	r.leave("vendor", "**/node_modules", "tests", "**/phpunit.xml*")
	r.start("frankenphp", "php-server", "--listen", ":"+cmp.Or(r.port(), "8080"), "--root", path.Join("/app", path.Dir(entry)))
	return nil
}
