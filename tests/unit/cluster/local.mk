# Unit tests of cluster.
check_PROGRAMS += tests/unit/cluster/test_cluster
TESTS += tests/unit/cluster/test_cluster
tests_unit_cluster_test_cluster_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_cluster_test_cluster_SOURCES = \
  %D%/database.c %D%/database.h \
  %D%/main.c \
  %D%/model.c %D%/model.h \
  %D%/model_check.c \
  %D%/model_line.c \
  $(STARVE_FILES) \
  %D%/suites.h \
  %D%/test_lease.c \
  %D%/test_model.c \
  %D%/test_node.c \
  %D%/test_share.c \
  %D%/test_starved.c \
  %D%/test_watch.c
tests_unit_cluster_test_cluster_LDFLAGS = $(AM_LDFLAGS) $(STARVE_LINK)
tests_unit_cluster_test_cluster_LDADD = $(UNIT_LIBS) $(CLUSTER_LIBS) $(BASE_LIBS) $(UNIT_FOREIGN_LIBS)
