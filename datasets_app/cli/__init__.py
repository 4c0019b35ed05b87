"""The command-line client: one file that is served as it is and runs without this program."""
