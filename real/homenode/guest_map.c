/* guest_map.c - a file is mapped away from home: memory of the body's own with
 * what home reads of the file. So a private mapping is as it was, and one that
 * is shared but can never be written through shows the file as it is now.
 */
#include "guest_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { FLAGS_KEPT = MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_32BIT };

static uint64_t whole_pages(uint64_t bytes)
{
    return (bytes + TRACEE_PAGE_BYTES - 1) & ~(uint64_t)(TRACEE_PAGE_BYTES - 1);
}

/* Make one of our calls in the stopped body. */
static int make_call(struct guest *g, struct tracee_call *call)
{
    int error = tracee_run_one(&g->body, call);
    if (error)
        return error;
    return call->result < 0 && call->result > -4096 ? (int)call->result : 0;
}

/* The body goes on with this result of its call. */
static int map_end(struct guest *g, int64_t result)
{
    struct guest_mapping *m = &g->mapping;
    m->registers.rax = (unsigned long long)result;
    m->is = false;
    int error = guest_take_back(g);
    if (!error)
        error = tracee_set_registers(&g->body, &m->registers);
    if (!error && g->arrived.count > 0 &&
        ptrace(PTRACE_INTERRUPT, g->body.pid, NULL, NULL) < 0)
        error = -errno;
    return error ? error : guest_continue(g, 0);
}

static int protect(struct guest *g)
{
    uint64_t protection = g->call.arguments[2];
    struct tracee_call call = {
        SYS_mprotect,
        {g->mapping.at, g->mapping.bytes, protection, 0, 0, 0},
        0};
    int error =
        protection == (PROT_READ | PROT_WRITE) ? 0 : make_call(g, &call);
    if (error == -ESRCH)
        return error;
    return map_end(g, error ? error : (int64_t)g->mapping.at);
}

static int piece_read(struct guest *g, int64_t result);

static int read_piece(struct guest *g)
{
    struct guest_mapping *m = &g->mapping;
    uint64_t left = m->file_bytes - m->done;
    uint64_t arguments[6] = {
        g->call.arguments[4], (uint64_t)(uintptr_t)g->piece,
        left < CALL_PART_BYTES ? left : CALL_PART_BYTES, m->file_at + m->done};
    if (left == 0)
        return protect(g);
    int error =
        guest_ask(g, SYS_pread64, arguments, &g->own_memory, piece_read);
    return error == -ENOTSUP || guest_is_result(error) ? -EIO : error;
}

static int piece_read(struct guest *g, int64_t result)
{
    struct guest_mapping *m = &g->mapping;
    if (result <= 0) /* The file got shorter: zeros. */
        return protect(g);
    int error =
        g->body_memory.write(g, m->at + m->done, g->piece, (size_t)result);
    m->done += (uint64_t)result;
    return error ? error : read_piece(g);
}

/* The body stops, in the middle of its call, and gets memory for the file. */
static int make_room(struct guest *g)
{
    struct guest_mapping *m = &g->mapping;
    const uint64_t *arguments = g->call.arguments;
    int error = guest_stop(g, -GUEST_RESTART);
    if (!error)
        error = tracee_registers(&g->body, &m->registers);
    if (error)
        return error;
    m->is = true;
    struct tracee_call call = {
        SYS_mmap,
        {arguments[0], m->bytes, PROT_READ | PROT_WRITE,
         (arguments[3] & FLAGS_KEPT) | MAP_PRIVATE | MAP_ANONYMOUS, UINT64_MAX,
         0},
        0};
    error = make_call(g, &call);
    if (error == -ESRCH)
        return error;
    if (error)
        return map_end(g, error);
    m->at = (uint64_t)call.result;
    return read_piece(g);
}

static int access_told(struct guest *g, int64_t result)
{
    bool private = (g->call.arguments[3] & MAP_TYPE) == MAP_PRIVATE;
    int access = (int)(result & O_ACCMODE);
    bool can_be = private ? access != O_WRONLY : access == O_RDONLY;
    return result < 0 || !can_be ? guest_go_home_for(g) : make_room(g);
}

static int status_told(struct guest *g, int64_t result)
{
    struct guest_mapping *m = &g->mapping;
    struct stat status;
    memcpy(&status, g->scratch, sizeof status);
    if (result != 0 || !S_ISREG(status.st_mode))
        return guest_go_home_for(g); /* Which knows the error. */
    uint64_t size = (uint64_t)status.st_size;
    m->bytes = whole_pages(g->call.arguments[1]);
    m->file_at = g->call.arguments[5];
    m->done = 0;
    m->file_bytes = size > m->file_at ? size - m->file_at : 0;
    if (m->file_bytes > m->bytes)
        m->file_bytes = m->bytes;
    /* A shared one could be made writable later, and even a private one needs a
     * file that can be read. */
    if ((g->call.arguments[3] & MAP_TYPE) == MAP_PRIVATE && m->file_bytes > 0)
        return make_room(g);
    uint64_t arguments[6] = {g->call.arguments[4], F_GETFL};
    int error = guest_ask(g, SYS_fcntl, arguments, &g->own_memory, access_told);
    return error == -ENOTSUP || guest_is_result(error) ? guest_go_home_for(g)
                                                       : error;
}

int guest_map_file(struct guest *g)
{
    const uint64_t *arguments = g->call.arguments;
    uint64_t bytes = whole_pages(arguments[1]);
    uint64_t flags = arguments[3];
    uint64_t known = MAP_TYPE | FLAGS_KEPT | MAP_DENYWRITE | MAP_EXECUTABLE |
                     MAP_NORESERVE | MAP_POPULATE | MAP_STACK;
    bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;
    bool writable = (arguments[2] & PROT_WRITE) != 0;
    bool whole = arguments[5] % TRACEE_PAGE_BYTES == 0 && bytes > 0 &&
                 bytes < MEMORY_END;
    if ((flags & ~known) != 0 || (shared && writable) || !whole)
        return guest_go_home_for(g);
    uint64_t ask[6] = {arguments[4], (uint64_t)(uintptr_t)g->scratch};
    int error = guest_ask(g, SYS_fstat, ask, &g->own_memory, status_told);
    return error == -ENOTSUP || guest_is_result(error) ? guest_go_home_for(g)
                                                       : error;
}
