"""Run the commands as `python -m hubbub`."""

from hubbub.cli.commands import main

if __name__ == "__main__":
    main()
