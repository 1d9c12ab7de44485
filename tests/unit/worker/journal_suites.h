#ifndef TGCALLD_TESTS_WORKER_JOURNAL_SUITES_H
#define TGCALLD_TESTS_WORKER_JOURNAL_SUITES_H

#include <check.h>

Suite *suite_journal(void);
Suite *suite_journal_full(void);
Suite *suite_journal_jobs(void);
Suite *suite_journal_restart(void);
Suite *suite_own_job(void);

#endif
