# Which node of several drives which account: leases, spread, the machine of one node. No I/O.
noinst_LIBRARIES += daemon/cluster/libcluster.a
daemon_cluster_libcluster_a_SOURCES = \
  %D%/lease.c %D%/lease.h \
  %D%/node.c %D%/node.h %D%/node_internal.h \
  %D%/node_answer.c \
  %D%/node_look.c \
  %D%/node_send.c \
  %D%/share.c %D%/share.h \
  %D%/statement.h \
  %D%/timing.h \
  %D%/watch.c %D%/watch.h
CLUSTER_LIBS = daemon/cluster/libcluster.a
