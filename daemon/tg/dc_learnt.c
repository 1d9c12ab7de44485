#include "daemon/tg/dc_learnt.h"

#include <pthread.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"

struct dc_learnt {
    struct dc_learnt_config config;
    pthread_mutex_t lock; /* held for a moment: all that follows */
    struct tg_dc_options options;
    unsigned edition;
    bool has_any;         /* heard, or restored */
    int64_t until_wall_s; /* when the options are to be asked for anew, for the next process */
    int64_t due_us;       /* the same here; 0: at once */
    int64_t asked_us;     /* when it was asked for last; 0: never */
    bool is_doubted;      /* since then */
};

int dc_learnt_new(const struct dc_learnt_config *config, struct dc_learnt **ret)
{
    struct dc_learnt *l = calloc(1, sizeof(*l));

    if (!l)
        return TGC_ENOMEM;
    l->config = *config;
    pthread_mutex_init(&l->lock, NULL); /* cannot fail with default attributes on Linux */
    *ret = l;
    return 0;
}

void dc_learnt_free(struct dc_learnt *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l);
}

const struct dc_learnt_config *dc_learnt_settings(const struct dc_learnt *l)
{
    return &l->config;
}

/* --- asking --- */

bool dc_learnt_claim(struct dc_learnt *l, int64_t now_us)
{
    pthread_mutex_lock(&l->lock);
    bool is_time = now_us >= l->due_us;
    if (is_time) {
        l->asked_us = now_us;
        l->is_doubted = false;
        l->due_us = now_us + DC_LEARNT_RETRY_S * SECOND_US; /* until an answer says when */
    }
    pthread_mutex_unlock(&l->lock);
    return is_time;
}

void dc_learnt_doubt(struct dc_learnt *l, int64_t now_us)
{
    pthread_mutex_lock(&l->lock);
    int64_t due_us = l->asked_us ? l->asked_us + DC_LEARNT_PACE_S * SECOND_US : now_us;
    if (due_us < now_us)
        due_us = now_us;
    if (due_us < l->due_us)
        l->due_us = due_us;
    /* An answer that is under way may be from before. */
    l->is_doubted = true;
    pthread_mutex_unlock(&l->lock);
}

/* --- hearing --- */

static bool is_of_our_mode(const struct dc_learnt *l, const struct tg_config *config)
{
    return l->config.mode == DC_MODE_ANY || config->test_mode == (l->config.mode == DC_MODE_TEST);
}

static bool has_dc(const struct tg_dc_options *options, int32_t dc)
{
    for (size_t i = 0; i < options->n; i++)
        if (options->list[i].dc == dc)
            return true;
    return false;
}

/* Of each data centre what NEWS has of it, or else, unless NEWS is the whole, what was known. */
static struct tg_dc_options merge(const struct dc_learnt *l, const struct tg_dc_options *news, bool is_whole)
{
    struct tg_dc_options all = {.n = 0};

    for (size_t i = 0; i < news->n; i++)
        if (tg_dc_find(l->config.dcs, news->list[i].dc))
            (void)tg_dc_options_put(&all, &news->list[i]);
    for (size_t i = 0; i < l->options.n && !is_whole; i++)
        if (!has_dc(news, l->options.list[i].dc))
            (void)tg_dc_options_put(&all, &l->options.list[i]);
    return all;
}

/* Whether they are others than before. */
static bool replace(struct dc_learnt *l, const struct tg_dc_options *options)
{
    l->has_any = true;
    if (tg_dc_options_are_same(&l->options, options))
        return false;
    l->options = *options;
    l->edition++;
    return true;
}

/* By the server's own dates: our clock may be wrong. */
static int64_t life_of(const struct tg_config *config)
{
    int64_t life_s = (int64_t)config->expires - config->date;

    return life_s < DC_LEARNT_LIFE_MIN_S   ? DC_LEARNT_LIFE_MIN_S
           : life_s > DC_LEARNT_LIFE_MAX_S ? DC_LEARNT_LIFE_MAX_S
                                           : life_s;
}

static void set_due(struct dc_learnt *l, int64_t life_s, int64_t now_us, int64_t wall_us)
{
    l->until_wall_s = wall_us / SECOND_US + life_s;
    l->due_us = l->is_doubted ? l->asked_us + DC_LEARNT_PACE_S * SECOND_US : now_us + life_s * SECOND_US;
}

bool dc_learnt_hear(struct dc_learnt *l, const struct tg_config *config, int64_t now_us, int64_t wall_us)
{
    if (config->is_whole && !is_of_our_mode(l, config)) {
        log_warning("tg", "Telegram's config is of %s data centres: what it says of addresses is left alone",
                    config->test_mode ? "test" : "production");
        return false;
    }
    pthread_mutex_lock(&l->lock);
    struct tg_dc_options options = merge(l, &config->options, config->is_whole);
    bool is_of_use = options.n > 0, is_new = is_of_use && replace(l, &options);
    if (config->is_whole)
        set_due(l, life_of(config), now_us, wall_us);
    pthread_mutex_unlock(&l->lock);
    if (config->refused_n)
        log_warning("tg", "Telegram named %zu address%s of data centres that cannot be meant", config->refused_n,
                    config->refused_n == 1 ? "" : "es");
    if (is_new)
        log_info("tg", "Telegram named %zu address%s of its data centres", options.n, options.n == 1 ? "" : "es");
    return is_new || (is_of_use && config->is_whole);
}

size_t dc_learnt_of(struct dc_learnt *l, int32_t dc, struct tg_dc_option *ret)
{
    size_t n = 0;

    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->options.n && n < TG_DC_OPTIONS_OF_ONE_MAX; i++)
        if (l->options.list[i].dc == dc)
            ret[n++] = l->options.list[i];
    pthread_mutex_unlock(&l->lock);
    return n;
}

unsigned dc_learnt_edition(struct dc_learnt *l)
{
    pthread_mutex_lock(&l->lock);
    unsigned edition = l->edition;
    pthread_mutex_unlock(&l->lock);
    return edition;
}

/* --- across processes --- */

int dc_learnt_write(struct dc_learnt *l, struct buf *out)
{
    pthread_mutex_lock(&l->lock);
    int err = tg_dc_options_write(&l->options, l->until_wall_s, out);
    pthread_mutex_unlock(&l->lock);
    return err;
}

int dc_learnt_restore(struct dc_learnt *l, const char *text, int64_t now_us, int64_t wall_us)
{
    struct tg_dc_options options;
    int64_t until_s;
    int err = tg_dc_options_read(text, l->config.local, &options, &until_s);

    if (err)
        return err;
    int64_t left_s = until_s - wall_us / SECOND_US;
    pthread_mutex_lock(&l->lock);
    if (!l->has_any) {
        (void)replace(l, &options);
        l->until_wall_s = until_s;
        /* Old ones are better than none; a clock that was set back is no reason not to ask. */
        if (left_s > 0 && !l->asked_us)
            l->due_us = now_us + (left_s < DC_LEARNT_LIFE_MAX_S ? left_s : DC_LEARNT_LIFE_MAX_S) * SECOND_US;
    }
    pthread_mutex_unlock(&l->lock);
    return 0;
}
