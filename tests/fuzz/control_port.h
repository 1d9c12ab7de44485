/* The control port without sockets: the linker sends libmicrohttpd's calls here (--wrap), and where the HTTP thread
 * would wait for the loop, the loop's part is done. */
#ifndef TGCALLD_TESTS_FUZZ_CONTROL_PORT_H
#define TGCALLD_TESTS_FUZZ_CONTROL_PORT_H

#include "tests/fuzz/dc.h"

struct control_ask {
    const char *method, *path;
    const char *since, *origin, *host; /* NULL: not there */
    const void *body;
    size_t len, split; /* split: the first piece of the body */
};

void control_port_open(struct dc *d);
void control_port_close(void);
/* One request; its status. The answer is JSON in *RET, the caller's. */
unsigned control_port_ask(struct dc *d, const struct control_ask *ask, json_t **ret);

#endif
