#include <string.h>

#include "daemon/ctl/command.h"
#include "daemon/ctl/follow.h"
#include "daemon/ctl/say.h"
#include "daemon/ctl/verb.h"

enum { PATH_SIZE = 2048 };

static enum ctl_exit no_daemon(const char *why)
{
    say_fault("what answers there is no tgcalld: %s", why);
    return CTL_NO_DAEMON;
}

static enum ctl_exit other_kind(void)
{
    return no_daemon("its answer is of another kind");
}

/* Once for each answer. */
static void prepare(const struct ctl *ctl, const struct ctl_view *view, json_t *answer)
{
    if (view && view->prepare && !ctl->as_json)
        view->prepare(answer);
}

enum ctl_exit ctl_verb_show(const struct ctl *ctl, const struct ctl_view *view, json_t *answer)
{
    enum ctl_exit e = CTL_DONE;

    if (view ? !ctl_view_fits(view, answer) : answer && !json_is_object(answer)) {
        e = other_kind();
    } else if ((ctl->as_json && answer ? say_result(answer) : view ? ctl_view_put(ctl, view, answer) : 0) != 0) {
        say_fault("out of memory");
        e = CTL_REFUSED;
    }
    json_decref(answer);
    return e;
}

/* A table has all pages at once, as wide as the widest of them; lines and JSON go out page by page. */
static bool gather(const struct ctl *ctl, const struct ctl_view *view, json_t *first, json_t *page)
{
    if (ctl->as_json || !ctl->is_table || !first)
        return false;
    return json_array_extend(json_object_get(first, view->list), json_object_get(page, view->list)) == 0;
}

/* The pages behind FIRST (taken), unless the user says how many rows he wants. */
static enum ctl_exit show_pages(const struct ctl *ctl, const struct ctl_words *words, json_t *first, char *path)
{
    const struct ctl_view *view = words->verb->view;
    bool is_whole = ctl_given(words, "limit") != NULL;
    json_t *shown = NULL, *page = first;
    char before[PATH_SIZE];
    size_t len = strlen(path);
    enum ctl_exit e = CTL_DONE;

    for (;;) {
        const char *cursor = json_string_value(json_object_get(page, "next_cursor"));
        memcpy(before, path, strlen(path) + 1);
        bool is_last = is_whole || !cursor || ctl_query_add(path, len, PATH_SIZE, "cursor", cursor) != 0;
        prepare(ctl, view, page);
        if (!ctl_view_fits(view, page)) {
            json_decref(page);
            e = other_kind();
        } else if (gather(ctl, view, shown, page)) {
            json_decref(page);
        } else if (!ctl->as_json && ctl->is_table && !is_last) {
            shown = page;
        } else {
            e = ctl_verb_show(ctl, view, page);
        }
        page = NULL;
        if (e || is_last)
            break;
        /* It would do so for ever. */
        e = strcmp(path, before) == 0 ? no_daemon("it goes on where it did before") : CTL_DONE;
        if (e)
            break;
        e = ctl_ask(ctl, "GET", path, NULL, &page);
        if (e)
            break;
    }
    if (shown)
        e = e ? (json_decref(shown), e) : ctl_verb_show(ctl, view, shown);
    return e;
}

static enum ctl_exit ask(const struct ctl *ctl, const struct ctl_words *words, const char *path, json_t **ret,
                         bool *ret_is_job)
{
    const char *method = ctl_verb_method(words);
    bool is_job = words->verb->may_wait && strcmp(method, "POST") == 0;
    struct fault fault = {0};
    json_t *body;
    int status;

    if (ctl_verb_body(words, &body, &fault) != 0) {
        say_fault("%s", fault.text);
        return CTL_USAGE;
    }
    const char *prefer = !is_job ? NULL : ctl_given(words, "no-wait") ? CTL_IMPATIENT : CTL_PATIENT;
    enum ctl_exit e = ctl_ask_prefer(ctl, method, path, body, prefer, &status, ret);
    *ret_is_job = !e && is_job && status == 202;
    return e;
}

enum ctl_exit ctl_verb_run(const struct ctl *ctl, const struct ctl_words *words)
{
    const struct ctl_verb *verb = words->verb;
    char path[PATH_SIZE];
    json_t *answer;
    bool is_job;

    if (verb->run)
        return verb->run(ctl, words);
    if (ctl_verb_path(words, path, sizeof(path)) != 0) {
        say_fault("what is asked for is longer than any request");
        return CTL_USAGE;
    }
    enum ctl_exit e = ask(ctl, words, path, &answer, &is_job);
    if (e)
        return e;
    if (is_job && ctl_given(words, "no-wait"))
        return ctl_verb_show(ctl, &follow_job_view, answer);
    if (is_job)
        e = follow_job(ctl, answer, &answer);
    if (e)
        return e;
    if (verb->view && verb->view->list && strcmp(ctl_verb_method(words), "GET") == 0)
        return show_pages(ctl, words, answer, path);
    /* What a word turned into another request is answered otherwise. */
    bool is_other = strcmp(ctl_verb_method(words), verb->method) != 0;
    prepare(ctl, is_other ? NULL : verb->view, answer);
    e = ctl_verb_show(ctl, is_other ? NULL : verb->view, answer);
    if (!e && (is_other || !verb->view) && ctl->is_table && !ctl->as_json)
        say("Done.");
    else if (!e && verb->word && ctl->is_asked)
        say("%s", verb->word);
    return e;
}
