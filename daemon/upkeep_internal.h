/* What both ends of the socket share. A request is the task's text, with the descriptor of a backup beside it. An
 * answer is "ERR TEXT": 0 and what was done, or a negative enum tgc_err and why not. */
#ifndef TGCALLD_UPKEEP_INTERNAL_H
#define TGCALLD_UPKEEP_INTERNAL_H

#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/upkeep.h"

/* The socket's address, however long the directory's path is: by way of a descriptor of it, *RET_DIR, which is to stay
 * open until the address was used. TGC_ESYSTEM. */
int upkeep_address(const char *state_dir, struct sockaddr_un *ret, int *ret_dir, struct fault *fault) TGC_MUST;

/* Room for one descriptor beside a packet. */
union upkeep_control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
};

#endif
