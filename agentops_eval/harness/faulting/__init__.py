"""Running an agent under faults: what is run, one run under a schedule, and many of them."""

from agentops_eval.harness._opening import Answers, Faulting
from agentops_eval.harness.faulting._budget import read_budget
from agentops_eval.harness.faulting._contract import load_contract
from agentops_eval.harness.faulting._exploring import Around, explore_agent
from agentops_eval.harness.faulting._load import SubjectOrder, load_subject, subject_of
from agentops_eval.harness.faulting._missed import explore_command, not_injected
from agentops_eval.harness.faulting._pool import Pool
from agentops_eval.harness.faulting._process import ProcessRunner
from agentops_eval.harness.faulting._ready import ExploreOrder, Ready
from agentops_eval.harness.faulting._regression import fault_text, regression, write_regression
from agentops_eval.harness.faulting._runner import Runner
from agentops_eval.harness.faulting._store import ExplorationFolder
from agentops_eval.harness.faulting._subject import Play, Subject
from agentops_eval.harness.faulting._watched import Watched
from agentops_eval.harness.faulting._within import Injected, recorded_run

__all__ = [
    "Answers",
    "Around",
    "ExplorationFolder",
    "ExploreOrder",
    "Faulting",
    "Injected",
    "Play",
    "Pool",
    "ProcessRunner",
    "Ready",
    "Runner",
    "Subject",
    "SubjectOrder",
    "Watched",
    "explore_agent",
    "explore_command",
    "fault_text",
    "load_contract",
    "load_subject",
    "not_injected",
    "read_budget",
    "recorded_run",
    "regression",
    "subject_of",
    "write_regression",
]
