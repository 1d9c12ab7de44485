# Settings, command line and data.
