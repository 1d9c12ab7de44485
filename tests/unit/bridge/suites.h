#ifndef TGCALLD_TESTS_BRIDGE_SUITES_H
#define TGCALLD_TESTS_BRIDGE_SUITES_H

#include <check.h>

Suite *suite_audit(void);
Suite *suite_choose(void);
Suite *suite_digest(void);
Suite *suite_directory(void);
Suite *suite_events(void);
Suite *suite_events_followed(void);
Suite *suite_events_out(void);
Suite *suite_job(void);
Suite *suite_job_pack(void);
Suite *suite_mailbox(void);
Suite *suite_problem(void);
Suite *suite_token_use(void);
Suite *suite_tokens(void);

#endif
