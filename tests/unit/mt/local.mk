# Unit tests of mt.
