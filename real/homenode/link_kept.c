/* link_kept.c - messages that the other side has not yet seen. See
 * link_inside.h. */
#include "link_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct kept *link_kept_at(struct link *link, size_t index)
{
    return &link->kept[(link->kept_first + index) % LINK_KEPT_MAX];
}

void link_drop_first(struct link *link)
{
    struct kept *kept = link_kept_at(link, 0);
    uint8_t *small = kept->body;
    if (kept->room > link->spare_room) {
        small = link->spare;
        link->spare = kept->body;
        link->spare_room = kept->room;
    }
    free(small);
    link->kept_bytes -= kept->bytes;
    *kept = (struct kept){0};
    link->kept_first = (link->kept_first + 1) % LINK_KEPT_MAX;
    link->kept_count--;
}

void link_forget(struct link *link, uint64_t seen)
{
    while (link->kept_count > 0 && link_kept_at(link, 0)->sequence <= seen)
        link_drop_first(link);
}

int link_keep(struct link *link,
              enum record_kind kind,
              const struct iovec *parts,
              size_t part_count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < part_count; i++)
        bytes += parts[i].iov_len;
    if (link->kept_count == LINK_KEPT_MAX ||
        link->kept_bytes + bytes > LINK_KEPT_BYTES_MAX)
        return -ENOBUFS;
    struct kept kept = {.kind = kind,
                        .epoch = link->epoch,
                        .sequence = link->sent + 1,
                        .bytes = bytes,
                        .room = bytes};
    if (bytes <= link->spare_room) {
        kept.body = link->spare;
        kept.room = link->spare_room;
        link->spare = NULL;
        link->spare_room = 0;
    } else {
        kept.body = malloc(bytes);
        if (!kept.body)
            return -ENOMEM;
    }
    uint8_t *to = kept.body;
    for (size_t i = 0; i < part_count; i++) {
        if (parts[i].iov_len > 0)
            memcpy(to, parts[i].iov_base, parts[i].iov_len);
        to += parts[i].iov_len;
    }
    *link_kept_at(link, link->kept_count) = kept;
    link->kept_count++;
    link->kept_bytes += bytes;
    return 0;
}
