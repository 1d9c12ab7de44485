/* The daemon as a whole: everything made in order, run until a signal, and stopped in the reverse order. */
#ifndef TGCALLD_APP_H
#define TGCALLD_APP_H

#include "config/settings.h"

/* SETTINGS are what was read as OPTIONS say. Returns the exit status: 0 clean stop, 1 failure at run time, 2 unusable
 * configuration, 3 the state is held by another. */
int app_run(const struct options *options, const struct settings *settings);

/* `--check-config`: reads what the settings name, and says what was judged and what is wrong with it, on stderr also
 * what is missing for a login. 0 or EXIT_CONFIG. */
int app_check(const struct settings *settings);

/* `tgcalld sandbox`. */
int app_run_sandbox(const struct options *options);

/* `tgcalld token reset`: a new admin token where the former one is lost, while no daemon holds the state. */
int app_reset_token(const struct options *options);

/* `tgcalld backup` and `tgcalld seal rotate`, by the daemon that holds the state where one does, else here. */
int app_back_up(const struct options *options);
int app_rotate_seal(const struct options *options);

enum { EXIT_CONFIG = 2, EXIT_HELD = 3 };

#endif
