#!/usr/bin/env python3
"""A second verifier of the audit log, written from the standards' text and not from our code:
RFC 6962 section 2.1, c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-tiles.

    verify_log.py FOLDER ORIGIN PUBLIC_KEY.pem

Needs Python's standard library, and the openssl program for Ed25519. Prints the size and root and ends
with 0 when the log verifies, with 1 and the file's name when it does not.
"""

import base64
import hashlib
import os
import subprocess
import sys
import tempfile


class Bad(Exception):
    pass


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf(entry):
    return sha256(b"\x00" + entry)


def root_of(hashes):
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\x01" + root_of(hashes[:split]) + root_of(hashes[split:]))


def read(folder, name):
    try:
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()
    except OSError:
        raise Bad(f"{name}: missing")


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True)


def raw_public_key(pem):
    der = openssl("pkey", "-pubin", "-in", pem, "-outform", "DER").stdout
    if len(der) != 44:  # SubjectPublicKeyInfo of Ed25519: 12 bytes, then the key
        raise Bad("the key is no Ed25519 public key")
    return der[12:]


def verifies(pem, text, signature):
    with tempfile.TemporaryDirectory() as scratch:
        for name, data in (("text", text), ("signature", signature)):
            with open(os.path.join(scratch, name), "wb") as file:
                file.write(data)
        return openssl("pkeyutl", "-verify", "-pubin", "-inkey", pem, "-rawin",
                       "-in", os.path.join(scratch, "text"),
                       "-sigfile", os.path.join(scratch, "signature")).returncode == 0


def open_checkpoint(note, origin, pem):
    text, separator, signatures = note.rpartition(b"\n\n")
    if not separator or not signatures.endswith(b"\n"):
        raise Bad("checkpoint: no signed note")
    text += b"\n"
    lines = text.decode("utf-8").split("\n")
    if len(lines) < 4 or lines[0] != origin or str(int(lines[1])) != lines[1] or int(lines[1]) < 0:
        raise Bad("checkpoint: wrong origin or size")
    key = raw_public_key(pem)
    key_id = sha256(origin.encode() + b"\n\x01" + key)[:4]
    known = 0
    for line in signatures.decode("utf-8")[:-1].split("\n"):
        dash, name, data = line.split(" ")
        signature = base64.b64decode(data, validate=True)
        if dash != "\u2014":
            raise Bad("checkpoint: a line that is no signature")
        if name != origin or signature[:4] != key_id:
            continue
        if not verifies(pem, text, signature[4:]):
            raise Bad("checkpoint: the signature does not verify")
        known += 1
    if known == 0:
        raise Bad("checkpoint: not signed by this key")
    root = base64.b64decode(lines[2], validate=True)
    if len(root) != 32:
        raise Bad("checkpoint: the root is no SHA-256")
    return int(lines[1]), root


def tile_name(level, number, width):
    groups = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03}")
    partial = "" if width == 256 else f".p/{width}"
    return f"tile/{level}/" + "/".join(groups) + partial


def tiles_of(count):
    """(number, width) of each tile that holds `count` things."""
    return [(n, min(256, count - n * 256)) for n in range((count + 255) // 256)]


def read_entries(folder, size):
    entries = []
    for number, width in tiles_of(size):
        name = tile_name("entries", number, width)
        data = read(folder, name)
        at = 0
        for _ in range(width):
            length = int.from_bytes(data[at:at + 2], "big")
            if at + 2 + length > len(data):
                raise Bad(f"{name}: cut short")
            entries.append(data[at + 2:at + 2 + length])
            at += 2 + length
        if at != len(data):
            raise Bad(f"{name}: goes on after its entries")
    return entries


def verify(folder, origin, pem):
    size, root = open_checkpoint(read(folder, "checkpoint"), origin, pem)
    leaves = [leaf(entry) for entry in read_entries(folder, size)]
    hashes, level = leaves, 0
    while hashes:
        for number, width in tiles_of(len(hashes)):
            name = tile_name(level, number, width)
            if read(folder, name) != b"".join(hashes[number * 256:number * 256 + width]):
                raise Bad(f"{name}: not the hashes of the entries")
        full = len(hashes) // 256
        hashes = [root_of(hashes[n * 256:n * 256 + 256]) for n in range(full)]
        level += 1
    if root_of(leaves) != root:
        raise Bad("checkpoint: not the root of the entries")
    return size, root


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        size, root = verify(*sys.argv[1:])
    except (Bad, ValueError) as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)
    print(size, root.hex())


main()
