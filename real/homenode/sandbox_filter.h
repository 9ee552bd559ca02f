/* sandbox_filter.h - the seccomp filter of a guest, as a program of classic
 * BPF, seccomp(2).
 */
#ifndef REAL_HOMENODE_SANDBOX_FILTER_H
#define REAL_HOMENODE_SANDBOX_FILTER_H

#include <linux/filter.h>
#include <stddef.h>

enum { SANDBOX_FILTER_MAX = 512 };

/* Foreign architectures and x32 kill; what reaches nothing but the caller's own
 * memory, signals and clocks passes; all else is told. */
void sandbox_filter_build(struct sock_filter ret[SANDBOX_FILTER_MAX],
                          size_t *ret_count);

#endif /* REAL_HOMENODE_SANDBOX_FILTER_H */
