#ifndef TGCALLD_TESTS_CALENDAR_SUITES_H
#define TGCALLD_TESTS_CALENDAR_SUITES_H

#include <check.h>

Suite *suite_follow(void);
Suite *suite_rule(void);
Suite *suite_starved(void);
Suite *suite_title(void);
Suite *suite_zone(void);

#endif
