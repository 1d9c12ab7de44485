#ifndef TGCALLD_TESTS_WORKER_LIVE_SUITES_H
#define TGCALLD_TESTS_WORKER_LIVE_SUITES_H

#include <check.h>

Suite *suite_live(void);

#endif
