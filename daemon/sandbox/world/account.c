#include "daemon/sandbox/world/account.h"

#include <stdio.h>

void account_end(struct account *a, int code, const char *error)
{
    a->user = NULL;
    a->pending = NULL;
    a->ended_code = code;
    snprintf(a->ended, sizeof(a->ended), "%s", error);
}
