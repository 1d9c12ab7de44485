#ifndef TGCALLD_TESTS_WORKER_SCHEDULE_SUITES_H
#define TGCALLD_TESTS_WORKER_SCHEDULE_SUITES_H

#include <check.h>

Suite *suite_schedule_rule(void);
Suite *suite_schedule_skip(void);
Suite *suite_schedule_years(void);

#endif
