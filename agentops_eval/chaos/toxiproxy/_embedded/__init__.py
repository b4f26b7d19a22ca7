"""A TCP proxy with Toxiproxy's HTTP API and toxics, for machines without the Go program."""

from agentops_eval.chaos.toxiproxy._embedded._server import EmbeddedServer

__all__ = ["EmbeddedServer"]
