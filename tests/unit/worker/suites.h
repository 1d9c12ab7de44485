#ifndef TGCALLD_TESTS_WORKER_SUITES_H
#define TGCALLD_TESTS_WORKER_SUITES_H

#include <check.h>

Suite *suite_accounts(void);
Suite *suite_audit_log(void);
Suite *suite_event_log(void);
Suite *suite_guest(void);
Suite *suite_life(void);
Suite *suite_live_rule(void);
Suite *suite_problems(void);
Suite *suite_shares(void);
Suite *suite_tell(void);
Suite *suite_turns(void);

#endif
