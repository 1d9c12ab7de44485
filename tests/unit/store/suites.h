#ifndef TGCALLD_TESTS_STORE_SUITES_H
#define TGCALLD_TESTS_STORE_SUITES_H

#include <check.h>

Suite *suite_account_rows(void);
Suite *suite_audit_rows(void);
Suite *suite_intents(void);
Suite *suite_event_rows(void);
Suite *suite_follow(void);
Suite *suite_hooks(void);
Suite *suite_kill(void);
Suite *suite_link(void);
Suite *suite_link_shared(void);
Suite *suite_heard(void);
Suite *suite_cluster_sql(void);
Suite *suite_writers(void);
Suite *suite_migrate(void);
Suite *suite_open(void);
Suite *suite_queue(void);
Suite *suite_rows(void);
Suite *suite_secrets(void);
Suite *suite_beside(void);
Suite *suite_server(void);
Suite *suite_server_told(void);
Suite *suite_squeeze(void);
Suite *suite_starved(void);
Suite *suite_token_rows(void);
Suite *suite_upkeep(void);

#endif
