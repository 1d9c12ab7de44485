/* THE table of commands: each is a file of its own. */
#ifndef TGCALLD_CTL_COMMAND_H
#define TGCALLD_CTL_COMMAND_H

#include <argp.h>

#include "daemon/ctl/ctl.h"

/* What stands behind a command's name; each takes what it knows. */
struct ctl_words {
    const char *name;   /* the account */
    const char *phone;  /* login */
    bool by_qr;         /* login */
    const char *format; /* import */
};

struct ctl_command {
    const char *name;
    const struct argp *argp; /* its input is a struct ctl_words */
    enum ctl_exit (*run)(const struct ctl *ctl, const struct ctl_words *words);
    const char *summary;
};

/* NULL ends it. */
extern const struct ctl_command ctl_commands[];

extern const struct argp ctl_accounts_argp, ctl_import_argp, ctl_login_argp;
enum ctl_exit ctl_accounts(const struct ctl *ctl, const struct ctl_words *words);
enum ctl_exit ctl_import(const struct ctl *ctl, const struct ctl_words *words);
enum ctl_exit ctl_login(const struct ctl *ctl, const struct ctl_words *words);

/* For their argps: an account's name as the first argument, and no other. */
error_t ctl_take_name(int key, char *arg, struct argp_state *state);

#endif
