#include "tests/unit/hook/deliver_bed.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/base/buf.h"

const char answer_broken[] = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n";
const char answer_gone[] = "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n";

struct receiver *r, *other;
struct fault fault;
char secret[HOOK_SECRET_TEXT];

void start(void)
{
    ck_assert_msg(hooks_start(bed_hooks, &fault) == 0, "%s", fault.text);
}

void deliver_set_up(void)
{
    bed_set_up();
    start();
    r = receiver_new();
    other = receiver_new();
}

void deliver_tear_down(void)
{
    bed_tear_down();
    receiver_free(r);
    receiver_free(other);
}

void restart(void)
{
    bed_close();
    bed_open();
    start();
}

void create_at(const char *name, const char *url, const char *type, const char *account)
{
    const struct hook_words words = {
        .name = name, .url = url, .types = &type, .types_n = type != NULL, .account = account};

    ck_assert_msg(hooks_create(bed_hooks, &words, secret, &fault) == 0, "%s", fault.text);
}

void create(const char *name, struct receiver *to)
{
    create_at(name, receiver_url(to, name), NULL, NULL);
}

const char *ids(struct receiver *of, size_t n)
{
    static char text[4096];
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "", receiver_await(of, i)->id);
    return text;
}

static void list_delivery(void *ctx, const struct hook_delivery *d)
{
    buf_printf(ctx, "%s#%d %s.%d=%d %s%s%s", ((struct buf *)ctx)->len ? " | " : "", (int)d->number, d->id, (int)d->try_,
               d->status, hook_delivery_state_name(d->state), d->error ? ": " : "", d->error ? d->error : "");
}

/* The list as soon as it has N. */
const char *deliveries(const char *name, int n)
{
    static char text[4096];
    const struct hook_page page = {.state = HOOK_DELIVERY_ANY, .limit = 50};
    char want[16];
    struct buf b;

    snprintf(want, sizeof(want), "#%d ", n);
    buf_init(&b, sizeof(text));
    do {
        buf_reset(&b);
        ck_assert_int_eq(hooks_deliveries(bed_hooks, name, &page, list_delivery, &b, &fault), 0);
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    } while (!b.len || strncmp(buf_text(&b), want, strlen(want)) != 0);
    snprintf(text, sizeof(text), "%s", buf_text(&b));
    buf_fini(&b);
    return text;
}

void edit(const char *name, struct hook_edit e)
{
    ck_assert_msg(hooks_edit(bed_hooks, name, &e, &fault) == 0, "%s", fault.text);
}

void restart_after(const char *sql)
{
    bed_close();
    bed_close_store();
    bed_sql(sql);
    bed_open_store();
    bed_open();
    start();
}

size_t replay(const char *name, struct hook_replay what)
{
    size_t n;

    ck_assert_msg(hooks_replay(bed_hooks, name, &what, &n, &fault) == 0, "%s", fault.text);
    return n;
}
