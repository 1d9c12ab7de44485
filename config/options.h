/* The command line. */
#ifndef TGCALLD_CONFIG_OPTIONS_H
#define TGCALLD_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "config/text_list.h"
#include "daemon/base/err.h"

enum options_run {
    OPTIONS_DAEMON,       /* tgcalld … */
    OPTIONS_SANDBOX,      /* tgcalld sandbox … */
    OPTIONS_TOKEN_RESET,  /* tgcalld token reset … */
    OPTIONS_BACKUP,       /* tgcalld backup FILE … */
    OPTIONS_SEAL_ROTATE,  /* tgcalld seal rotate … */
    OPTIONS_CHECK_CONFIG, /* tgcalld --check-config …: judge and stop */
};

/* What stands on the command line; NULL, empty, false, -1: not given. */
struct options {
    enum options_run run;

    /* Both programs. */
    struct text_list listen; /* of `tgcalld sandbox` at most one */
    char *control;
    struct text_list schema;

    /* tgcalld */
    char *config;
    char *state_dir; /* both of `tgcalld backup`, `tgcalld seal` and `tgcalld token` too */
    char *store;     /* a database's URL: settings_load() judges it */
    char *unix_path; /* "none" switches the socket off */
    struct text_list hosts, cors_origins;
    bool sandbox;
    unsigned layer; /* 0: not given */
    int log_level;

    /* tgcalld backup */
    char *backup; /* FILE */
    bool replace; /* what is there */

    /* tgcalld sandbox */
    char *second;
    char *public_key_out;
    char *key;
    bool seeded;
    uint64_t seed;
    unsigned chats;
    unsigned accounts;
    bool stored_answers;
};

/* Judges the words of the command line alone: files and the rules between keys are settings_load()'s. --help and
 * --version print and end the process with 0; a command line that cannot be used ends it with 2 after a sentence on
 * stderr. TGC_ENOMEM. ARGV may be reordered. options_fini() frees. */
int options_parse(int argc, char **argv, struct options *ret) TGC_MUST;
void options_fini(struct options *o);

#endif
