/* wire.c - see wire.h. Every number is loaded and stored by itself, which
 * compilers join where neighbours of a struct are neighbours on the wire; no
 * struct is ever copied onto it. */
#include "wire.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

enum {
    MEM_UNIT_SHIFT = 16,    /* 64 KiB */
    PAGING_UNIT_SHIFT = 10, /* 1 KiB/s */
    NODE_FLAGS_KNOWN = NODE_STAY | NODE_LOCAL_STAY | NODE_RESERVED | NODE_LENT,
};

/* No machine has more; sums of these stay far from overflow. */
static const uint64_t mem_bytes_max = (uint64_t)1 << 48;

static const usec_t age_max_us = ((usec_t)1 << 48) - 1; /* 48 bits: 9 years. */

/* Bits of the process's flags byte. */
enum {
    PROC_PINNED = 1,
    PROC_LOCKED = 2,
    PROC_HELD = 4,
    PROC_MUST_LEAVE = 8,
    PROC_FLAGS_KNOWN = 15,
};

enum { DECLARED_LOCKED = 1, DECLARED_HELD = 2, DECLARED_FLAGS_KNOWN = 3 };

static void store_u16(uint8_t *at, uint16_t value)
{
    value = htole16(value);
    memcpy(at, &value, sizeof value);
}

void wire_u32(uint8_t *at, uint32_t value)
{
    value = htole32(value);
    memcpy(at, &value, sizeof value);
}

static void store_u64(uint8_t *at, uint64_t value)
{
    value = htole64(value);
    memcpy(at, &value, sizeof value);
}

static uint16_t load_u16(const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return le16toh(value);
}

static uint32_t load_u32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return le32toh(value);
}

static uint64_t load_u64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return le64toh(value);
}

static uint8_t *grow(struct writer *w, size_t count)
{
    assert(w->count + count <= sizeof w->bytes);
    uint8_t *at = w->bytes + w->count;
    w->count += count;
    return at;
}

static const uint8_t *take(struct reader *r, size_t count)
{
    if (r->bad || r->left < count) {
        r->bad = true;
        r->left = 0;
        return NULL;
    }
    const uint8_t *at = r->at;
    r->at += count;
    r->left -= count;
    return at;
}

void put_u8(struct writer *w, uint8_t value)
{
    *grow(w, 1) = value;
}

void put_u16(struct writer *w, uint16_t value)
{
    store_u16(grow(w, 2), value);
}

void put_u32(struct writer *w, uint32_t value)
{
    wire_u32(grow(w, 4), value);
}

void put_u64(struct writer *w, uint64_t value)
{
    store_u64(grow(w, 8), value);
}

uint8_t get_u8(struct reader *r)
{
    const uint8_t *at = take(r, 1);
    return at ? *at : 0;
}

uint16_t get_u16(struct reader *r)
{
    const uint8_t *at = take(r, 2);
    return at ? load_u16(at) : 0;
}

uint32_t get_u32(struct reader *r)
{
    const uint8_t *at = take(r, 4);
    return at ? load_u32(at) : 0;
}

uint64_t get_u64(struct reader *r)
{
    const uint8_t *at = take(r, 8);
    return at ? load_u64(at) : 0;
}

