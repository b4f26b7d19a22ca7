"""Who asks for the time or a random number: the agent, a library on its behalf, or machinery."""

from __future__ import annotations

import sys
from enum import Enum
from types import FrameType


class Role(Enum):
    """How a reading made by a module's code is treated inside a run."""

    AGENT = "agent"  # crosses the seam: recorded, and replayed from the recording
    PASSIVE = "passive"  # never recorded: sees the run's clock and the run's spare generator
    MACHINERY = "machinery"  # never recorded: event loops, threads and test runners see real ones
    THROUGH = "through"  # does what its caller asked: the caller decides


_MACHINERY = (
    "asyncio concurrent multiprocessing queue sched selectors signal socket subprocess threading "
    "_threading_local timeit trace cProfile profile unittest "
    "_pytest pytest pluggy xdist execnet pytest_asyncio pytest_timeout pytest_benchmark pytest_randomly "
    "hypothesis coverage debugpy pydevd _pydevd_bundle trio outcome uvloop gevent eventlet"
)
_PASSIVE = (
    "agentops_eval pytest_agentops anyio sniffio vcr wrapt deepdiff jinja2 yaml "
    "openai anthropic google.genai google.api_core google.auth mistralai cohere groq ollama litellm mcp "
    "httpx httpx2 httpcore httpcore2 h11 h2 hpack urllib3 requests requests_toolbelt aiohttp "
    "aiohappyeyeballs yarl multidict botocore boto3 s3transfer aiobotocore grpc websockets wsproto certifi "
    "truststore tenacity stamina backoff retrying pybreaker aiobreaker purgatory circuitbreaker limits "
    "aiolimiter opentelemetry sentry_sdk structlog loguru logfire langsmith langfuse ddtrace posthog "
    "prometheus_client rich tqdm click typer werkzeug starlette uvicorn flask fastapi sqlalchemy"
)
_THROUGH = (
    "random secrets uuid email.utils os functools contextlib dataclasses enum types typing copy collections "
    "_collections_abc string statistics pydantic pydantic_core attr attrs"
)
# An idempotency token of botocore goes into the request's body; a carried call stands for the agent.
_AGENT = "__main__ agentops_eval.demo botocore.handlers agentops_eval.seams._carry"

_ROLES: dict[str, Role] = {
    name: role
    for role, names in (
        (Role.MACHINERY, _MACHINERY),
        (Role.PASSIVE, _PASSIVE),
        (Role.THROUGH, _THROUGH),
        (Role.AGENT, _AGENT),
    )
    for name in names.split()
}
_cache: dict[str, Role] = {}


def role_of(module: str) -> Role:
    """The role of a module by its longest known prefix; what nobody knows is the agent's own."""
    role = _cache.get(module)
    if role is None:
        role = _cache[module] = _classify(module)
    return role


def _classify(module: str) -> Role:
    name = module
    while name:
        role = _ROLES.get(name)
        if role is not None:
            return role
        name = name.rpartition(".")[0]
    top = module.partition(".")[0]
    return Role.PASSIVE if top in sys.stdlib_module_names else Role.AGENT


def caller_of(frame: FrameType | None) -> tuple[Role, FrameType | None]:
    """The first frame from ``frame`` outwards that decides for itself, and its role."""
    while frame is not None:
        role = role_of(frame.f_globals.get("__name__", ""))
        if role is not Role.THROUGH:
            return role, frame
        frame = frame.f_back
    return Role.AGENT, None


def site_of(frame: FrameType | None) -> str:
    """A frame's place as ``module:function:line``."""
    if frame is None:
        return ""
    return f"{frame.f_globals.get('__name__', '')}:{frame.f_code.co_name}:{frame.f_lineno}"


def call_site() -> str:
    """The agent's line behind the current call; empty where only libraries are on the stack."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if role_of(frame.f_globals.get("__name__", "")) is Role.AGENT:
            return site_of(frame)
        frame = frame.f_back
    return ""


def may_sweep(module: str) -> bool:
    """Whether cached references in this module may be replaced: not in stdlib, test runners or here."""
    top = module.partition(".")[0]
    if top in {"agentops_eval", "pytest_agentops"}:
        return module.startswith("agentops_eval.demo")
    if top in sys.stdlib_module_names or ".types." in module:  # half of all modules: the SDKs' data types
        return False
    return role_of(module) is not Role.MACHINERY
