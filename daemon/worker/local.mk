noinst_LIBRARIES += daemon/worker/libworker.a
daemon_worker_libworker_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(UV_CFLAGS)
daemon_worker_libworker_a_SOURCES = \
  %D%/accounts.c %D%/accounts.h \
  %D%/call_target.c %D%/call_target.h \
  %D%/dispatch.c %D%/dispatch.h \
  %D%/host.c \
  %D%/op.c %D%/op.h \
  %D%/op_account.c \
  %D%/op_call_create.c \
  %D%/op_call_edit.c \
  %D%/op_call_get.c \
  %D%/op_call_list.c \
  %D%/op_call_step.c \
  %D%/op_login.c \
  %D%/op_method_invoke.c \
  %D%/op_peer_get.c \
  %D%/op_problem.c %D%/op_problem.h \
  %D%/op_problem_layer.c \
  %D%/op_ready.c \
  %D%/op_rows.c \
  %D%/worker.c %D%/worker.h %D%/worker_internal.h
WORKER_LIBS = daemon/worker/libworker.a
