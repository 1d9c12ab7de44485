/* Whether a text is a URL that events may be sent to. It is read by libcurl, as when it is connected to. */
#ifndef TGCALLD_HOOK_URL_JUDGE_H
#define TGCALLD_HOOK_URL_JUDGE_H

#include "daemon/hook/address_judge.h"

/* 0; TGC_EINVAL with what is wrong: another scheme than http and https, a name or password in it, a host that is an
 * address in another form than the usual one, or an address that is not allowed, port 0, a fragment, or more than
 * LIMIT_HOOK_URL bytes. What a name stands for is judged when it is connected to. TGC_ESYSTEM, TGC_ENOMEM. */
int hook_url_judge(const char *url, const struct hook_allow *allow, struct fault *fault) TGC_MUST;

#endif
