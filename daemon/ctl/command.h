/* THE table of commands: a file for each, or for each group of them. */
#ifndef TGCALLD_CTL_COMMAND_H
#define TGCALLD_CTL_COMMAND_H

#include <argp.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/verb.h"

/* A word of the command line, and what it is the value of. */
struct ctl_given {
    const struct ctl_word *word;
    const char *text;
};

/* What stands behind a command's name; each takes what it knows. */
struct ctl_words {
    const char *name;   /* the account */
    const char *phone;  /* login */
    bool by_qr;         /* login */
    const char *format; /* import */
    /* The commands of the table of verbs: */
    const struct ctl_verb *verb;
    struct ctl_given given[CTL_GIVEN_MAX];
    size_t given_n;
};

/* Either an argp (whose input is a struct ctl_words) and what runs, or verbs: one, or a table of them by name, of which
 * the first is meant where none is named. */
struct ctl_command {
    const char *name, *summary;
    const struct argp *argp;
    enum ctl_exit (*run)(const struct ctl *ctl, const struct ctl_words *words);
    const struct ctl_verb *verb, *verbs; /* a NULL name ends the table */
};

/* NULL ends it. */
extern const struct ctl_command ctl_commands[];

extern const struct ctl_verb ctl_accounts[], ctl_calls[], ctl_jobs[], ctl_live[], ctl_peers[], ctl_schedules[],
    ctl_schema[], ctl_tokens[], ctl_webhooks[];
extern const struct ctl_verb ctl_audit, ctl_completion, ctl_doctor, ctl_events, ctl_logout, ctl_method, ctl_nodes;

extern const struct argp ctl_import_argp, ctl_login_argp;
enum ctl_exit ctl_import(const struct ctl *ctl, const struct ctl_words *words);
enum ctl_exit ctl_login(const struct ctl *ctl, const struct ctl_words *words);

/* For their argps: an account's name as the first argument, and no other. */
error_t ctl_take_name(int key, char *arg, struct argp_state *state);

#endif
