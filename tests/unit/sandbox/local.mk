# Unit tests of sandbox.
