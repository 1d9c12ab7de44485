#include "api/terms.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A wait that is longer is one to the request's own time. */
enum { WAIT_MAX_S = 24 * 3600 };

/* Visible ASCII and blanks, none at the ends; within quotation marks with \" and \\. */
void terms_parse_key(const char *value, char out[static JOB_KEY_MAX + 1])
{
    bool is_quoted = value[0] == '"';
    size_t n = 0;

    out[0] = '\0';
    for (const char *p = value + is_quoted; *p && !(is_quoted && *p == '"'); p++) {
        if (is_quoted && *p == '\\')
            p++;
        if (*p < ' ' || *p > '~' || n == JOB_KEY_MAX) {
            out[0] = '\0';
            return;
        }
        out[n++] = *p;
        value = p;
    }
    if (is_quoted && (n == 0 || strcmp(value + 1, "\"") != 0))
        n = 0;
    out[n] = '\0';
}

static bool is_word(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

/* "=10" or "=\"10\"" with blanks around; −1: no number. */
static int32_t number_of(const char *text)
{
    int64_t n = 0;
    bool is_quoted;

    text += strspn(text, " \t");
    if (*text != '=')
        return -1;
    text++;
    text += strspn(text, " \t");
    is_quoted = *text == '"';
    text += is_quoted;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0)
        return -1;
    for (size_t i = 0; i < digits; i++)
        n = n > WAIT_MAX_S ? n : n * 10 + (text[i] - '0');
    text += digits;
    if (is_quoted && *text++ != '"')
        return -1;
    text += strspn(text, " \t");
    if (*text && *text != ',' && *text != ';')
        return -1;
    return n > WAIT_MAX_S ? WAIT_MAX_S : (int32_t)n;
}

/* Where the preference at TEXT ends: at a comma that stands in no quotation marks. */
static const char *end_of(const char *text)
{
    bool is_quoted = false;

    for (; *text && (is_quoted || *text != ','); text++) {
        if (is_quoted && *text == '\\' && text[1])
            text++;
        else if (*text == '"')
            is_quoted = !is_quoted;
    }
    return text;
}

void terms_parse_prefer(const char *value, struct job_terms *terms)
{
    while (*value) {
        value += strspn(value, " \t,");
        size_t len = strcspn(value, " \t,;=");
        if (is_word(value, len, "respond-async")) {
            terms->is_async = true;
        } else if (is_word(value, len, "wait") && !terms->has_wait) {
            int32_t n = number_of(value + len);
            terms->has_wait = n >= 0;
            terms->wait_s = n >= 0 ? n : 0;
        }
        value = end_of(value);
    }
}

struct terms_said {
    struct job_terms *terms;
    bool has_key; /* or what was meant to be one */
};

static enum MHD_Result look_at_header(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct terms_said *said = ctx;

    (void)kind;
    if (value && strcasecmp(name, "Prefer") == 0)
        terms_parse_prefer(value, said->terms);
    if (strcasecmp(name, "Idempotency-Key") == 0) {
        said->has_key = true;
        terms_parse_key(value ? value : "", said->terms->key);
    }
    return MHD_YES;
}

static struct problem *bad_key(void)
{
    struct problem *p = problem_new(PROBLEM_INVALID_REQUEST, 0,
                                    "The Idempotency-Key is not 1 to %d visible characters of ASCII", JOB_KEY_MAX);

    problem_set_remedy(p, "Send a random UUID, a new one for each request that is not a repeat");
    return p;
}

static struct problem *drawn_already(void)
{
    struct problem *p =
        problem_new(PROBLEM_INVALID_REQUEST, 0, "With an Idempotency-Key the random_id is the daemon's to draw");

    problem_add_error(p, "/random_id", "not together with the header Idempotency-Key");
    problem_set_remedy(p, "Leave random_id out: the key does what it would do, over restarts too");
    return p;
}

static struct problem *judge(const struct request *r, const struct terms_said *said, const json_t *body)
{
    if (!said->has_key)
        return NULL;
    if (!said->terms->key[0])
        return bad_key();
    return r->route->job == JOB_CALL_CREATE && json_object_get(body, "random_id") ? drawn_already() : NULL;
}

bool terms_read(struct request *r, const json_t *body, struct job_terms **ret, struct problem **ret_problem)
{
    struct job_terms terms = {.key = ""};
    struct terms_said said = {.terms = &terms};

    *ret = NULL;
    *ret_problem = NULL;
    if (r->method != HTTP_POST)
        return true;
    MHD_get_connection_values(r->connection, MHD_HEADER_KIND, look_at_header, &said);
    bool is_deferred = (terms.is_async || terms.has_wait) && job_asks_telegram(r->route->job);
    if (!said.has_key && !is_deferred)
        return true;
    *ret_problem = judge(r, &said, body);
    if (*ret_problem || !(*ret = malloc(sizeof(terms))))
        return false;
    memcpy(terms.token, r->grant.name, sizeof(terms.token));
    memcpy(terms.token_id, r->grant.id, sizeof(terms.token_id));
    **ret = terms;
    return true;
}
