// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// pythons are the releases that have an image.
var pythons = []release{{3, 14}, {3, 13}, {3, 12}, {3, 11}, {3, 10}}

// Tools that are installed to build, each at one release.
const (
	uvImage = "ghcr.io/astral-sh/uv:0.13"
	poetry  = "poetry==2.5.1"
	pipenv  = "pipenv==2026.10.3"
)

// venv is where everything is installed, at the same place in both stages: its
// scripts name it.
const venv = "/venv"

// python installs into a virtual environment and takes that along.
func python(r *recipe) error {
	v, known := pick(r.s.Version.String(), pythons...)
	if !known {
		return r.refuse("", "expected a release of Python that has an image (3.10 to 3.14), found %s", r.s.Version)
	}
	argv, err := r.pythonCommand()
	if err != nil {
		return err
	}
	tag := "python:" + v.String()
	run := tag + "-slim-trixie"
	if linked := r.traits("linked"); len(linked) > 0 {
		run = tag + "-trixie"
		r.warn(linked[0]+" needs libraries that only the large image has", "psycopg2-binary or psycopg[binary] bring their own")
	}
	r.from(run, "build")
	r.line("WORKDIR /build")
	if err := r.pythonInstall(); err != nil {
		return err
	}
	r.from(run, "")
	r.line("WORKDIR /app")
	r.line("COPY --from=build %s %s", venv, venv)
	r.copy("./", r.dir())
	r.env("PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1", "TMPDIR=/tmp")
	r.leave("**/__pycache__", "**/*.pyc", "**/.venv", "**/venv", "**/.pytest_cache", "**/.mypy_cache", "**/.ruff_cache", "**/.tox", "**/test_*.py", "**/*_test.py", "**/conftest.py")
	r.start(argv...)
	return nil
}

// pythonInstall fills the virtual environment.
func (r *recipe) pythonInstall() error {
	switch tool := r.s.Build.String(); {
	case tool == "uv" && r.has("uv.lock"):
		r.env("UV_PROJECT_ENVIRONMENT="+venv, "UV_LINK_MODE=copy", "UV_PYTHON_DOWNLOADS=never", "UV_COMPILE_BYTECODE=1")
		r.line("COPY --from=%s /uv /usr/local/bin/uv", uvImage)
		r.copy("./", r.among(".", "pyproject.toml", "uv.lock")...)
		r.run(cache("/root/.cache/uv"), "uv sync --locked --no-dev --no-install-project")
		if r.installsItself() {
			r.copy("./", ".")
			r.run(cache("/root/.cache/uv"), "uv sync --locked --no-dev --no-editable")
		}
	case tool == "poetry" && r.has("poetry.lock"):
		r.run(cache("/root/.cache/pip"), "pip install "+poetry, "python -m venv "+venv)
		r.env("VIRTUAL_ENV="+venv, "POETRY_NO_INTERACTION=1")
		r.copy("./", r.among(".", "pyproject.toml", "poetry.lock")...)
		r.run(cache("/root/.cache/pypoetry"), "poetry install --only main --no-root")
		if r.installsItself() {
			r.copy("./", ".")
			r.run(cache("/root/.cache/pip"), venv+"/bin/pip install --no-deps .")
		}
	case tool == "pipenv" && r.has("Pipfile.lock"):
		r.run(cache("/root/.cache/pip"), "pip install "+pipenv, "python -m venv "+venv)
		r.env("VIRTUAL_ENV="+venv, "PIPENV_NOSPIN=1")
		r.copy("./", r.among(".", "Pipfile", "Pipfile.lock")...)
		r.run(cache("/root/.cache/pip"), "pipenv sync")
	case r.has("requirements.txt"):
		r.run(nil, "python -m venv "+venv)
		r.copy("./", "requirements.txt")
		r.run(cache("/root/.cache/pip"), venv+"/bin/pip install -r requirements.txt")
	case r.has("setup.py") || r.is("build-system"):
		r.warn("no lock file: every build installs what is newest", "uv lock, and commit uv.lock")
		r.run(nil, "python -m venv "+venv)
		r.copy("./", ".")
		r.line(noLock)
		r.run(cache("/root/.cache/pip"), venv+"/bin/pip install .")
	default:
		return r.refuse("uv lock, and commit uv.lock", "expected a lock file or requirements.txt, found neither")
	}
	return nil
}

