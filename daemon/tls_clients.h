/* The programs that are known by their certificates, from the settings' [client NAME] to the front end: at start and
 * with SIGHUP. The main thread. */
#ifndef TGCALLD_TLS_CLIENTS_H
#define TGCALLD_TLS_CLIENTS_H

#include "api/server.h"
#include "config/settings.h"

/* TGC_ENOMEM, which is logged: those that were there stay. */
int tls_clients_apply(struct api *api, const struct settings *s) TGC_MUST;

#endif
