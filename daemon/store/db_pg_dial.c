/* To whichever of the URL's hosts may be written. libpq would try them in turn by itself, but gives one that is silent
 * all the time that there is, and each try begins with it again: so each is dialled for itself. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/store/db_pg.h"

enum { VERSION_LEAST = 140000, HOST_SIZE = 256, PARAMETERS = 12 };

struct hosts {
    PQconninfoOption *options;
    const char *host, *hostaddr, *port; /* lists, as the URL has them; NULL */
    bool is_asked;                      /* the URL says which kind of server it wants */
    size_t n;
};

struct one {
    char host[HOST_SIZE], hostaddr[HOST_SIZE], port[HOST_SIZE]; /* "": as libpq has it */
};

void pg_options_free(PQconninfoOption *options)
{
    for (PQconninfoOption *o = options; o && o->keyword; o++)
        if (o->val)
            explicit_bzero(o->val, strlen(o->val));
    PQconninfoFree(options);
}

static void on_notice(void *ctx, const PGresult *result)
{
    (void)ctx;
    log_debug("store", "the database says: %s", pg_words(PQresultErrorMessage(result)));
}

/* --- the hosts --- */

static size_t count(const char *list)
{
    size_t n = 1;

    for (const char *c = list ? strchr(list, ',') : NULL; c; c = strchr(c + 1, ','))
        n++;
    return n;
}

static int read_hosts(const struct pg *pg, struct hosts *h, struct fault *fault)
{
    *h = (struct hosts){.options = PQconninfoParse(pg->url, NULL)};
    if (!h->options)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    for (const PQconninfoOption *o = h->options; o->keyword; o++) {
        if (!o->val || !o->val[0])
            continue;
        if (strcmp(o->keyword, "host") == 0)
            h->host = o->val;
        else if (strcmp(o->keyword, "hostaddr") == 0)
            h->hostaddr = o->val;
        else if (strcmp(o->keyword, "port") == 0)
            h->port = o->val;
        else if (strcmp(o->keyword, "target_session_attrs") == 0)
            h->is_asked = true;
    }
    h->n = count(h->hostaddr ? h->hostaddr : h->host);
    return 0;
}

/* The Ith of a list; of one that names a single one, that. */
static void nth(const char *list, size_t i, char out[static HOST_SIZE])
{
    const char *at = list ? list : "";
    size_t len;

    for (i = count(list) == 1 ? 0 : i; i && at; i--)
        at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL;
    at = at ? at : "";
    len = strcspn(at, ",");
    snprintf(out, HOST_SIZE, "%.*s", (int)len, at);
}

/* --- one of them --- */

/* Of a connection that was not even begun: whether that is so with any server, as a parameter's value is none. libpq
 * has no other way to ask. What is tried where the values are good is a port of this machine that nobody has. */
static bool are_values_wrong(const char *names[], const char *values[], size_t n)
{
    const char *const nowhere[][2] = {{"hostaddr", "127.0.0.1"}, {"port", "1"}};

    for (size_t i = 0; i < 2; i++) {
        names[n + i] = nowhere[i][0];
        values[n + i] = nowhere[i][1];
    }
    return PQpingParams(names, values, 1) == PQPING_NO_ATTEMPT;
}

static int start(struct pg *pg, const struct one *one, struct fault *fault)
{
    const char *names[PARAMETERS] = {"application_name", "client_encoding", "keepalives_idle", "tcp_user_timeout"};
    const char *values[PARAMETERS] = {"tgcalld", "UTF8", "10", "10000"};
    size_t n = 4;
    char own[sizeof(PG_NODE_NAME) + 20] = "";
    const struct {
        const char *name, *value;
    } after[] = {{"application_name", own}, {"host", one->host}, {"hostaddr", one->hostaddr}, {"port", one->port}};

    if (pg->node)
        snprintf(own, sizeof(own), PG_NODE_NAME "%" PRId64, pg->node);
    /* What the URL says itself counts more than what it follows, and less than what follows it. */
    names[n] = "dbname";
    values[n++] = pg->url;
    for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
        if (!after[i].value[0])
            continue;
        names[n] = after[i].name;
        values[n++] = after[i].value;
    }
    pg->conn = PQconnectStartParams(names, values, 1);
    if (!pg->conn)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (PQstatus(pg->conn) == CONNECTION_BAD && are_values_wrong(names, values, n))
        return fault_set(fault, TGC_EINVAL, "a parameter of the database's URL is not as it should be: %s",
                         pg_words(PQerrorMessage(pg->conn)));
    if (PQstatus(pg->conn) == CONNECTION_BAD)
        return pg_fault_of_connection(pg->conn, fault);
    /* Which tell a refusal's SQLSTATE too. */
    PQsetErrorVerbosity(pg->conn, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(pg->conn, on_notice, NULL);
    return 0;
}

