#include "daemon/tg/handshakes.h"

#include <pthread.h>
#include <stdlib.h>

#include "daemon/base/table.h"

struct handshakes {
    pthread_mutex_t mutex;
    unsigned max;
    unsigned taken;
    /* The first to come is the next to go: of those who have a link, then of the others. */
    struct handshake_place *lines[2];
};

struct handshake_seat {
    struct handshakes *all;
    struct net_wake *wake;
    struct handshake_place *posted; /* granted, and not told yet; under the mutex */
};

int handshakes_new(unsigned max, struct handshakes **ret)
{
    struct handshakes *all = calloc(1, sizeof(*all));

    if (!all)
        return TGC_ENOMEM;
    pthread_mutex_init(&all->mutex, NULL); /* cannot fail with default attributes on Linux */
    all->max = max;
    *ret = all;
    return 0;
}

void handshakes_free(struct handshakes *all)
{
    if (!all)
        return;
    pthread_mutex_destroy(&all->mutex);
    free(all);
}

static struct handshake_place *take_posted(struct handshake_seat *seat)
{
    pthread_mutex_lock(&seat->all->mutex);
    struct handshake_place *place = seat->posted;
    if (place) {
        DL_DELETE(seat->posted, place);
        place->at = HANDSHAKE_HELD;
    }
    pthread_mutex_unlock(&seat->all->mutex);
    return place;
}

static void on_wake(void *ctx)
{
    struct handshake_place *place;

    while ((place = take_posted(ctx)) != NULL)
        place->granted(place->ctx);
}

int handshake_seat_new(struct handshakes *all, struct net_loop *loop, struct handshake_seat **ret)
{
    struct handshake_seat *seat = calloc(1, sizeof(*seat));

    if (!seat)
        return TGC_ENOMEM;
    seat->all = all;
    int err = net_wake_new(loop, on_wake, seat, &seat->wake);
    if (err) {
        free(seat);
        return err;
    }
    *ret = seat;
    return 0;
}

void handshake_seat_free(struct handshake_seat *seat)
{
    if (!seat)
        return;
    net_wake_free(seat->wake);
    free(seat);
}

static struct handshake_place **line_of(struct handshakes *all, const struct handshake_place *place)
{
    return &all->lines[place->has_link ? 0 : 1];
}

bool handshake_take(struct handshake_seat *seat, struct handshake_place *place, bool has_link)
{
    struct handshakes *all = seat->all;

    pthread_mutex_lock(&all->mutex);
    if (place->at == HANDSHAKE_OUT) {
        place->seat = seat;
        /* Nobody stands in line while there is a place: who gives one up hands it on. */
        if (all->taken < all->max) {
            all->taken++;
            place->at = HANDSHAKE_HELD;
        } else {
            place->at = HANDSHAKE_IN_LINE;
            place->has_link = has_link;
            DL_APPEND(*line_of(all, place), place);
        }
    }
    bool is_held = place->at == HANDSHAKE_HELD;
    pthread_mutex_unlock(&all->mutex);
    return is_held;
}

bool handshake_is_held(const struct handshake_place *place)
{
    if (!place->seat)
        return false;
    pthread_mutex_lock(&place->seat->all->mutex);
    bool is_held = place->at == HANDSHAKE_HELD;
    pthread_mutex_unlock(&place->seat->all->mutex);
    return is_held;
}

/* The place that became free is the next one's; the line's own thread hears of it. */
static struct handshake_seat *hand_on(struct handshakes *all)
{
    struct handshake_place *next = all->lines[0] ? all->lines[0] : all->lines[1];

    if (!next) {
        all->taken--;
        return NULL;
    }
    DL_DELETE(*line_of(all, next), next);
    next->at = HANDSHAKE_POSTED;
    DL_APPEND(next->seat->posted, next);
    return next->seat;
}

void handshake_leave(struct handshake_place *place)
{
    struct handshake_seat *told = NULL;

    if (!place->seat)
        return;
    struct handshakes *all = place->seat->all;
    pthread_mutex_lock(&all->mutex);
    if (place->at == HANDSHAKE_IN_LINE)
        DL_DELETE(*line_of(all, place), place);
    else if (place->at == HANDSHAKE_POSTED)
        DL_DELETE(place->seat->posted, place);
    if (place->at == HANDSHAKE_HELD || place->at == HANDSHAKE_POSTED)
        told = hand_on(all);
    place->at = HANDSHAKE_OUT;
    /* Under the lock: once it is open that seat may be gone, with who stood in line for it. */
    if (told)
        net_wake_signal(told->wake);
    pthread_mutex_unlock(&all->mutex);
}
