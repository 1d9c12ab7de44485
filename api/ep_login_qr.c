/* GET /v1/accounts/{name}/login/qr as a picture, for a page's <img> and for who has no program to draw it. */
#include "api/accept.h"
#include "api/ep.h"
#include "api/reply.h"
#include "daemon/qr/qr.h"

#define SVG_TYPE "image/svg+xml"
/* A code of LIMIT_QR_TEXT bytes has some 90 modules a side, each run of them in less than 30 bytes. */
enum { SVG_MAX = 256 << 10 };

int ep_login_qr(struct request *r, struct job *job)
{
    if (!accept_prefers(r, SVG_TYPE, "application/json"))
        return reply_json(r, (unsigned)job->status, &job->text, job->location);
    json_t *answer = json_loadb((const char *)job->text.data, job->text.len, 0, NULL);
    const char *url = json_string_value(json_object_get(json_object_get(answer, "qr"), "url"));
    struct buf svg;
    buf_init(&svg, SVG_MAX);
    int err = url ? qr_svg(url, &svg) : TGC_EINVAL;
    json_decref(answer);
    if (err)
        err = reply_problem(r, problem_new(PROBLEM_INTERNAL, 0, "The code cannot be drawn: %s", tgc_err_text(err)));
    else
        err = reply_as(r, SVG_TYPE, &svg);
    buf_fini(&svg);
    return err;
}
