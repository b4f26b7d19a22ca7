"""Findings in the formats that other programs read, whoever made them: SARIF and JUnit XML."""

from agentops_eval.reports._junit import junit_xml
from agentops_eval.reports._sarif import sarif

__all__ = ["junit_xml", "sarif"]
