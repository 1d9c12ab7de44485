#ifndef TGCALLD_TESTS_API_SUITES_H
#define TGCALLD_TESTS_API_SUITES_H

#include <check.h>

Suite *suite_accept(void);
Suite *suite_addresses(void);
Suite *suite_edges(void);
Suite *suite_fields(void);
Suite *suite_http_access(void);
Suite *suite_http_answers(void);
Suite *suite_http_body(void);
Suite *suite_http_events(void);
Suite *suite_http_events_followed(void);
Suite *suite_http_events_pages(void);
Suite *suite_http_events_who(void);
Suite *suite_http_life(void);
Suite *suite_http_pages(void);
Suite *suite_http_routes(void);
Suite *suite_http_room(void);
Suite *suite_http_slow(void);
Suite *suite_http_stop(void);
Suite *suite_http_wait(void);
Suite *suite_http_wire(void);
Suite *suite_listen(void);
Suite *suite_openapi(void);
Suite *suite_plain_object(void);
Suite *suite_route(void);
Suite *suite_target(void);
Suite *suite_terms(void);
Suite *suite_tls(void);

#endif
