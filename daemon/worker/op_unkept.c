#include "daemon/worker/op_unkept.h"

#include <stdarg.h>
#include <stdio.h>

#include "daemon/worker/op_problem.h"

/* The store tries each second. */
enum { AGAIN_S = 5, WHAT_SIZE = 256 };

struct problem *op_unkept(const struct op_unkept *u, const char *format, ...)
{
    bool is_away = u->err == TGC_EAWAY;
    char what[WHAT_SIZE];
    va_list ap;

    va_start(ap, format);
    vsnprintf(what, sizeof(what), format, ap);
    va_end(ap);
    struct problem *p = problem_new(is_away ? PROBLEM_DATABASE_AWAY : PROBLEM_INTERNAL, 0, "%s: %s", what,
                                    u->why ? u->why : tgc_err_text(u->err));
    problem_print_remedy(p, "%s%s%s", u->state ? u->state : "", u->state ? ". " : "",
                         is_away   ? "See to the PostgreSQL server that [store] url names: GET /readyz is 200 when it "
                                     "answers again"
                         : u->mend ? u->mend
                                   : OP_REMEDY_STATE_DIR);
    if (is_away)
        problem_set_retry_after(p, AGAIN_S);
    return p;
}
