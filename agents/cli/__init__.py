"""The commands of `redian`, one module each; `register` adds a command to the program."""
