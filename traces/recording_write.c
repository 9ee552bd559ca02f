/* recording_write.c - a recording as SWF and, row for row, as TSV. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "recording.h"
#include "sidecar.h"

static const char columns[] =
    "job\tpid\tparent\tstart_ns\texec_ns\tend_ns\tcpu_ns\twait_ns\tpeak_bytes\t"
    "read_bytes\twrite_bytes\tread_calls\twrite_calls\tdisk_read_bytes\t"
    "disk_write_bytes\tthreads\texit\tsignal\tuid\tcomm\n";

/* The rules that a reader of the file needs, and what was on hand. */
static void print_header(FILE *out,
                         const struct recording *recording,
                         const char *command)
{
    struct utsname machine = {0};
    uname(&machine);
    fprintf(
        out,
        "; Version: 2.2\n"
        "; Computer: %s, %ld cores\n"
        "; MaxJobs: %zu\n"
        "; MaxRecords: %zu\n"
        "; UnixStartTime: %" PRId64
        "\n"
        "; MaxProcs: %ld\n"
        "; Note: Recorded by vencejo-trace: one row for each process.\n"
        "; Note: Command: %s\n"
        "; Note: Field 2 is the fork, 4 the time from there to the exit,\n"
        "; Note: 6 the CPU time of the process without its children, 7 its\n"
        "; Note: peak resident memory in KiB. Seconds have decimals.\n"
        "; Note: Field 11 is 1 for exit code 0, else 0. Field 12 is\n"
        "; Note: $VENCEJO_USER, else the uid. Field 14 numbers the names\n"
        "; Note: of programs as they first end in order of rows.\n"
        "; Note: Field 17 names the process that ended last before this\n"
        "; Note: one started, in the sibling subtree that ended last; else\n"
        "; Note: what the parent waited for. Field 18 is the time between.\n"
        "; Note: The TSV beside this file has what SWF has no field for.\n",
        machine.machine, sysconf(_SC_NPROCESSORS_ONLN), recording->count,
        recording->count, recording->began_s, sysconf(_SC_NPROCESSORS_ONLN),
        command);
}

static void print_seconds(FILE *out, uint64_t ns)
{
    uint64_t us = ns / 1000;
    fprintf(out, " %" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
}

/* Rows are counted from 1. Dates are rounded down, so a difference of dates is
 * taken of rounded ones. */
static uint64_t span_ns(uint64_t from_ns, uint64_t until_ns)
{
    return (until_ns / 1000 - from_ns / 1000) * 1000;
}

static void print_row(FILE *out,
                      const struct recording *recording,
                      size_t index,
                      uint32_t program)
{
    const struct life *life = &recording->lives[index];
    fprintf(out, "%zu", index + 1);
    print_seconds(out, life->start_ns);
    fputs(" 0", out);
    /* Less than 1 us would read as a row that never ran. */
    uint64_t length_ns = span_ns(life->start_ns, life->end_ns);
    print_seconds(out, length_ns > 0 ? length_ns : 1000);
    fputs(" 1", out);
    if (life->has_figures)
        print_seconds(out, life->cpu_ns < 1000 ? 1000 : life->cpu_ns);
    else
        fputs(" -1", out);
    if (life->peak_bytes == LIFE_UNKNOWN)
        fputs(" -1", out);
    else
        fprintf(out, " %" PRIu64, life->peak_bytes / 1024);
    fprintf(out, " 1 -1 -1 %d %" PRIu32 " -1 %" PRIu32 " -1 -1",
            life->has_ended && life->status == 0,
            life->user != LIFE_NONE ? life->user : life->uid, program);
    if (life->after == LIFE_NONE) {
        fputs(" -1 -1\n", out);
        return;
    }
    fprintf(out, " %" PRIu32, life->after + 1);
    print_seconds(
        out, span_ns(recording->lives[life->after].end_ns, life->start_ns));
    fputc('\n', out);
}

/* Names numbered from 1 as they first appear. Programs are few. */
static uint32_t number_of(const struct recording *recording,
                          size_t index,
                          uint32_t *numbers)
{
    uint32_t most = 0;
    for (size_t i = 0; i < index; i++) {
        if (strcmp(recording->lives[i].name, recording->lives[index].name) == 0)
            return numbers[i];
        if (most < numbers[i])
            most = numbers[i];
    }
    return most + 1;
}

static int print_swf(FILE *out,
                     const struct recording *recording,
                     const char *command)
{
    uint32_t *numbers = calloc(recording->count + 1, sizeof *numbers);
    if (!numbers)
        return -ENOMEM;
    print_header(out, recording, command);
    for (size_t i = 0; i < recording->count; i++) {
        numbers[i] = number_of(recording, i, numbers);
        print_row(out, recording, i, numbers[i]);
    }
    free(numbers);
    return 0;
}

static void print_known(FILE *out, bool known, uint64_t value)
{
    if (known && value != LIFE_UNKNOWN)
        fprintf(out, "\t%" PRIu64, value);
    else
        fputs("\t-1", out);
}

static void print_tsv_row(FILE *out, const struct life *life, size_t index)
{
    const uint64_t figures[] = {
        life->cpu_ns,       life->wait_ns,         life->peak_bytes,
        life->read_bytes,   life->write_bytes,     life->read_calls,
        life->write_calls,  life->disk_read_bytes, life->disk_write_bytes,
        life->thread_count,
    };
    fprintf(out, "%zu\t%d", index + 1, (int)life->pid);
    print_known(out, life->parent != LIFE_NONE, (uint64_t)life->parent + 1);
    print_known(out, true, life->start_ns);
    print_known(out, true, life->exec_ns);
    print_known(out, life->has_ended, life->end_ns);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        print_known(out, life->has_figures, figures[i]);
    bool exited = life->has_ended && WIFEXITED(life->status);
    bool killed = life->has_ended && WIFSIGNALED(life->status);
    print_known(out, exited, (uint64_t)WEXITSTATUS(life->status));
    print_known(out, killed, (uint64_t)WTERMSIG(life->status));
    fprintf(out, "\t%" PRIu32 "\t%s\n", life->uid, life->name);
}

static int print_tsv(FILE *out, const struct recording *recording)
{
    fputs(columns, out);
    for (size_t i = 0; i < recording->count; i++)
        print_tsv_row(out, &recording->lives[i], i);
    return 0;
}

static int write_one(const struct recording *recording,
                     const char *command,
                     const char *path,
                     struct complaint *ret_complaint)
{
    char *text = NULL;
    size_t text_bytes = 0;
    FILE *out = open_memstream(&text, &text_bytes);
    int error = -ENOMEM;
    if (out)
        error = command ? print_swf(out, recording, command)
                        : print_tsv(out, recording);
    if (out && fclose(out))
        error = -ENOMEM;
    if (error)
        complain(ret_complaint, error, path, 0, 0, "no memory left");
    else
        error = file_write(path, text, text_bytes, ret_complaint);
    free(text);
    return error;
}

int recording_write(const struct recording *recording,
                    const char *command,
                    const char *path,
                    struct complaint *ret_complaint)
{
    char *tsv_path = sidecar_name(path);
    int error = 0;
    if (!tsv_path)
        error = complain(ret_complaint, -ENOMEM, path, 0, 0, "no memory left");
    if (!error)
        error = write_one(recording, NULL, tsv_path, ret_complaint);
    if (!error)
        error = write_one(recording, command, path, ret_complaint);
    free(tsv_path);
    return error;
}
