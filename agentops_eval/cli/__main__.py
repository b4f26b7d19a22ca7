"""``python -m agentops_eval.cli``."""

from agentops_eval.cli._main import main

if __name__ == "__main__":
    main()
