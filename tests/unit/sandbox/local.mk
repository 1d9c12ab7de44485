# Unit tests of the sandbox, and a program that runs one alone.
check_PROGRAMS += tests/support/sandbox_host
tests_support_sandbox_host_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(SODIUM_CFLAGS) $(UV_CFLAGS)
tests_support_sandbox_host_SOURCES = tests/support/sandbox_host.c
tests_support_sandbox_host_LDADD = $(SANDBOX_LIBS) $(WIRE_LIBS) $(MT_LIBS) $(BASE_LIBS) $(UV_LIBS) $(MHD_LIBS) $(JANSSON_LIBS) -lm
