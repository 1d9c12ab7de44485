/* What libmicrohttpd calls: the way of a request through guard, auth, route, body and fields to its answer. */
#ifndef TGCALLD_API_HANDLE_H
#define TGCALLD_API_HANDLE_H

#include <microhttpd.h>

/* MHD_OPTION_URI_LOG_CALLBACK: makes the request. CTX is the door. */
void *handle_first_line(void *ctx, const char *raw_target, struct MHD_Connection *connection);
/* MHD_AccessHandlerCallback. */
enum MHD_Result handle_request(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
                               const char *version, const char *data, size_t *data_len, void **request);
/* MHD_OPTION_NOTIFY_COMPLETED: frees the request. */
void handle_completed(void *ctx, struct MHD_Connection *connection, void **request,
                      enum MHD_RequestTerminationCode how);

#endif
