/* GET / and the files that it needs. */
#include "api/api_internal.h"
#include "api/ep.h"
#include "api/page.h"
#include "api/reply.h"

static int reply_file(struct request *r, const char *name)
{
    const struct api_config *c = &r->api->config;
    const struct page *page = page_find(c->pages, c->pages_n, name);

    if (page)
        return reply_page(r, page);
    struct problem *p = problem_new(PROBLEM_NOT_FOUND, 0, "The dashboard has no file of this name");
    problem_set_remedy(p,
                       c->pages_n ? "GET / is the dashboard." : "Install the dashboard's files, or do without them.");
    return reply_problem(r, p);
}

int ep_dashboard(struct request *r)
{
    return reply_file(r, "index.html");
}

int ep_dashboard_file(struct request *r)
{
    return reply_file(r, r->target.segments[1]);
}
