#include "api/event_frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void event_frame_make(const struct event *event, bool is_chunked, struct event_frame *f)
{
    static const char tail[] = "\n\n\r\n";
    char lines[EVENT_FRAME_HEAD - 16];
    int n = snprintf(lines, sizeof(lines), "id: %" PRIu64 "\nevent: %.80s\ndata: ", event->id, event->text.type);
    size_t lines_len = (size_t)n, data_len = event->text.len, tail_len = is_chunked ? 4 : 2;
    int head = is_chunked ? snprintf(f->head, sizeof(f->head), "%zx\r\n%s", lines_len + data_len + 2, lines)
                          : snprintf(f->head, sizeof(f->head), "%s", lines);

    f->parts[0] = (struct iovec){f->head, (size_t)head};
    f->parts[1] = (struct iovec){(void *)(uintptr_t)event->text.data, data_len};
    f->parts[2] = (struct iovec){(void *)(uintptr_t)tail, tail_len};
    f->len = (size_t)head + data_len + tail_len;
}

size_t event_frame_text(const char *text, bool is_chunked, char out[static EVENT_FRAME_HEAD])
{
    int n = is_chunked ? snprintf(out, EVENT_FRAME_HEAD, "%zx\r\n%s\r\n", strlen(text), text)
                       : snprintf(out, EVENT_FRAME_HEAD, "%s", text);

    return (size_t)n;
}
