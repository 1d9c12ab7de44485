# The HTTP front end.
