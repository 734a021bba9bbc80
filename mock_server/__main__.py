"""Lets `python -m mock_server` be the command `distinct-mock`."""

from mock_server.cli import main

main(prog_name="distinct-mock")
