"""`python -m cellctl.hmi view.json picture.svg` draws a stored view."""

import sys

from cellctl.hmi.picture import main

main(sys.argv[1:])
