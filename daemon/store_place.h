/* Where this daemon's store is, and its seal key, by the settings, the state directory and the service's credentials.
 */
#ifndef TGCALLD_STORE_PLACE_H
#define TGCALLD_STORE_PLACE_H

#include "config/settings.h"
#include "daemon/data_centres.h"
#include "daemon/state_dir.h"
#include "daemon/store/store.h"

/* For upkeep while no daemon runs: what is there, whichever environment it is of. TGC_EUNKNOWN: nothing is. */
int store_place_open_kept(const struct settings *s, const struct state_dir *state, struct store **ret,
                          struct fault *fault) TGC_MUST;
/* Whether the server's database, which another daemon may use, is this one's as well: store_look_at_server(). */
int store_place_look(const struct settings *s, const struct state_dir *state, const struct data_centres *dcs,
                     int *ret_version, struct fault *fault) TGC_MUST;
/* Errors are those of store_open(), and NODE, IS_LED and TAKEN are its config's. */
int store_place_open(const struct settings *s, const struct state_dir *state, const struct data_centres *dcs,
                     struct meter *meter, int64_t node, bool is_led, void (*taken)(void), struct store **ret,
                     struct fault *fault) TGC_MUST;

#endif
