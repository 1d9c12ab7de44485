/* What the files of the tunnel share: a dialogue in steps, each of which looks at the bytes that are there. */
#ifndef TGCALLD_WIRE_TUNNEL_INTERNAL_H
#define TGCALLD_WIRE_TUNNEL_INTERNAL_H

#include "daemon/wire/tunnel.h"

struct tunnel_step {
    const char *awaits;
    /* Judges the LEN bytes at P, at least one. Leaves *ret_used 0 where more are needed; else takes that many away,
     * appends to OUT what comes next, and sets t->step (NULL: open). */
    int (*take)(struct tunnel *t, const uint8_t *p, size_t len, size_t *ret_used, struct buf *out, struct fault *fault);
};

enum { TUNNEL_RANDOM_SIZE = 32, TUNNEL_HEAD_SIZE = 5 };

struct tunnel {
    struct tunnel_config config;
    const struct tunnel_step *step; /* NULL: open */
    struct buf in;                  /* received and not judged yet */
    /* TLS. */
    bool in_records;
    bool has_sent; /* anything in records */
    uint8_t client_random[TUNNEL_RANDOM_SIZE];
    uint8_t head[TUNNEL_HEAD_SIZE]; /* of the record under way */
    size_t head_len, record_left;   /* how much of the head is there; how much of the record is not */
};

/* What is said first, and the first step. */
void tunnel_begin_socks5(struct tunnel *t, struct buf *out);
void tunnel_begin_http(struct tunnel *t, struct buf *out);
void tunnel_begin_tls(struct tunnel *t, struct buf *out);

/* tls_records.c: what of LEN bytes is data. */
int tunnel_unpack(struct tunnel *t, const uint8_t *p, size_t len, struct buf *clear, struct fault *fault) TGC_MUST;

/* "[2001:db8::1]:443" */
enum { TUNNEL_TARGET_SIZE = 64 };
void tunnel_target_text(const struct tunnel_target *target, char out[static TUNNEL_TARGET_SIZE]);

/* What a stranger's first byte tells of its protocol; TGC_EREFUSED. */
int tunnel_stranger(uint8_t first, const char *wanted, struct fault *fault) TGC_MUST;

#endif
