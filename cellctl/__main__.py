"""`python -m cellctl`."""

from cellctl.cli import main

if __name__ == "__main__":
    main()
