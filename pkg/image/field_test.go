// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package image_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kubectl-micro/kubectl-micro/pkg/detect"
	"github.com/kubectl-micro/kubectl-micro/pkg/image"
)

// TestSeenInTheField are shapes of trees that people have, each with a line that its
// Dockerfile or its warnings must have and one that they must not.
func TestSeenInTheField(t *testing.T) {
	lock := `{"lockfileVersion": 3}`
	for _, c := range []struct {
		name      string
		tree      fstest.MapFS
		want, not string
	}{
		{"npm makes no folder for nothing", tree("package.json", `{"main": "server.js", "devDependencies": {"ms": "2"}}`, "package-lock.json", lock, "server.js", "x.listen(1)\n"),
			"    npm ci --omit=dev \\\n && mkdir -p node_modules\n", "WORKDIR /src"},
		{"and makes it for something", tree("package.json", `{"main": "server.js", "dependencies": {"ms": "2"}}`, "package-lock.json", lock, "server.js", "x.listen(1)\n"),
			"    npm ci --omit=dev\n", "mkdir"},
		{"options of Node.js", tree("package.json", `{"scripts": {"start": "node --require ./trace.js index.js"}}`, "package-lock.json", lock, "index.js", "x.listen(1)\n", "trace.js", "\n"),
			`CMD ["--require", "./trace.js", "index.js"]`, `CMD ["index.js"]`},
		{"a start script of two commands", tree("package.json", `{"scripts": {"start": "npm run migrate && node index.js"}}`, "package-lock.json", lock, "index.js", "x.listen(1)\n"),
			"the start script does more than to start it", "npm run migrate"},
		{"FastAPI brings its server", tree("requirements.txt", "fastapi[standard]>=0.115\n", "main.py", "app = FastAPI()\n"),
			`ENTRYPOINT ["/venv/bin/uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]`, "gunicorn"},
	} {
		d := detect.Scan(c.tree, detect.Options{})
		if len(d.Services) != 1 {
			t.Errorf("%s: %d services", c.name, len(d.Services))
			continue
		}
		files, err := image.Generate(d.Services[0])
		got := string(files.Dockerfile.Data) + string(warnings(files))
		if err != nil || !strings.Contains(got, c.want) || strings.Contains(got, c.not) {
			t.Errorf("%s: want %q and not %q: %v\n%s", c.name, c.want, c.not, err, got)
		}
	}
}
