# Unit tests of tl.