/* The name is looked up first, by this thread. */
static int dial_one(struct pg *pg, const struct one *one, int64_t until_us, struct fault *fault)
{
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    int err = start(pg, one, fault);

    if (err)
        return err;
    while (status != PGRES_POLLING_OK) {
        struct pollfd at = {.fd = PQsocket(pg->conn), .events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT};
        bool is_over = pg_is_over(pg, until_us);
        int n = pg_poll(pg, &at, until_us);
        if (n < 0 && errno != EINTR)
            return fault_set(fault, TGC_ESYSTEM, "cannot wait for the database server: %s", strerror(errno));
        if (n == 0 && is_over)
            return fault_set(fault, TGC_EAWAY, "the database server does not answer: no connection in time");
        if (n <= 0)
            continue;
        status = PQconnectPoll(pg->conn);
        if (status == PGRES_POLLING_FAILED)
            return pg_fault_of_connection(pg->conn, fault);
    }
    PQsetErrorVerbosity(pg->conn, PQERRORS_DEFAULT);
    return 0;
}

static bool says(const struct pg *pg, const char *parameter, const char *value)
{
    const char *is = PQparameterStatus(pg->conn, parameter);

    return is && strcmp(is, value) == 0;
}

/* Of several, one that is to be read alone is not the one. */
static int check_server(const struct pg *pg, bool is_of_several, struct fault *fault)
{
    if (PQserverVersion(pg->conn) < VERSION_LEAST)
        return fault_set(fault, TGC_EINVAL, "the database server is PostgreSQL %d: it has to be 14 or newer",
                         PQserverVersion(pg->conn) / 10000);
    if (!says(pg, "server_encoding", "UTF8"))
        return fault_set(fault, TGC_EINVAL, "the database is not of the encoding UTF8: make one with createdb -E UTF8");
    if (says(pg, "in_hot_standby", "on"))
        return fault_set(fault, TGC_EREADONLY, "the database server is a standby: name the primary one");
    if (is_of_several && says(pg, "default_transaction_read_only", "on"))
        return fault_set(fault, TGC_EREADONLY, "the database server may only be read");
    return 0;
}

static int try_one(struct pg *pg, const struct hosts *h, size_t i, int64_t until_us, struct fault *fault)
{
    struct one one = {.host = ""};

    if (h->n > 1) {
        nth(h->host, i, one.host);
        nth(h->hostaddr, i, one.hostaddr);
        nth(h->port, i, one.port);
    }
    int err = dial_one(pg, &one, until_us, fault);
    if (!err)
        err = check_server(pg, h->n > 1 && !h->is_asked, fault);
    if (err)
        pg_disconnect(pg);
    return err;
}

/* While one of several is away it may be the one. */
static void add_fault(struct fault *all, const struct fault *one)
{
    struct fault before = *all;
    int err = before.err && one->err != TGC_EAWAY ? before.err : one->err;

    fault_set(all, err, "%s%s%s", before.text, before.err ? "; of the next one: " : "", one->text);
}

/* The one that was the right one last comes first. */
int pg_dial(struct pg *pg, int64_t until_us, struct fault *fault)
{
    struct hosts h;
    struct fault all = {0}, one = {0};
    int err = read_hosts(pg, &h, fault);

    if (err)
        return err;
    pg_begin_wait(pg);
    for (size_t k = 0; k < h.n; k++) {
        size_t i = (pg->host + k) % h.n;
        int64_t now_us = clock_mono_us(pg->clock);
        err = try_one(pg, &h, i, now_us + (until_us - now_us) / (int64_t)(h.n - k), &one);
        if (!err)
            pg->host = i;
        if (!err || err == TGC_ENOMEM)
            break;
        add_fault(&all, &one);
    }
    pg_options_free(h.options);
    if (err == TGC_ENOMEM)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    return err ? fault_set(fault, all.err, "%s", all.text) : 0;
}
