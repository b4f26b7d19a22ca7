"""botocore below faults: its own retries and its own exceptions, with a real client for object storage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from agentops_eval import faults
from agentops_eval.domain import Fault
from tests.chaos.kinds._kit import asks, run, told

SESSION = botocore.session.Session()


def bucket(attempts: int) -> Callable[[], str]:
    """Asks where nobody listens: faults answer."""

    def agent() -> str:
        config: Any = Config(
            retries={"total_max_attempts": attempts, "mode": "standard"},
            signature_version=botocore.UNSIGNED,
            s3={"addressing_style": "path"},
            read_timeout=40,
            connect_timeout=10,
        )
        made: Any = SESSION.create_client(
            "s3", endpoint_url="http://127.0.0.1:9", region_name="eu-central-1", config=config
        )
        try:
            return str(made.get_object(Bucket="orders", Key="1042"))
        except (ClientError, BotoCoreError) as error:
            return told(error)
        finally:
            made.close()

    return agent


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (faults.server_error(status=503), "botocore.ClientError"),
        (faults.stall(), "botocore.ReadTimeoutError"),
        (faults.timeout(), "botocore.ConnectTimeoutError"),
        (faults.refused(), "botocore.EndpointConnectionError"),
        (faults.reset(), "botocore.ConnectionClosedError"),
    ],
    ids=str,
)
def test_botocore_retries_and_raises_by_itself(fault: Fault, raised: str) -> None:
    """It asks as often as its configuration says, and raises what it raises of a real network."""
    found = run(bucket(3), fault)
    assert (found.output, asks(found)) == (raised, 3)
    if fault.kind in ("stall", "timeout"):
        limit_s = 40 if fault.kind == "stall" else 10
        assert found.elapsed_s >= 3 * limit_s
