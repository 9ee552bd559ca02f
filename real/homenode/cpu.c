/* cpu.c - see cpu.h. Leaves and bits: Intel SDM volume 2A, CPUID; AMD APM
 * volume 3, appendix E. */
#include "cpu.h"

#include <cpuid.h>
#include <string.h>

enum {
    FEATURE_WORDS = 10,
    STATE_FIRST = 2, /* 0 and 1 have their places in the legacy area. */
    STATES_KNOWN = 2 * (WIRE_CPU_WORDS - FEATURE_WORDS),
    LEAF_STATES = 0xd,
    OSXSAVE = 1 << 27,
};

/* Which register of which leaf is in which word, and which of its bits programs
 * do not use or cannot: those of hypervisors, kernels, power, debugging. */
enum cpu_register { EAX, EBX, ECX, EDX };
static const struct
{
    uint32_t leaf;
    uint32_t subleaf;
    enum cpu_register from;
    uint32_t ignored;
} features[FEATURE_WORDS] = {
    /* DTES64 MONITOR DS-CPL VMX SMX EIST TM2 CNXT-ID SDBG xTPR PDCM PCID DCA
     * x2APIC TSC-deadline hypervisor. */
    {1, 0, ECX, 0x8126cdfc},
    /* VME DE PSE MSR PAE MCE APIC MTRR PGE MCA PAT PSE-36 PSN DS ACPI SS HTT
     * TM PBE. */
    {1, 0, EDX, 0xb86772ee},
    /* TSC_ADJUST SGX FDP_EXCPTN SMEP INVPCID RDT-M FCS_FDS RDT-A SMAP PT. */
    {7, 0, EBX, 0x0210b4c6},
    /* UMIP TME LA57 MAWAU KL BUS_LOCK SGX_LC PKS. */
    {7, 0, ECX, 0xc1bf2004},
    /* SGX-KEYS SRBDS MD_CLEAR RTM_ABORT HYBRID PCONFIG LBR IBRS STIBP
     * L1D_FLUSH ARCH_CAPS CORE_CAPS SSBD. */
    {7, 0, EDX, 0xfc0cae02},
    /* PERFMON FRED LKGS HRESET LAM. */
    {7, 1, EAX, 0x04460100},
    /* XSAVES XFD: the kernel's. */
    {LEAF_STATES, 1, EAX, 0x00000018},
    /* CmpLegacy SVM ExtApic AltMovCr8 OSVW IBS SKINIT WDT TCE TOPOEXT PERF*
     * DBX. */
    {0x80000001, 0, ECX, 0x5dc2361e},
    /* all but SYSCALL MMXEXT FXSR RDTSCP LM 3DNOW. */
    {0x80000001, 0, EDX, 0x15bff7ff},
    /* all but CLZERO RDPRU. */
    {0x80000008, 0, EBX, 0xffffffee},
};

static uint32_t read_register(uint32_t leaf,
                              uint32_t subleaf,
                              enum cpu_register from)
{
    uint32_t registers[4] = {0};
    if (!__get_cpuid_count(leaf, subleaf, &registers[EAX], &registers[EBX],
                           &registers[ECX], &registers[EDX]))
        return 0;
    return registers[from];
}

uint64_t cpu_extended_states(void)
{
    uint32_t low;
    uint32_t high;
    if ((read_register(1, 0, ECX) & OSXSAVE) == 0)
        return 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

void cpu_words(uint32_t ret_words[WIRE_CPU_WORDS])
{
    memset(ret_words, 0, WIRE_CPU_WORDS * sizeof ret_words[0]);
    for (size_t i = 0; i < FEATURE_WORDS; i++)
        ret_words[i] = read_register(features[i].leaf, features[i].subleaf,
                                     features[i].from) &
                       ~features[i].ignored;
    /* Of states 2 to 13; AMX, 17 and 18, lies behind all of these. */
    for (uint32_t i = 0; i < STATES_KNOWN; i++) {
        uint32_t place = read_register(LEAF_STATES, i + STATE_FIRST, EBX);
        ret_words[FEATURE_WORDS + i / 2] |= (place & 0xffff) << i % 2 * 16;
    }
}

static uint32_t place_of(const uint32_t words[WIRE_CPU_WORDS], uint32_t state)
{
    uint32_t i = state - STATE_FIRST;
    return words[FEATURE_WORDS + i / 2] >> i % 2 * 16 & 0xffff;
}

const char *cpu_lacks(const uint32_t has[WIRE_CPU_WORDS],
                      const uint32_t needed[WIRE_CPU_WORDS],
                      uint64_t has_states,
                      uint64_t needed_states)
{
    for (size_t i = 0; i < FEATURE_WORDS; i++)
        if ((needed[i] & ~has[i]) != 0)
            return "its processor lacks instructions that programs here use";
    if ((needed_states & ~has_states) != 0)
        return "its processor or kernel lacks registers that are used here";
    for (uint32_t state = STATE_FIRST; state < STATE_FIRST + STATES_KNOWN;
         state++)
        if ((needed_states >> state & 1) != 0 &&
            place_of(has, state) != place_of(needed, state))
            return "its processor saves registers in other places";
    return NULL;
}
