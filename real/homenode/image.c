/* image.c - lists of calls that a process makes for its image, and what a
 * stream may say of one. See image.h.
 */
#include <string.h>

#include "image_inside.h"

_Static_assert(sizeof(struct image) == 15408, "a stream carries no padding");

bool image_has_handler(int signal)
{
    return signal != SIGKILL && signal != SIGSTOP;
}

struct tracee_call *image_ask(struct image_questions *q, int64_t number)
{
    struct tracee_call *call = &q->calls[q->count++];
    *call = (struct tracee_call){.number = number};
    return call;
}

uint64_t image_answer_at(const struct image_questions *q, size_t offset)
{
    return q->at + offset;
}

int image_first_failure(const struct image_questions *q)
{
    for (size_t i = 0; i < q->count; i++)
        if (q->calls[i].result < 0 && q->calls[i].result > -4096)
            return (int)q->calls[i].result;
    return 0;
}

const char *image_check(const struct image *image)
{
    if (image->registers.cs != CODE_SEGMENT_64)
        return "its code segment is not that of 64-bit code";
    if (image->interrupted != 0 && (image->interrupted < RESTART_SYS ||
                                    image->interrupted > RESTART_BLOCK))
        return "its call was interrupted as none can be";
    if (image->rest_ns < -1)
        return "it sleeps for no time that there is";
    if (image->xstate_bytes > IMAGE_XSTATE_BYTES)
        return "its extended registers are larger than any processor's";
    if (image->auxv_bytes > IMAGE_AUXV_BYTES)
        return "its auxiliary vector is too long";
    if (!memchr(image->name, 0, sizeof image->name))
        return "its name has no end";
    if (image->vvar_start > image->vdso_start ||
        image->vdso_start > image->vdso_end ||
        image->vdso_end - image->vvar_start > 64 * TRACEE_PAGE_BYTES)
        return "its vDSO lies where none can be";
    return NULL;
}
