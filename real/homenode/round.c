/* round.c - see round.h.
 *
 * A page changes in three ways: it is written; it is given back, and is zero or
 * the file's again; or its mapping is replaced. The first is what dirty.h
 * finds; the second is what was the process's own and is not any more; the
 * third makes a mapping fresh. What happens in the middle of a round is found
 * in the next, and in the last nothing happens.
 *
 * Limit: a page of a private file mapping that is written and given back, both
 * in the milliseconds between the first look at it and its reading, and never
 * written again, is sent as it was in between.
 */
#include "round.h"

#include <errno.h>

/* Between looking at pages and reading them: what is written after its look is
 * sent twice. */
#define PART_BYTES (UINT64_C(16) << 20)

/* One round while it is made. */
struct round
{
    struct rounds *all;
    struct dirty *dirty;
    struct memory_writer *writer;
    bool last;
    struct maps maps;
    struct runs own;     /* Pages that are the process's own now. */
    struct runs changed; /* Those that were sent. */
    struct runs part;
    struct runs gone;
    struct runs work;
    struct runs area;
};

void rounds_finish(struct rounds *r)
{
    maps_finish(&r->maps);
    runs_finish(&r->held);
    runs_finish(&r->owed);
}

static bool is_anonymous(const struct map *map)
{
    return map->kind == MAP_ANONYMOUS_PRIVATE;
}

/* Its bytes are those of the same place of the same file. */
static bool is_same(const struct map *a, const struct map *b)
{
    return a->kind == b->kind && a->inode == b->inode &&
           (is_anonymous(a) ||
            a->file_start - a->start == b->file_start - b->start);
}

/* What dirty.h does not know: a file takes the place of another, can be read
 * all at once, or more of it is there; and something is owed. */
static void compare_maps(const struct rounds *all, struct maps *maps)
{
    const struct maps *before = &all->maps;
    size_t k = 0;
    size_t o = 0;
    for (size_t i = 0; i < maps->count; i++) {
        struct map *map = &maps->maps[i];
        bool other = false;
        uint64_t at = map->start; /* Up to here there was something before. */
        while (k < before->count && before->maps[k].end <= map->start)
            k++;
        for (size_t j = k;
             j < before->count && before->maps[j].start < map->end; j++) {
            const struct map *old = &before->maps[j];
            bool opened = !is_anonymous(map) && old->protection == 0 &&
                          map->protection != 0;
            other |= !is_same(old, map) || opened;
            at = old->start <= at ? old->end : at;
        }
        other |= !is_anonymous(map) && at < map->end;
        while (o < all->owed.count &&
               all->owed.runs[o].start + all->owed.runs[o].bytes <= map->start)
            o++;
        map->fresh |= other || (o < all->owed.count &&
                                all->owed.runs[o].start < map->end);
    }
}

/* It has to wait for the last round, since nobody tells what changes: what is
 * shared and only read, too, for another file may take its place and it come
 * back, between two looks. */
static bool is_late(const struct round *r, const struct map *map)
{
    return !r->last && !map->watched;
}

static int find_own(struct round *r)
{
    int error = 0;
    for (size_t i = 0; i < r->maps.count && !error; i++) {
        const struct map *map = &r->maps.maps[i];
        if (!is_late(r, map))
            error = dirty_own(r->dirty, map, &r->own);
    }
    return error;
}

/* What was held, is not own any more, and lies in such mappings that are not
 * fresh; into r->gone. */
static int find_gone(struct round *r, bool anonymous)
{
    int error = 0;
    r->area.count = 0;
    for (size_t i = 0; i < r->maps.count && !error; i++) {
        const struct map *map = &r->maps.maps[i];
        if (!map->fresh && is_anonymous(map) == anonymous)
            error = runs_add(&r->area,
                             (struct run){map->start, map->end - map->start});
    }
    if (!error)
        error = runs_subtract(&r->work, &r->all->held, &r->own);
    return error ? error : runs_intersect(&r->gone, &r->work, &r->area);
}

/* Pages that were given back: zero again, or the file's. The records must not
 * mix with those of pages that are written at this moment. */
static int put_gone(struct round *r)
{
    int error = find_gone(r, true);
    for (size_t i = 0; i < r->gone.count && !error; i++)
        error = memory_writer_drop(r->writer, r->gone.runs[i]);
    if (!error)
        error = find_gone(r, false);
    for (size_t i = 0; i < r->gone.count && !error; i++)
        error = memory_writer_add(r->writer, r->gone.runs[i], true);
    return error ? error : memory_writer_flush(r->writer);
}

static int put_pages(struct round *r, struct run run, bool held)
{
    return r->all->late ? runs_add(r->all->late, run)
                        : memory_writer_add(r->writer, run, held);
}

static int put_part(struct round *r,
                    const struct map *map,
                    uint64_t from,
                    uint64_t to)
{
    bool whole = !is_anonymous(map) && map->fresh && map->protection != 0;
    r->part.count = 0;
    int error = dirty_changed(r->dirty, map, from, to, r->last, &r->part);
    if (error)
        return error;
    if (whole)
        error = put_pages(r, (struct run){from, to - from}, false);
    for (size_t i = 0; i < r->part.count && !error; i++) {
        if (!whole)
            error = put_pages(r, r->part.runs[i], !map->fresh);
        if (!error)
            error = runs_add(&r->changed, r->part.runs[i]);
    }
    return error;
}

/* If a part of it was replaced in this moment, what else the look found may be
 * lost with it: all is owed. */
static int put_map(struct round *r, const struct map *map)
{
    int error = 0;
    uint64_t at = map->start;
    if (is_late(r, map) || (!map->fresh && !map->watched))
        return 0;
    for (uint64_t to; at < map->end && !error; at = error ? at : to) {
        to = map->end - at > PART_BYTES ? at + PART_BYTES : map->end;
        error = put_part(r, map, at, to);
    }
    if (error == -EPERM && !r->last)
        return runs_add(&r->all->owed, (struct run){at, map->end - at});
    return error;
}

static int put_all(struct round *r, const struct stream *stream)
{
    int error = memory_put_maps(&r->maps, stream);
    if (!error)
        error = find_own(r);
    if (!error)
        error = put_gone(r);
    for (size_t i = 0; i < r->maps.count && !error; i++)
        error = put_map(r, &r->maps.maps[i]);
    if (!error)
        error = memory_writer_flush(r->writer);
    /* What was given back to a file may have been its own again when it was
     * read: it is looked at in every round from now on. */
    if (!error)
        error = runs_join(&r->work, &r->own, &r->changed);
    return error ? error : runs_join(&r->all->held, &r->work, &r->gone);
}

int rounds_put(struct rounds *all,
               struct dirty *dirty,
               struct tracee *t,
               struct memory_writer *w,
               const struct stream *stream,
               bool last)
{
    struct user_regs_struct alive;
    struct round r = {.all = all, .dirty = dirty, .writer = w, .last = last};
    int error = dirty_turn(dirty, t, last, &r.maps);
    if (!error) {
        compare_maps(all, &r.maps);
        all->owed.count = 0;
        error = put_all(&r, stream);
    }
    /* The memory of one that was killed meanwhile looks empty. */
    if (!error && last)
        error = tracee_registers(t, &alive);
    maps_finish(&all->maps);
    all->maps = r.maps;
    runs_finish(&r.own);
    runs_finish(&r.changed);
    runs_finish(&r.part);
    runs_finish(&r.gone);
    runs_finish(&r.work);
    runs_finish(&r.area);
    return error;
}
