"""Running an agent under faults: what is run, one run under a schedule, and many of them."""

from agentops_eval.harness._opening import Answers, Faulting
from agentops_eval.harness.faulting._contract import load_contract
from agentops_eval.harness.faulting._load import SubjectOrder, load_subject, subject_of
from agentops_eval.harness.faulting._runner import Runner
from agentops_eval.harness.faulting._subject import Play, Subject
from agentops_eval.harness.faulting._within import Injected, not_injected, recorded_run

__all__ = [
    "Answers",
    "Faulting",
    "Injected",
    "Play",
    "Runner",
    "Subject",
    "SubjectOrder",
    "load_contract",
    "load_subject",
    "not_injected",
    "recorded_run",
    "subject_of",
]
