"""Agents for the proxy: a Python one on real clients, one for node, and one that waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentops_eval.testing import LlmServer

KEY = "sk-proj-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA"

AGENT = f'''
"""Asks two llms, whole and streamed, through their own clients."""
import json
import os
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor


def _asked(question):
    return [{{"role": "user", "content": question}}]


def ask(question: str) -> str:
    import anthropic
    import openai
    asked, said = _asked(question), []
    with openai.OpenAI(api_key="{KEY}") as client:
        said.append(client.chat.completions.create(model="large", messages=asked).choices[0].message.content)
        stream = client.chat.completions.create(model="large", messages=asked, stream=True)
        said += [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
    with anthropic.Anthropic(api_key="{KEY}") as client:
        said.append(client.messages.create(model="large", max_tokens=9, messages=asked).content[0].text)
        with client.messages.stream(model="large", max_tokens=9, messages=asked) as stream:
            said += stream.text_stream
    return "|".join(said)


def fan_out(question: str) -> str:
    import openai
    with openai.OpenAI(api_key="unused", max_retries=0) as client, ThreadPoolExecutor(6) as pool:
        def one(number):
            asked = _asked(f"{{question}} {{number}}")
            return client.chat.completions.create(model="large", messages=asked).choices[0].message.content
        return "|".join(pool.map(one, range(12)))


def broken(question: str) -> str:
    import openai
    said = []
    with openai.OpenAI(api_key="unused", max_retries=0) as client:
        try:
            stream = client.chat.completions.create(model="large", messages=_asked(question), stream=True)
            for chunk in stream:
                said.append(chunk.choices[0].delta.content or "")
        except Exception as error:
            said.append(type(error).__name__)
    return "|".join(said)


def patient(question: str) -> str:
    import openai
    with openai.OpenAI(api_key="unused", max_retries=5) as client:
        try:
            client.chat.completions.create(model="large", messages=_asked(question))
        except openai.APIStatusError as error:
            return f"{{error.status_code}}"
    return "fine"


def plain(question: str) -> str:
    body = json.dumps({{"model": "large", "messages": _asked(question)}}).encode()
    address = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    with urllib.request.urlopen(urllib.request.Request(address, data=body, method="POST")) as answer:
        answer.read()
    return "fine"


def fails(question: str) -> None:
    plain(question)
    sys.exit(3)


if __name__ == "__main__":
    print(globals()[sys.argv[1]](sys.argv[2]))
'''

NODE = """
const asked = {model: "large", stream: true, messages: [{role: "user", content: process.argv[2]}]};
const answer = await fetch(process.env.OPENAI_BASE_URL + "/chat/completions", {
  method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify(asked)});
let text = "";
for await (const piece of answer.body) text += Buffer.from(piece).toString();
const said = text.split("\\n\\n").filter(x => x.startsWith("data: {")).map(x => JSON.parse(x.slice(6)));
console.log(answer.status + " " + said.map(x => x.choices[0]?.delta?.content ?? "").join("|"));
"""

SLOW = """
import os, sys, time, urllib.request
request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", method="POST",
    data=b'{"model": "large", "messages": [{"role": "user", "content": "wait"}]}')
urllib.request.urlopen(request).read()
print(os.getpid(), flush=True)
time.sleep(60)
"""


def behind(llm: LlmServer) -> tuple[str, ...]:
    """The options that put the llm behind the proxy, under the names of both its dialects."""
    return ("--proxy", "--upstream", f"openai={llm.url}/v1", "--upstream", f"anthropic={llm.url}")
