"""Bodies under every coding, made with the libraries that servers use."""

from __future__ import annotations

import gzip
import zlib

import brotli
import zstandard


def _bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def _zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


# By the name of a way to pack: the header that a server sends with it, and how to do it.
WAYS = {
    "gzip": ("gzip", lambda data: gzip.compress(data, mtime=0)),
    "x-gzip": ("X-GZIP", lambda data: gzip.compress(data, mtime=0)),
    "members": ("gzip", lambda data: gzip.compress(data[:9], mtime=0) + gzip.compress(data[9:], mtime=0)),
    "deflate": ("deflate", zlib.compress),
    "bare deflate": ("deflate", _bare),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", _zstd),
    "in a row": ("deflate, br , zstd", lambda data: _zstd(brotli.compress(zlib.compress(data)))),
}


def packed(data: bytes, way: str) -> bytes:
    """The body as a server sends it."""
    return bytes(WAYS[way][1](data))


def encoding_of(way: str) -> str:
    """The header that goes with it."""
    return WAYS[way][0]
