"""``evidence export``: the items that count as JSON lines, and a manifest of the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._evidence_options import Wanted, choosing, item_json
from agentops_eval.cli._output import json_option, many, plain, print_json, say, say_lines

if TYPE_CHECKING:
    from agentops_eval.harness.evidencing import KeptEvidence, Reading

_FILE = click.Path(path_type=Path)


@click.command(short_help="Write evidence, or a manifest of it, to a file.")
@choosing
@click.option("--out", type=_FILE, metavar="FILE", help="Write the items that count, as JSON lines.")
@click.option(
    "--manifest", type=_FILE, metavar="FILE", help="Write how many items each shard has, and its digest."
)
@json_option
def export(out: Path | None, manifest: Path | None, as_json: bool, **conditions: Any) -> int:
    """Print the items that count as JSON lines, or write them to a file; write a manifest to keep elsewhere.

    What is removed from the store after a manifest was written, evidence verify --against MANIFEST finds.
    Exit code 1 where no item counts.
    """
    from agentops_eval.harness.evidencing import Reading, manifest_of, write_manifest

    if as_json and out is None and manifest is None:
        raise Misused(
            "there is nothing to write", remedy="name a file with --out or --manifest, or leave --json away"
        )
    reading, wanted = Reading(Path.cwd()), Wanted(**conditions)
    found = (kept for kept in reading if kept.counts and wanted.fits(kept))
    exported = _export(found, out, quiet=manifest is not None)
    digest = ""
    if manifest is not None:
        made = manifest_of(reading.shards, at=reading.now)
        write_manifest(manifest, made)
        digest = made.digest
    if as_json:
        paths = {"out": out, "manifest": manifest}
        told = {name: None if path is None else str(path) for name, path in paths.items()}
        print_json({"exported": exported, **told, "digest": digest, "shards": len(reading.shards)})
    else:
        _tell(exported, out, manifest, reading)
    return 0 if exported else 1


def _export(found: Iterator[KeptEvidence], out: Path | None, *, quiet: bool) -> int:
    count = 0
    with _opened(out) as file:
        for kept in found:
            count += 1
            text = json.dumps(item_json(kept), ensure_ascii=True)
            if file is not None:
                file.write(f"{text}\n".encode())
            elif not quiet:
                say_lines([text])
    return count


@contextmanager
def _opened(out: Path | None) -> Iterator[IO[bytes] | None]:
    if out is None:
        yield None
        return
    from agentops_eval.traces import replacing

    out.parent.mkdir(parents=True, exist_ok=True)
    with replacing(out) as file:
        yield file


def _tell(exported: int, out: Path | None, manifest: Path | None, reading: Reading) -> None:
    if out is not None:
        say(f"{many(exported, 'item')} written to {plain(out)}")
    if manifest is not None:
        say(f"manifest of {many(len(reading.shards), 'shard')} written to {plain(manifest)}")
        say(f"agentops-eval evidence verify --against {plain(manifest)}", style="dim")
