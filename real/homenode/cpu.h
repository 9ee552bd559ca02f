/* cpu.h - what programs find out about this processor, and keep in mind.
 *
 * The C library chooses functions by CPUID when a program begins, and a program
 * does not ask again. So a processor it moves to must have all that was there,
 * and save it in the same places.
 */
#ifndef REAL_HOMENODE_CPU_H
#define REAL_HOMENODE_CPU_H

#include "wire.h"

/* Words 0 to 9 are feature bits, each of which means something that is there;
 * the rest are places of extended states in the XSAVE area, 16 bits each. */
void cpu_words(uint32_t ret_words[WIRE_CPU_WORDS]);

/* XCR0: the states that the kernel saves; 0 if there is no XSAVE. */
uint64_t cpu_extended_states(void);

/* NULL if what runs on the one, whose states are those, can run on the other;
 * else what the other lacks, a literal. */
const char *cpu_lacks(const uint32_t has[WIRE_CPU_WORDS],
                      const uint32_t needed[WIRE_CPU_WORDS],
                      uint64_t has_states,
                      uint64_t needed_states);

#endif /* REAL_HOMENODE_CPU_H */
