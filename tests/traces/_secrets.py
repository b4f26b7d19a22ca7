"""Keys of every known shape that nobody has."""

from __future__ import annotations

LETTERS = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY" * 6


def made(prefix: str, length: int, *, alphabet: str = LETTERS) -> str:
    """A key of the right shape that nobody has; joined here, so that no scanner takes it for one."""
    return prefix + alphabet[:length]


SHAPES = {
    "openai": (made("sk-", 48), "api-key"),
    "openai project": (made("sk-" + "proj-", 60), "api-key"),
    "anthropic": (made("sk-" + "ant-api03-", 90), "api-key"),
    "google": (made("AI" + "za", 35), "api-key"),
    "groq": (made("gsk" + "_", 48), "api-key"),
    "hugging face": (made("hf" + "_", 34), "api-key"),
    "stripe": (made("sk" + "_live_", 24), "api-key"),
    "github": (made("gh" + "p_", 36), "github-token"),
    "github fine": (made("github" + "_pat_", 60), "github-token"),
    "slack": (made("xox" + "b-1234567890-", 24), "slack-token"),
    "aws": (made("AK" + "IA", 16, alphabet="Q7Z5T3X6W2V4U9YB"), "aws-key"),
    "aws session": (made("AS" + "IA", 16, alphabet="Q7Z5T3X6W2V4U9YB"), "aws-key"),
    "jwt": (f"eyJ{LETTERS[:30]}.eyJ{LETTERS[:40]}.{LETTERS[:43]}", "jwt"),
    "telegram": ("123456789:" + made("AA", 33), "api-key"),
    "gitlab": (made("glpat" + "-", 20), "api-key"),
}
