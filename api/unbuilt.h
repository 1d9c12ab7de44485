/* What the contract knows and this version does not do yet: said plainly (501), never half done. */
#ifndef TGCALLD_API_UNBUILT_H
#define TGCALLD_API_UNBUILT_H

#include "api/request.h"

/* Refuses a route that is not there yet. */
void unbuilt_check(struct request *r);

#endif
