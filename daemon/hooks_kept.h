/* Webhooks as the program has them: readers of its event log, by its settings. */
#ifndef TGCALLD_HOOKS_KEPT_H
#define TGCALLD_HOOKS_KEPT_H

#include "config/settings.h"
#include "daemon/bridge/events.h"
#include "daemon/hook/hooks.h"

/* EVENTS and STORE outlive them. TGC_EINVAL: a setting. */
int hooks_kept_open(const struct settings *s, struct store *store, struct events *events, struct meter *meter,
                    struct hooks **ret, struct fault *fault) TGC_MUST;
/* They hear of events from now on. Where they cannot begin, that is logged, and the daemon does without them. */
int hooks_kept_start(struct hooks *h, struct events *events, struct events_reader **ret) TGC_MUST;
/* NULLs are fine. */
void hooks_kept_close(struct hooks *h, struct events *events, struct events_reader *reader);

#endif
