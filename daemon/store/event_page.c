#include "daemon/store/event_page.h"

#include "daemon/store/event_squeeze.h"
#include "daemon/store/sealed.h"

const struct store_sealed store_sealed_event = {"event_pages",
                                                "page_sealed",
                                                1,
                                                "SELECT id, page_sealed FROM event_pages",
                                                "UPDATE event_pages SET page_sealed = $1 WHERE id = $2",
                                                "SELECT id, page_sealed FROM event_pages WHERE id > $1"
                                                " ORDER BY id LIMIT $2"};

int event_page_seal(struct store *s, int64_t id, const struct buf *page, struct buf *squeezed, struct buf *sealed,
                    struct fault *fault)
{
    if (buf_err(page))
        return fault_set(fault, buf_err(page), "%s", tgc_err_text(buf_err(page)));
    const struct buf *least = event_squeeze(page, squeezed);
    return store_seal(s, &store_sealed_event, &id, least->data, least->len, sealed, fault);
}

int event_page_open(struct store *s, int64_t id, const uint8_t *sealed, size_t len, struct buf *page,
                    struct buf *unpacked, struct event_pack *ret, struct fault *fault)
{
    int err = store_unseal(s, &store_sealed_event, &id, sealed, len, page, fault);

    if (err)
        return err;
    err = event_unsqueeze(page, unpacked, ret);
    return err ? fault_set(fault, err, "%s", tgc_err_text(err)) : 0;
}
