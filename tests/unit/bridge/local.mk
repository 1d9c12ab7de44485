# Unit tests of bridge.
