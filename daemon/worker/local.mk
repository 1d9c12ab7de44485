noinst_LIBRARIES += daemon/worker/libworker.a
daemon_worker_libworker_a_CPPFLAGS = $(AM_CPPFLAGS)
daemon_worker_libworker_a_SOURCES =