static uint32_t units(uint64_t value, unsigned shift)
{
    uint64_t count = value >> shift;
    return count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

struct node_word node_word_of(const struct node_info *info)
{
    return (struct node_word){
        .id = info->id,
        .cluster = info->cluster,
        .core_count = info->core_count,
        .speed_milli = info->speed_milli,
        .load_milli = info->load_milli,
        .utilisation_milli = info->utilisation_milli,
        .guest_count = info->guest_count,
        .grid_guest_count = info->grid_guest_count,
        .grid_guest_limit = info->grid_guest_limit,
        .frozen_count = info->frozen_count,
        .priority = info->priority,
        .state = info->state,
        .flags = info->flags,
        .mem_total_units = units(info->mem_total_bytes, MEM_UNIT_SHIFT),
        .mem_free_units = units(info->mem_free_bytes, MEM_UNIT_SHIFT),
        .swap_total_units = units(info->swap_total_bytes, MEM_UNIT_SHIFT),
        .swap_free_units = units(info->swap_free_bytes, MEM_UNIT_SHIFT),
        .freeze_total_units = units(info->freeze_total_bytes, MEM_UNIT_SHIFT),
        .freeze_free_units = units(info->freeze_free_bytes, MEM_UNIT_SHIFT),
        .paging_kib_per_s = units(info->paging_bytes_per_s, PAGING_UNIT_SHIFT),
    };
}

/* restrict lets neighbours be copied together. */
static void store_word(uint8_t *restrict at,
                       const struct node_word *restrict word,
                       usec_t age_us)
{
    usec_t age = age_us < age_max_us ? age_us : age_max_us;
    wire_u32(at, word->id);
    store_u16(at + 4, word->cluster);
    store_u16(at + 6, word->core_count);
    wire_u32(at + 8, word->speed_milli);
    wire_u32(at + 12, word->load_milli);
    store_u16(at + 16, word->utilisation_milli);
    store_u16(at + 18, word->guest_count);
    store_u16(at + 20, word->grid_guest_count);
    store_u16(at + 22, word->grid_guest_limit);
    store_u16(at + 24, word->frozen_count);
    store_u16(at + 26, word->priority);
    at[28] = word->state;
    at[29] = word->flags;
    store_u16(at + 30, (uint16_t)(age >> 32));
    wire_u32(at + 32, word->mem_total_units);
    wire_u32(at + 36, word->mem_free_units);
    wire_u32(at + 40, word->swap_total_units);
    wire_u32(at + 44, word->swap_free_units);
    wire_u32(at + 48, word->freeze_total_units);
    wire_u32(at + 52, word->freeze_free_units);
    wire_u32(at + 56, word->paging_kib_per_s);
    wire_u32(at + 60, (uint32_t)age);
}

void put_word(struct writer *w, const struct node_word *word, usec_t age_us)
{
    store_word(grow(w, NODE_WORD_WIRE_BYTES), word, age_us);
}

static void load_word(const uint8_t *restrict at,
                      struct node_word *restrict ret_word,
                      usec_t *restrict ret_age_us)
{
    ret_word->id = load_u32(at);
    ret_word->cluster = load_u16(at + 4);
    ret_word->core_count = load_u16(at + 6);
    ret_word->speed_milli = load_u32(at + 8);
    ret_word->load_milli = load_u32(at + 12);
    ret_word->utilisation_milli = load_u16(at + 16);
    ret_word->guest_count = load_u16(at + 18);
    ret_word->grid_guest_count = load_u16(at + 20);
    ret_word->grid_guest_limit = load_u16(at + 22);
    ret_word->frozen_count = load_u16(at + 24);
    ret_word->priority = load_u16(at + 26);
    ret_word->state = at[28];
    ret_word->flags = at[29];
    ret_word->reserved = 0;
    ret_word->mem_total_units = load_u32(at + 32);
    ret_word->mem_free_units = load_u32(at + 36);
    ret_word->swap_total_units = load_u32(at + 40);
    ret_word->swap_free_units = load_u32(at + 44);
    ret_word->freeze_total_units = load_u32(at + 48);
    ret_word->freeze_free_units = load_u32(at + 52);
    ret_word->paging_kib_per_s = load_u32(at + 56);
    *ret_age_us = (usec_t)load_u16(at + 30) << 32 | load_u32(at + 60);
}

static inline bool word_is_possible(const struct node_word *word)
{
    return word->id != NODE_NONE && word->core_count > 0 &&
           word->speed_milli > 0 && word->utilisation_milli <= 1000 &&
           word->grid_guest_count <= word->guest_count &&
           word->state <= NODE_GONE && !(word->flags & ~NODE_FLAGS_KNOWN) &&
           word->mem_free_units <= word->mem_total_units &&
           word->swap_free_units <= word->swap_total_units &&
           word->freeze_free_units <= word->freeze_total_units;
}

bool get_word(struct reader *r, struct node_word *ret_word, usec_t *ret_age_us)
{
    if (r->left == 0)
        return false;
    const uint8_t *at = take(r, NODE_WORD_WIRE_BYTES);
    if (!at)
        return false;
    load_word(at, ret_word, ret_age_us);
    if (word_is_possible(ret_word))
        return true;
    r->bad = true;
    r->left = 0;
    return false;
}

size_t get_words(struct reader *r,
                 usec_t now_us,
                 struct learned *ret_words,
                 size_t max)
{
    size_t count = r->left / NODE_WORD_WIRE_BYTES;
    if (count > max)
        count = max;
    bool good =
        !r->bad && (r->left % NODE_WORD_WIRE_BYTES == 0 || count == max);
    for (size_t i = 0; i < count; i++) {
        usec_t age_us;
        load_word(r->at + i * NODE_WORD_WIRE_BYTES, &ret_words[i].word,
                  &age_us);
        ret_words[i].measured_us = age_us < now_us ? now_us - age_us : 0;
        good &= word_is_possible(&ret_words[i].word);
    }
    r->at += count * NODE_WORD_WIRE_BYTES;
    r->left = good ? r->left - count * NODE_WORD_WIRE_BYTES : 0;
    r->bad = !good;
    return good ? count : 0;
}

void put_proc(struct writer *w, const struct proc_info *proc)
{
    put_u64(w, proc->id);
    put_u32(w, proc->home);
    put_u32(w, proc->came_from);
    put_u16(w, proc->home_cluster);
    put_u16(w, proc->class_number);
    put_u16(w, proc->priority);
    put_u16(w, proc->move_count);
    put_u32(w, proc->user);
    put_u32(w, proc->job);
    put_u32(w, proc->program);
    put_u32(w, proc->width);
    put_u32(w, proc->queue_rank);
    put_u32(w, proc->cpu_milli);
    put_u32(w, proc->sibling_node);
    put_u32(w, proc->home_calls_per_s);
    put_u8(w, proc->state);
    put_u8(w, (uint8_t)((proc->pinned ? PROC_PINNED : 0) |
                        (proc->locked ? PROC_LOCKED : 0) |
                        (proc->held ? PROC_HELD : 0) |
                        (proc->must_leave ? PROC_MUST_LEAVE : 0)));
    put_u64(w, proc->mem_bytes);
    put_u64(w, proc->mem_declared_bytes);
    put_u64(w, proc->dirty_bytes_per_s);
    put_u64(w, proc->home_bytes_per_s);
    put_u64(w, proc->sibling_bytes_per_s);
    put_u64(w, proc->cpu_used_us);
    put_u64(w, proc->cpu_declared_us);
}

bool get_proc(struct reader *r, struct proc_info *ret_proc)
{
    struct proc_info proc = {.id = get_u64(r)};
    proc.home = get_u32(r);
    proc.came_from = get_u32(r);
    proc.home_cluster = get_u16(r);
    proc.class_number = get_u16(r);
    proc.priority = get_u16(r);
    proc.move_count = get_u16(r);
    proc.user = get_u32(r);
    proc.job = get_u32(r);
    proc.program = get_u32(r);
    proc.width = get_u32(r);
    proc.queue_rank = get_u32(r);
    proc.cpu_milli = get_u32(r);
    proc.sibling_node = get_u32(r);
    proc.home_calls_per_s = get_u32(r);
    proc.state = get_u8(r);
    uint8_t flags = get_u8(r);
    proc.pinned = flags & PROC_PINNED;
    proc.locked = flags & PROC_LOCKED;
    proc.held = flags & PROC_HELD;
    proc.must_leave = flags & PROC_MUST_LEAVE;
    proc.mem_bytes = get_u64(r);
    proc.mem_declared_bytes = get_u64(r);
    proc.dirty_bytes_per_s = get_u64(r);
    proc.home_bytes_per_s = get_u64(r);
    proc.sibling_bytes_per_s = get_u64(r);
    proc.cpu_used_us = get_u64(r);
    proc.cpu_declared_us = get_u64(r);
    if (proc.id == 0 || proc.home == NODE_NONE || proc.width == 0 ||
        proc.state > PROC_LEAVING || proc.mem_bytes > mem_bytes_max ||
        proc.mem_declared_bytes > mem_bytes_max || flags > PROC_FLAGS_KNOWN)
        r->bad = true;
    if (r->bad)
        return false;
    *ret_proc = proc;
    return true;
}

void put_declared(struct writer *w, const struct declared *declared)
{
    put_u64(w, declared->mem_bytes);
    put_u64(w, declared->cpu_us);
    put_u32(w, declared->job);
    put_u32(w, declared->width);
    put_u32(w, declared->queue_rank);
    put_u16(w, declared->class_number);
    put_u16(w, declared->priority);
    put_u8(w, (uint8_t)((declared->locked ? DECLARED_LOCKED : 0) |
                        (declared->held ? DECLARED_HELD : 0)));
}

bool get_declared(struct reader *r, struct declared *ret_declared)
{
    struct declared declared = {.mem_bytes = get_u64(r)};
    declared.cpu_us = get_u64(r);
    declared.job = get_u32(r);
    declared.width = get_u32(r);
    declared.queue_rank = get_u32(r);
    declared.class_number = get_u16(r);
    declared.priority = get_u16(r);
    uint8_t flags = get_u8(r);
    declared.locked = flags & DECLARED_LOCKED;
    declared.held = flags & DECLARED_HELD;
    if (declared.width == 0 || declared.mem_bytes > mem_bytes_max ||
        flags > DECLARED_FLAGS_KNOWN)
        r->bad = true;
    if (r->bad)
        return false;
    *ret_declared = declared;
    return true;
}

void frame_head(uint8_t *bytes,
                enum frame_kind kind,
                const struct node_info *sender,
                uint32_t digest)
{
    bytes[0] = FRAME_MAGIC;
    bytes[1] = (uint8_t)kind;
    struct node_word word = node_word_of(sender);
    store_word(bytes + 2, &word, 0);
    wire_u32(bytes + 2 + NODE_WORD_WIRE_BYTES, digest);
}

bool frame_read(const uint8_t *bytes, size_t count, struct frame *ret_frame)
{
    if (count < FRAME_HEAD_BYTES || bytes[0] != FRAME_MAGIC ||
        bytes[1] < FRAME_POLICY || FRAME_KINDS <= bytes[1])
        return false;
    struct reader r = {.at = bytes + 2, .left = count - 2};
    if (!get_word(&r, &ret_frame->sender, &ret_frame->age_us))
        return false;
    ret_frame->digest = get_u32(&r);
    ret_frame->kind = (enum frame_kind)bytes[1];
    ret_frame->body = r;
    return true;
}
