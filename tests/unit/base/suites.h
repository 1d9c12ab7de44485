#ifndef TGCALLD_TESTS_BASE_SUITES_H
#define TGCALLD_TESTS_BASE_SUITES_H

#include <check.h>

Suite *suite_address(void);
Suite *suite_buf(void);
Suite *suite_database_url(void);
Suite *suite_due(void);
Suite *suite_fault(void);
Suite *suite_file(void);
Suite *suite_gzip(void);
Suite *suite_layer_line(void);
Suite *suite_log(void);
Suite *suite_log_writer(void);
Suite *suite_metrics(void);
Suite *suite_near(void);
Suite *suite_peer_text(void);
Suite *suite_proxy(void);
Suite *suite_random(void);
Suite *suite_secret(void);
Suite *suite_terminal_text(void);
Suite *suite_text(void);
Suite *suite_time_text(void);

#endif
