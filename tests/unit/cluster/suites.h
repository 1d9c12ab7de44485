#ifndef TGCALLD_TESTS_CLUSTER_SUITES_H
#define TGCALLD_TESTS_CLUSTER_SUITES_H

#include <check.h>

Suite *suite_lease(void);
Suite *suite_model(void);
Suite *suite_node(void);
Suite *suite_share(void);
Suite *suite_starved(void);
Suite *suite_watch(void);

#endif
