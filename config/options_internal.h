/* What the command lines share. */
#ifndef TGCALLD_CONFIG_OPTIONS_INTERNAL_H
#define TGCALLD_CONFIG_OPTIONS_INTERNAL_H

#include <argp.h>

#include "config/options.h"

/* Options without a short form. */
enum options_key {
    KEY_CONFIG = 0x100,
    KEY_STATE_DIR,
    KEY_STORE,
    KEY_LISTEN,
    KEY_UNIX,
    KEY_HOST,
    KEY_CORS_ORIGIN,
    KEY_SANDBOX,
    KEY_CONTROL,
    KEY_LAYER,
    KEY_SCHEMA,
    KEY_LOG_LEVEL,
    KEY_CHECK_CONFIG,
    KEY_SECOND,
    KEY_PUBLIC_KEY_OUT,
    KEY_KEY,
    KEY_SEED,
    KEY_CHATS,
    KEY_ACCOUNTS,
    KEY_STORED_ANSWERS,
    KEY_REPLACE,
};

/* One of each text; a second one is a mistake. Returns 0 or ENOMEM, or ends the process by argp_error(). */
error_t options_set_text(struct argp_state *state, char **field, const char *name, const char *text);
error_t options_add_text(struct text_list *list, const char *text);
/* A decimal from MIN to MAX, or the process ends. */
uint64_t options_number(struct argp_state *state, const char *name, const char *text, uint64_t min, uint64_t max);
/* ADDRESS:PORT that is loopback, or the process ends. */
void options_want_loopback(struct argp_state *state, const char *name, const char *text);

extern const struct argp options_sandbox_argp, options_token_argp, options_backup_argp, options_seal_argp;

#endif
