/* POST /v1/accounts/{name}/session: the account's login as a session string. */
#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/tg/login/export.h"
#include "daemon/worker/op.h"

#define WARNING                                                                                                        \
    "Whoever has this text is logged in as this account: keep it as you keep a password. It must not be used "         \
    "elsewhere "                                                                                                       \
    "while this daemon uses it: Telegram ends a login whose key it sees at two places at once. A logout, here or "     \
    "there, "                                                                                                          \
    "ends it for both."

/* The answer's room, so that it never moves and leaves no copy behind. */
enum { ANSWER_SIZE = LIMIT_SESSION_STRING + 1024 };

static struct problem *problem_of_format(const struct fault *fault)
{
    struct problem *p = problem_new(PROBLEM_INVALID_REQUEST, 0, "the session cannot be written so: %s", fault->text);

    problem_add_error(p, "/format", fault->text);
    return p;
}

static struct problem *problem_of_state(const struct tg_account *account, const struct fault *fault)
{
    struct problem *p = accounts_not_ready(account);

    return p ? p : problem_new(PROBLEM_ACCOUNT_NOT_READY, 0, "%s", fault->text);
}

/* Session strings have nothing that JSON escapes. */
static int write_answer(enum session_format format, const struct session_string *s, struct buf *text,
                        struct fault *fault)
{
    buf_reset(text);
    if (!buf_room(text, ANSWER_SIZE))
        return buf_err(text);
    buf_printf(text, "{\"format\":\"%s\",\"text\":\"", session_format_text(format));
    int err = session_string_encode(format, s, text, fault);
    buf_put_text(text, "\",\"warning\":\"" WARNING "\"}");
    return err ? err : buf_err(text);
}

void op_account_export(struct worker *w, struct job *job)
{
    const char *name = json_string_value(json_object_get(job->body, "format"));
    enum session_format format = session_format_parse(name ? name : "");
    struct problem *problem = NULL;
    struct tg_account *account = accounts_of_job(&w->accounts, job, &problem);
    struct session_string s;
    struct fault fault = {0};

    if (!account) {
        op_reply_problem(job, problem);
        return;
    }
    if (tg_export(account, &s, &fault) != 0) {
        op_reply_problem(job, problem_of_state(account, &fault));
        return;
    }
    int err = write_answer(format, &s, &job->text, &fault);
    session_string_wipe(&s);
    if (err) {
        buf_fini_secret(&job->text);
        op_reply_problem(job, err == TGC_EINVAL ? problem_of_format(&fault) : NULL);
        return;
    }
    log_notice("worker", "account %s: its login was told as a session string (%s, request %s)",
               tg_account_name(account), name, job->request_id);
    op_reply_text(job, 200);
}
