/* The endpoints that need more than the table says: each queues its answer. 0 or a negative enum tgc_err. */
#ifndef TGCALLD_API_EP_H
#define TGCALLD_API_EP_H

#include "api/request.h"

int ep_health(struct request *r);
int ep_version(struct request *r);
int ep_openapi(struct request *r);
int ep_asyncapi(struct request *r);
int ep_events(struct request *r);
int ep_dashboard(struct request *r);
int ep_dashboard_file(struct request *r);
int ep_metrics(struct request *r);
/* JOB came back with an answer. */
int ep_login_qr(struct request *r, struct job *job);

#endif
