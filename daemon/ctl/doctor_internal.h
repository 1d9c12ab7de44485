/* What the parts of doctor share. */
#ifndef TGCALLD_CTL_DOCTOR_INTERNAL_H
#define TGCALLD_CTL_DOCTOR_INTERNAL_H

#include <stdbool.h>

#include <jansson.h>

#include "config/settings.h"
#include "daemon/base/fault.h"
#include "daemon/ctl/ctl.h"

enum { DOCTOR_PATH_SIZE = 4096, DOCTOR_TEXT_SIZE = 1024 };

struct visit {
    const struct ctl *ctl;
    json_t *checks;
    bool is_faulty, is_full;
    char environment[32]; /* the daemon's; "": none answers */
};

/* A row: STATE is good, warning, fault or unknown; REMEDY "" where nothing is to be done. */
void doctor_add(struct visit *v, const char *what, const char *state, const char *detail, const char *remedy);

/* Of the daemon. NULL: there is no answer, or none of a tgcalld; FAULT says why. */
json_t *doctor_ask(struct visit *v, const char *method, const char *path, const json_t *body, int *status,
                   struct fault *fault);

/* doctor_nodes.c: of a daemon that is a node, which others there are and what their database is like, as it sees
 * them. */
void doctor_nodes(struct visit *v);
/* Of a node that was started with SETTINGS, as far as is known: nodes whose lease is longer than theirs. */
void doctor_leases(struct visit *v, const struct settings *settings);

/* doctor_local.c: the configuration in the file CONFIG (NULL: the usual one), whose mistakes are rows. False: it cannot
 * be read, or is not what the daemon was started with. Else RET is the caller's to settings_fini(). */
bool doctor_settings(struct visit *v, const char *config, struct settings *ret);
/* Who can read the files that the daemon has in FOLDER, or (SETTINGS, may be NULL) elsewhere. */
void doctor_files(struct visit *v, const char *folder, const struct settings *settings);

/* doctor_net.c: whether the proxy, or where there is none each data centre, can be reached from here. */
void doctor_net(struct visit *v, const struct settings *settings);

#endif
