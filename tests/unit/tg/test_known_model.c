/* Random sequences of what happens in a chat and of what an account is told of it, late, out of order or not at all,
 * against a model that knows the truth: what is told for sure may be out of date, but only for as long as nothing that
 * was said since could have shown it. The seeds are printed; TGCALLD_SEED runs one again. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/random.h"
#include "tests/unit/tg/known_bed.h"
#include "tests/unit/tg/objects.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

enum { SEEDS = 300, STEPS = 200, ASKED_MAX = 6, TRACE_MAX = 32768 };

/* A question that was asked, was answered by the server or not, and did not arrive yet. */
struct asked {
    uint64_t mark;
    int64_t call_id; /* of phone.getGroupCall; 0: the full chat */
    bool is_answered;
    int64_t shown;   /* by the answer: the chat's call, or CALL_ID while it ran; 0: none */
    unsigned change; /* the truth was of this change then */
};

static struct {
    int64_t call;    /* that runs; 0: none */
    int64_t calls_n; /* ids so far */
    unsigned change; /* grows with each change of the truth */
    bool start_told; /* since then something came that shows that a call runs, or that anything may have changed */
    bool end_told;   /* the same of the call before: it does not run any more */
    struct asked asked[ASKED_MAX];
    unsigned asked_n;
    struct random_seeded seeded;
    struct random_source random;
    char trace[TRACE_MAX];
    size_t trace_len;
} m;

static void __attribute__((format(printf, 1, 2))) trace(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    int n = vsnprintf(m.trace + m.trace_len, TRACE_MAX - m.trace_len, format, ap);
    va_end(ap);
    if (n > 0 && m.trace_len + (size_t)n < TRACE_MAX)
        m.trace_len += (size_t)n;
}

static unsigned draw(unsigned n)
{
    return random_u32(&m.random) % n;
}

/* --- the truth --- */

static void become(int64_t call)
{
    m.call = call;
    m.change++;
    m.start_told = m.end_told = false;
}

static void start(void)
{
    become(++m.calls_n);
    trace(" start %d", (int)m.call);
}

static void stop(void)
{
    if (m.call)
        become(0);
    trace(" stop");
}

/* --- what is told --- */

/* As a server tells of a replace: the end of the old one, if at all, before the new one. */
static void tell_now(void)
{
    trace(" tell");
    if (m.call) {
        kb_runs(m.call);
        m.start_told = m.end_told = true;
    } else if (m.calls_n) {
        kb_ends(m.calls_n);
        m.end_told = true;
    }
}

static void tell_flag(void)
{
    trace(" flag");
    kb_learn(NULL, 0,
             m.call ? UPDATES("", "", CHANNEL("'id':'6001','access_hash':'77','call_active':true,"))
                    : UPDATES("", "", CHANNEL("'id':'6001','access_hash':'77',")));
    m.start_told |= m.call != 0;
    m.end_told |= m.call == 0;
}

static void tell_changed(void)
{
    trace(" changed");
    kb_learn(NULL, 0, UPDATES("{'_':'updateChannel','channel_id':'6001'}", "", ""));
    m.start_told = true;
}

static void lose(void)
{
    trace(" lose");
    if (draw(2))
        tg_known_link_lost(kb.k);
    else
        tg_known_missed(kb.k);
    m.start_told = m.end_told = true;
}

static void pass(void)
{
    trace(" pass");
    fake_clock_pass(&kb.clock, (int64_t)(1 + draw(90)) * SECOND_US);
}

/* --- questions --- */

static void ask(void)
{
    if (m.asked_n == ASKED_MAX)
        return;
    struct asked *a = &m.asked[m.asked_n++];
    ck_assert_int_eq(tg_known_chat_is_asked(kb.k, PEER_CHANNEL, 6001), 0);
    *a = (struct asked){.mark = tg_known_mark(kb.k)};
    if (m.calls_n && draw(3) == 0)
        a->call_id = 1 + draw((unsigned)m.calls_n);
    trace(" ask:%d", (int)a->call_id);
}

