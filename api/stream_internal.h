/* What the files of streams share: stream.c has their life, stream_open.c their beginning, stream_send.c what they are
 * sent, stream_read.c what is on the disk. */
#ifndef TGCALLD_API_STREAM_INTERNAL_H
#define TGCALLD_API_STREAM_INTERNAL_H

#include "api/event_filter.h"
#include "api/front.h"
#include "api/stream.h"
#include "daemon/base/clock.h"
#include "daemon/bridge/events.h"
#include "daemon/bridge/tokens.h"

/* How often comments, tokens and events that are held are looked after. */
#define STREAM_TICK_US SECOND_US
#define STREAM_COMMENT_US (15 * SECOND_US)

struct stream {
    struct stream *prev, *next; /* of all */
    struct stream *next_ready;
    int fd;
    struct tls *tls;            /* NULL: plain */
    size_t heard;               /* bytes, by TLS */
    struct address_count *from; /* NULL: it is not counted */
    bool is_chunked;
    bool is_ready;       /* there may be something for it */
    bool is_blocked;     /* its socket takes no more, or not yet all that was made for it */
    bool is_over;        /* it is freed when it is ready no more */
    uint64_t after;      /* up to there it has everything */
    uint64_t told;       /* up to there its client knows so */
    uint64_t look;       /* where AFTER is ahead of the log (events_is_lost()) */
    struct event *event; /* that left in part, or has to come first; NULL: none */
    size_t sent;         /* of its frame */
    int64_t comment_us;  /* when the next one is due */
    bool is_reading;     /* a worker has its job */
    bool wants_page;     /* but there is no room for one */
    struct asker asker;  /* for that */
    struct job *page;    /* what the disk had for it; NULL: nothing, or it is read */
    size_t page_at;      /* the first that was not taken */
    struct event_filter filter;
    char *token;     /* NULL: its client is known by its uid or certificate */
    unsigned scopes; /* that came with it */
    struct token_memo memo;
    struct client_memo *client; /* NULL: it is not by its certificate */
};

struct streams {
    struct front *front;
    struct events *log;
    const struct clock_source *clock;
    int set;
    unsigned n, max;
    struct stream *first;
    struct stream *ready, **ready_end;
    bool is_readable;
    size_t pages, wanting; /* pages that are here or under way; streams that want one */
    int64_t tick_us;
};

/* There may be something for it. */
void stream_make_ready(struct streams *all, struct stream *s);
/* It is nobody's any more, but for the line of those that are ready. */
void stream_end(struct streams *all, struct stream *s);
/* Where nothing knows it any more. */
void stream_free(struct stream *s);
/* Behind a whole event, where its client reads. */
void stream_end_in_order(struct streams *all, struct stream *s);

/* Sends what there is for it, as far as it goes at once. */
void stream_feed(struct streams *all, struct stream *s);
/* Asks for what the disk has for it, now or when there is room. */
void stream_read(struct streams *all, struct stream *s);
/* Its page is read. */
void stream_drop_page(struct streams *all, struct stream *s);
/* Those that want a page may ask again. */
void stream_room_for_pages(struct streams *all);
/* Sends a comment, and with it the id up to which all was passed over. */
void stream_comment(struct streams *all, struct stream *s);

#endif
