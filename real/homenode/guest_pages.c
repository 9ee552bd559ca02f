/* guest_pages.c - a body that runs before all its pages are here. See
 * guest_inside.h.
 *
 * The guardian never waits for a page: the call that needs one is parked, and
 * begun again at the point where it was, when one has come. So what a call does
 * before it first needs the body's memory is done twice, and must bear that.
 */
#include "guest_inside.h"

#include <errno.h>

static int fill_holes(void *context)
{
    const struct guest *g = context;
    return fill_look_only(g->fill);
}

int guest_pages_begin(struct guest *g,
                      const struct maps *maps,
                      const struct runs *owed)
{
    int watcher = g->sandbox.watcher;
    if (watcher < 0)
        return -EBADMSG; /* Home did not say that there would be any. */
    g->sandbox.watcher = -1;
    int error = fill_create(&g->fill, watcher, maps, owed);
    if (error)
        return error;
    g->holes = (struct tracee_holes){fill_wait_on(g->fill), fill_holes, g};
    g->body.holes = &g->holes;
    return 0;
}

void guest_pages_end(struct guest *g)
{
    fill_destroy(g->fill);
    g->fill = NULL;
    g->body.holes = NULL;
    g->call.parked = g->call.held_back = g->wants = false;
}

bool guest_pages_has(struct guest *g, uint64_t from, size_t bytes)
{
    bool has = !g->fill || fill_has(g->fill, from, bytes);
    g->wants = g->wants || !has;
    return has;
}

int guest_park(struct guest *g)
{
    g->wants = false;
    g->call.parked = true;
    if (!g->cut)
        fill_ask(g->fill, g->link, true);
    return 0;
}

/* All is as after any other move. */
static int end(struct guest *g)
{
    guest_pages_end(g);
    int error = guest_put_head(g, RECORD_WHOLE);
    return error ? error : guest_may_leave(g);
}

static int go_on(struct guest *g)
{
    struct guest_call *call = &g->call;
    int error = 0;
    if (call->parked) {
        call->parked = false;
        error = call->again(g);
    }
    if (!error && g->fill && call->held_back && fill_under_way(g->fill) == 0)
        error = guest_send_request(g);
    if (error || !g->fill)
        return error;
    if (fill_is_whole(g->fill) && fill_under_way(g->fill) == 0)
        return end(g);
    if (!g->cut)
        fill_ask(g->fill, g->link, call->held_back);
    return 0;
}

int guest_pages_look(struct guest *g)
{
    int error = fill_look(g->fill);
    return error ? error : go_on(g);
}

int guest_pages_came(struct guest *g)
{
    int error = g->fill ? fill_take(g->fill, &g->incoming) : -EBADMSG;
    return error ? error : go_on(g);
}

int guest_pages_resume(struct guest *g)
{
    if (!g->fill)
        return 0;
    fill_resume(g->fill);
    return go_on(g);
}
