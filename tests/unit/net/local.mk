# Unit tests of net.
