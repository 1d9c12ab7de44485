/* TL bytes → JSON text, straight into a buffer, with no tree in between. The text is valid UTF-8, has no NUL and no
 * locale; NUL in strings is \u0000. A string that is not UTF-8 becomes {"_bytes": base64}, a non-finite double null. */
#ifndef TGCALLD_TL_TEXT_H
#define TGCALLD_TL_TEXT_H

#include "daemon/base/buf.h"
#include "daemon/tl/walk.h"

/* As tl_walk_result() and tl_walk_object(); TGC_ELIMIT too where OUT's maximum is reached, or less than a
 * number's longest text is left to it. OUT is cut back on failure. */
int tl_text_result(const struct tl_schema *schema, const struct tl_comb *method, const void *data, size_t len,
                   struct buf *out, struct tl_walk_stats *stats, struct fault *fault) TGC_MUST;
int tl_text_object(const struct tl_schema *schema, const void *data, size_t len, struct buf *out,
                   struct tl_walk_stats *stats, struct fault *fault) TGC_MUST;

/* One value of type EXPR, exactly these bytes; the same. */
int tl_text_value(const struct tl_schema *schema, const struct tl_expr *expr, const void *data, size_t len,
                  struct buf *out, struct tl_walk_stats *stats, struct fault *fault) TGC_MUST;
/* The next value of R, which then stands behind it; the same. */
int tl_text_next(const struct tl_schema *schema, const struct tl_expr *expr, struct tl_reader *r, struct buf *out,
                 struct tl_walk_stats *stats, struct fault *fault) TGC_MUST;

/* TEXT (LEN bytes, valid UTF-8) as a JSON string with its quotes. */
void tl_text_put_string(struct buf *out, const char *text, size_t len);
/* A TL string, which may hold any bytes, as in the text of an object. */
void tl_text_put_tl_string(struct buf *out, const uint8_t *bytes, size_t len);
/* V in decimal digits. */
void tl_text_put_number(struct buf *out, int64_t v);

#endif