// installsItself reports whether what is started is a script that the installed
// project brings.
func (r *recipe) installsItself() bool { return r.is("script") && !r.is("no-package") }

// pythonCommand is what is started: what the tree states, a server for the
// application object, the project's script, or a file.
func (r *recipe) pythonCommand() ([]string, error) {
	entry, port := r.s.Entry.String(), cmp.Or(r.port(), "8000")
	if argv, ok := words(r.s.Start.String(), r.port()); ok {
		return inVenv(argv), nil
	}
	servers := r.traits("server")
	object, gateway := entry, "wsgi"
	if !strings.Contains(entry, ":") {
		object, gateway = r.application(entry)
	}
	switch {
	case object == "":
	case gateway == "asgi" && slices.Contains(servers, "uvicorn"), slices.Contains(servers, "uvicorn") && !slices.Contains(servers, "gunicorn"):
		return []string{venv + "/bin/uvicorn", object, "--host", "0.0.0.0", "--port", port}, nil
	case gateway == "wsgi" && slices.Contains(servers, "gunicorn"):
		return []string{venv + "/bin/gunicorn", "--bind", "0.0.0.0:" + port, "--worker-tmp-dir", "/dev/shm", object}, nil
	}
	file := path.Base(entry)
	switch {
	case entry == "":
		return nil, r.refuse(`a Procfile with "web: gunicorn app:app"`, "expected a file or an object that is started, found none")
	case slices.Contains(r.traits("script"), entry):
		return []string{venv + "/bin/" + entry}, nil
	case file == "manage.py" || strings.Contains(entry, ":") || r.startsNothing():
		return nil, r.refuse("add gunicorn (or uvicorn) to the dependencies", "expected a server for %s, found none among the dependencies", cmp.Or(object, entry))
	case file == "locustfile.py":
		return []string{venv + "/bin/locust", "--headless", "-f", entry}, nil
	}
	if r.s.Framework.String() == "flask" {
		r.warn("it is started with Flask's own server, which is for development", "add gunicorn to the dependencies")
	}
	return []string{venv + "/bin/python", entry}, nil
}

// startsNothing reports whether the file of the entry only has an object.
func (r *recipe) startsNothing() bool {
	return len(r.s.Entry.Evidence) > 0 && r.s.Entry.Evidence[0].Source == "application object"
}

// application is the object of the entry's module, or the only one, and how it is called.
func (r *recipe) application(entry string) (object, gateway string) {
	module := strings.ReplaceAll(strings.TrimSuffix(entry, ".py"), "/", ".")
	for _, gateway := range []string{"asgi", "wsgi"} {
		all := r.traits(gateway)
		for _, object := range all {
			if name, _, _ := strings.Cut(object, ":"); name == module {
				return object, gateway
			}
		}
	}
	// Django has one of each; the older one is what gunicorn runs.
	for _, gateway := range []string{"wsgi", "asgi"} {
		if all := r.traits(gateway); len(all) == 1 && path.Base(entry) == "manage.py" {
			return all[0], gateway
		}
	}
	return "", ""
}

// inVenv finds the tools of a virtual environment, whatever the PATH.
func inVenv(argv []string) []string {
	switch name := path.Base(argv[0]); {
	case name == "python3":
		return append([]string{venv + "/bin/python"}, argv[1:]...)
	case name == argv[0] && !strings.HasSuffix(name, ".sh"):
		return append([]string{venv + "/bin/" + name}, argv[1:]...)
	}
	return argv
}

// words splits a command line that needs no shell. The variable of the port is
// the port; ok is false where a shell would do more than split.
func words(line, port string) (argv []string, ok bool) {
	for _, name := range []string{"${PORT}", "$PORT"} {
		if port != "" {
			line = strings.ReplaceAll(line, name, port)
		}
	}
	argv = strings.Fields(line)
	if len(argv) == 0 || strings.ContainsAny(line, "\"'`$|&;<>()\\*?[]{}~#\n") || strings.Contains(argv[0], "=") {
		return nil, false
	}
	return argv, true
}