static void answer(void)
{
    struct asked *a = m.asked_n ? &m.asked[draw(m.asked_n)] : NULL;

    if (!a || a->is_answered)
        return;
    a->is_answered = true;
    a->change = m.change;
    a->shown = a->call_id && a->call_id != m.call ? 0 : m.call;
    trace(" answer:%d=%d", (int)a->call_id, (int)a->shown);
}

static void deliver(unsigned i)
{
    struct asked a = m.asked[i];
    char text[512];

    m.asked[i] = m.asked[--m.asked_n];
    trace(" deliver:%d=%d", (int)a.call_id, (int)a.shown);
    if (!a.call_id) {
        kb_shows(a.shown, a.mark);
        if (a.change == m.change)
            m.start_told = m.end_told = true;
    } else if (a.shown) {
        snprintf(text, sizeof(text),
                 "{'_':'phone.groupCall','call':{'_':'groupCall','id':'%" PRId64 "','access_hash':'1',"
                 "'participants_count':0,'unmuted_video_limit':0,'version':1},'participants':[],"
                 "'participants_next_offset':'','chats':[],'users':[]}",
                 a.shown);
        kb_learn("phone.getGroupCall", a.mark, text);
    }
}

static void arrive(void)
{
    unsigned i = m.asked_n ? draw(m.asked_n) : 0;

    if (m.asked_n && m.asked[i].is_answered)
        deliver(i);
}

/* --- the promise --- */

static void check(uint64_t seed)
{
    int64_t known = kb_chat();

    if (known == KB_UNKNOWN || known == m.call)
        return;
    if (known == KB_EMPTY)
        ck_assert_msg(!m.start_told, "seed %" PRIu64 ": empty, but call %d runs:%s", seed, (int)m.call, m.trace);
    else
        ck_assert_msg(!m.end_told, "seed %" PRIu64 ": call %d, but %d runs:%s", seed, (int)known, (int)m.call, m.trace);
}

/* Asked with nothing in between, it is known. */
static void check_asked(uint64_t seed)
{
    m.asked_n = 0;
    m.asked[m.asked_n++] =
        (struct asked){.mark = tg_known_mark(kb.k), .is_answered = true, .shown = m.call, .change = m.change};
    if (m.call)
        kb_runs(m.call); /* its record: the full chat has only its id */
    m.asked[0].mark = tg_known_mark(kb.k);
    deliver(0);
    ck_assert_msg(kb_chat() == m.call, "seed %" PRIu64 ": %d is known, and %d runs:%s", seed, (int)kb_chat(),
                  (int)m.call, m.trace);
}

static void run(uint64_t seed)
{
    static void (*const steps[])(void) = {start, stop,   tell_now, tell_flag, tell_changed, lose,   pass,   ask,
                                          ask,   answer, answer,   answer,    arrive,       arrive, arrive, ask};

    memset(&m, 0, sizeof(m));
    random_seeded_init(&m.seeded, seed);
    m.random = random_seeded_source(&m.seeded);
    kb_set_up();
    for (int i = 0; i < STEPS; i++) {
        steps[draw(sizeof(steps) / sizeof(steps[0]))]();
        check(seed);
    }
    check_asked(seed);
    kb_tear_down();
}

/* Seeds that found something. */
static const uint64_t found[] = {956243398,  2561756729, 1339567003, 491458211, 458827077,
                                 4121449839, 1897852092, 2033410139, 642536425};

START_TEST(test_what_is_known_for_sure_is_so_unless_nothing_told_otherwise)
{
    const char *one = getenv("TGCALLD_SEED");

    if (one) {
        run(strtoull(one, NULL, 10));
        return;
    }
    for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++)
        run(found[i]);
    uint64_t first = random_u32(&random_system);
    printf("# seeds %" PRIu64 " to %" PRIu64 "\n", first, first + SEEDS - 1);
    fflush(stdout);
    for (uint64_t seed = first; seed < first + SEEDS; seed++)
        run(seed);
}
END_TEST

Suite *suite_known_model(void)
{
    Suite *s = suite_create("known_model");
    TCase *t = tcase_create("known_model");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_what_is_known_for_sure_is_so_unless_nothing_told_otherwise);
    suite_add_tcase(s, t);
    return s;
}
