"""What all pages of HTML have in common: templates, one design, and what a browser may do with them."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from agentops_eval.domain import counted
from agentops_eval.reports._text import one_line

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_PARTS = re.compile(r"(?<=[_.:/-])(?=\w)")


def page_of(
    template: str,
    *,
    styles: Sequence[str],
    scripts: Sequence[str],
    connects: bool = False,
    back: str = "",
    **values: object,
) -> str:
    """A page that needs nothing else, of a template and files in ``page/``; it can be written as UTF-8.

    Values are escaped. The page's policy lets it load nothing, and run these scripts alone; with ``connects``
    they may ask the server that the page came from. ``back`` is the address of the index that it leads back
    to, where the page is part of a report; it may be nobody's text.
    """
    style, script = ("".join(map(_file, names)) for names in (styles, scripts))
    page: str = (
        _environment()
        .get_template(template)
        .render(
            style=style, script=script, policy=_policy(style, script, connects=connects), back=back, **values
        )
    )
    return page.encode("utf-8", "replace").decode()


def _file(name: str) -> str:
    return files(__package__).joinpath("page").joinpath(name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_file),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["line"] = lambda text: one_line(str(text), 400)
    environment.filters["counted"] = counted
    environment.filters["breakable"] = _breakable
    return environment


def _breakable(name: str) -> Markup:
    """A name that may go on in the next line after its signs, so that no word of it is broken."""
    from markupsafe import Markup

    return Markup("<wbr>").join(_PARTS.split(name))


def _policy(style: str, script: str, *, connects: bool) -> str:
    """What a browser may do with the page: use its own style and script, known by their hashes."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'" + ("; connect-src 'self'" if connects else "")
    )
