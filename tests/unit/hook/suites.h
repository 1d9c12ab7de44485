#ifndef TGCALLD_TESTS_HOOK_SUITES_H
#define TGCALLD_TESTS_HOOK_SUITES_H

#include <check.h>

Suite *suite_address(void);
Suite *suite_again(void);
Suite *suite_deliver(void);
Suite *suite_line(void);
Suite *suite_registry(void);
Suite *suite_secrets(void);
Suite *suite_sign(void);
Suite *suite_starved(void);
Suite *suite_url(void);

#endif
