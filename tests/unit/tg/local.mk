# Unit tests of tg.
