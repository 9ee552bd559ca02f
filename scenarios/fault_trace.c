/* fault_trace.c - trace: of faults: lines "node<TAB>down s<TAB>up s". Each is a
 * crash of a node and its repair. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../traces/file.h"
#include "tsv.h"

/* A line, to be compared with others of its node. */
struct outage
{
    struct scenario_fault fault;
    size_t line;
};

struct outages
{
    struct outage *list;
    size_t count;
};

static int by_node(const void *a, const void *b)
{
    const struct outage *x = a;
    const struct outage *y = b;
    if (x->fault.nodes.first != y->fault.nodes.first)
        return x->fault.nodes.first < y->fault.nodes.first ? -1 : 1;
    if (x->fault.at_us != y->fault.at_us)
        return x->fault.at_us < y->fault.at_us ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

static int by_line(const void *a, const void *b)
{
    const struct outage *x = a;
    const struct outage *y = b;
    return (x->line > y->line) - (x->line < y->line);
}

static int read_row(struct key_reader *r,
                    const struct item *row,
                    struct scenario_fault *ret_fault)
{
    node_id node = 0;
    uint64_t down_us = 0;
    uint64_t up_us = 0;
    if (row->count != 3)
        return key_refuse(r, &row->at,
                          "%zu cells, write the node, when it goes down and "
                          "when it is up again in seconds, with tabs between",
                          row->count);
    int error = node_read(r, &row->items[0], "node", &node);
    if (!error)
        error = tsv_seconds(r, &row->items[1], "down", &down_us);
    if (!error)
        error = tsv_seconds(r, &row->items[2], "up", &up_us);
    if (!error && up_us <= down_us)
        return key_refuse(r, &row->items[2].at,
                          "up: '%s' is not after down, swap them",
                          row->items[2].text);
    *ret_fault = (struct scenario_fault){.kind = FAULT_CRASH,
                                         .at_us = down_us,
                                         .for_us = up_us - down_us,
                                         .nodes = {node, node},
                                         .from_trace = true};
    return error;
}

static int add_row(struct key_reader *r,
                   const struct item *row,
                   struct outages *outages)
{
    /* Room doubles, at each power of two. */
    size_t count = outages->count;
    if ((count & (count - 1)) == 0) {
        struct outage *list = reallocarray(
            outages->list, count > 0 ? 2 * count : 1, sizeof *list);
        if (!list)
            return key_refuse_memory(r);
        outages->list = list;
    }
    struct outage *outage = &outages->list[outages->count];
    outage->line = row->at.line;
    int error = read_row(r, row, &outage->fault);
    outages->count += !error;
    return error;
}

/* A node that is down cannot go down. */
static int check_overlaps(struct key_reader *r,
                          const char *name,
                          struct outages *outages)
{
    const struct outage *bad = NULL;
    const struct outage *other = NULL;
    if (outages->count == 0)
        return 0;
    qsort(outages->list, outages->count, sizeof *outages->list, by_node);
    for (size_t i = 1; i < outages->count; i++) {
        const struct outage *a = &outages->list[i - 1];
        const struct outage *b = &outages->list[i];
        if (a->fault.nodes.first != b->fault.nodes.first ||
            a->fault.at_us + a->fault.for_us <= b->fault.at_us)
            continue;
        const struct outage *later = a->line < b->line ? b : a;
        if (!bad || later->line < bad->line) {
            bad = later;
            other = later == a ? b : a;
        }
    }
    if (bad)
        return key_refuse(r, &(struct place){name, bad->line, 1},
                          "node %u is down at that time by line %zu already, "
                          "remove one or join them",
                          bad->fault.nodes.first, other->line);
    qsort(outages->list, outages->count, sizeof *outages->list, by_line);
    return 0;
}

static int append(struct key_reader *r,
                  const struct outages *outages,
                  struct scenario_faults *faults)
{
    struct scenario_fault *list = reallocarray(
        faults->list, faults->count + outages->count + 1, sizeof *list);
    if (!list)
        return key_refuse_memory(r);
    faults->list = list;
    for (size_t i = 0; i < outages->count; i++)
        list[faults->count++] = outages->list[i].fault;
    return dated_sort(r, list, faults->count, sizeof *list,
                      offsetof(struct scenario_fault, at_us));
}

int fault_trace_parse(struct key_reader *r,
                      const char *text,
                      size_t text_bytes,
                      const char *name,
                      struct scenario_faults *faults)
{
    struct tsv tsv = {.at = text, .end = text + text_bytes, .name = name};
    struct outages outages = {0};
    struct item row;
    int more;
    while ((more = tsv_next(r, &tsv, &row)) > 0) {
        int error = add_row(r, &row, &outages);
        item_finish(&row);
        if (error) {
            more = error;
            break;
        }
    }
    int error = more;
    if (!error)
        error = check_overlaps(r, name, &outages);
    if (!error)
        error = append(r, &outages, faults);
    free(outages.list);
    return error;
}

int fault_trace_read(struct key_reader *r,
                     const struct item *item,
                     void *object)
{
    struct scenario_faults *faults = object;
    struct file_text text;
    int error = named_file_read(r, item, "trace", &faults->trace_path,
                                &faults->trace_written);
    if (!error)
        error = file_open(faults->trace_path, &text, r->complaint);
    if (error)
        return error;
    error = fault_trace_parse(r, text.start, text.byte_count,
                              faults->trace_path, faults);
    file_close(&text);
    return error;
}

void fault_trace_print(struct key_printer *p, const void *object)
{
    const struct scenario_faults *faults = object;
    named_file_print(p, faults->trace_path, faults->trace_written);
}
