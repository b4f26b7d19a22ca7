"""Agents that explorations are tried on."""

from __future__ import annotations

AGENT = '''
"""Agents to explore."""
import os
import signal
import time
from agentops_eval import tool

@tool(effect="external")
def send(to):
    return "sent"

@tool
def look(order):
    return {"order": order, "state": "open"}

def careless():
    print("agents may print")
    look("a")
    for _ in range(3):
        try:
            send("ann@example.org")
            break
        except OSError:
            time.sleep(1)
    else:
        return "Sorry, not sent."
    look("b")
    return "It was sent."

def careful():
    try:
        look("a")
    except Exception:
        return "Sorry, try later."
    return "Looked."

def busy():
    try:
        look("a")
    except OSError:
        while True:
            pass
    return "Looked."

def leaves():
    try:
        look("a")
    except OSError:
        os.kill(os.getpid(), signal.SIGKILL)
    return "Looked."

def broken():
    raise ValueError("no")

@tool
def archive(order):
    return {"order": order, "state": "archived"}

def falls_back():
    for ask in (look, archive):
        try:
            return f"It is {ask('a')['state']}."
        except OSError:
            continue
    return "Sorry."
'''
KINDS = ("tool_error", "tool_timeout", "tool_reply_lost", "tool_empty", "latency")
