/* The files that https:// listeners show: read at start and with SIGHUP. The main thread. */
#ifndef TGCALLD_TLS_FILES_H
#define TGCALLD_TLS_FILES_H

#include <stdbool.h>

#include "api/server.h"
#include "config/settings.h"
#include "daemon/passed.h"

/* Whether there is such a listener, by the settings and what was PASSED (NULL: nothing). */
bool tls_files_are_needed(const struct settings *s, const struct passed *passed);

/* They. */
struct api_tls_files tls_files_of(const struct settings *s);

/* Reads the certificate and its key where they are needed, and logs what is wrong, also that the certificate's end is
 * near. The errors are those of api_read_tls(): the pair that was there stays in force. */
int tls_files_read(struct api *api, const struct settings *s, const struct passed *passed) TGC_MUST;

#endif
