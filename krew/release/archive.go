// SPDX-FileCopyrightText: The kubectl micro authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// archive is one that was made, as the manifest names it.
type archive struct {
	OS, Arch, URI, SHA256, Binary string
}

// member is a file to put into an archive.
type member struct {
	name, path string
	mode       os.FileMode
}

// packing is the time of every file in an archive: the first that a zip file can
// hold. The time of the commit would give other checksums to a commit that changes
// nothing but the manifest they are written in.
var packing = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// archive builds the program for a platform, packs it with the licence, which
// Krew asks for, and writes the list of its parts beside it.
func (r *release) archive(ctx context.Context, compiler string, p platform) (archive, error) {
	program, err := r.build(ctx, compiler, p)
	if err != nil {
		return archive{}, err
	}
	defer os.RemoveAll(filepath.Dir(program))
	members := []member{{"LICENSE", "LICENSE", 0o644}, {p.binary(), program, 0o755}}
	pack := tarball
	if p.ending() == ".zip" {
		pack = zipped
	}
	file := filepath.Join(r.output, r.name(p)+p.ending())
	if err := create(file, func(w io.Writer) error { return pack(w, members, packing) }); err != nil {
		return archive{}, err
	}
	sum, err := checksum(file)
	if err != nil {
		return archive{}, err
	}
	if err := r.bill(program, r.name(p)); err != nil {
		return archive{}, err
	}
	return r.entry(p, sum), nil
}

// name is that of a platform's files, without an ending.
func (r *release) name(p platform) string {
	return fmt.Sprintf("kubectl-micro_%s_%s_%s", r.version, p.os, p.arch)
}

// entry is what the manifest says of a platform.
func (r *release) entry(p platform, sum string) archive {
	uri := strings.Join([]string{r.url, r.version, r.name(p) + p.ending()}, "/")
	return archive{p.os, p.arch, uri, sum, p.binary()}
}

// create writes a file; what could not be written whole is an error.
func create(file string, write func(io.Writer) error) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	err = write(out)
	if closing := out.Close(); err == nil {
		err = closing
	}
	return err
}

// tarball writes a compressed tar file.
func tarball(w io.Writer, members []member, at time.Time) error {
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	for _, m := range members {
		data, err := os.ReadFile(m.path)
		if err != nil {
			return err
		}
		head := &tar.Header{Name: m.name, Mode: int64(m.mode), Size: int64(len(data)), ModTime: at, Format: tar.FormatUSTAR}
		if err := t.WriteHeader(head); err != nil {
			return err
		}
		if _, err := t.Write(data); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	return z.Close()
}

// zipped writes a zip file.
func zipped(w io.Writer, members []member, at time.Time) error {
	z := zip.NewWriter(w)
	for _, m := range members {
		data, err := os.ReadFile(m.path)
		if err != nil {
			return err
		}
		head := &zip.FileHeader{Name: m.name, Method: zip.Deflate, Modified: at}
		head.SetMode(m.mode)
		out, err := z.CreateHeader(head)
		if err != nil {
			return err
		}
		if _, err := out.Write(data); err != nil {
			return err
		}
	}
	return z.Close()
}

// checksum is the SHA-256 of a file in hexadecimal digits.
func checksum(file string) (string, error) {
	in, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer in.Close()
	h := sha256.New()
	if _, err := io.Copy(h, in); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
