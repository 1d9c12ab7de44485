#ifndef TGCALLD_TESTS_PROGRAM_SUITES_H
#define TGCALLD_TESTS_PROGRAM_SUITES_H

#include <check.h>

Suite *suite_relay(void);
Suite *suite_follow(void);
Suite *suite_signals(void);
Suite *suite_tokens_kept(void);

#endif
