/* keys.h - the keys of a scenario as tables: read, checked and printed alike.
 *
 * Each part of the file is a section: a mapping whose keys fill the fields of
 * one struct. A key says what its value is, which values are possible, and
 * what holds where the file is silent, as text that is read like any other.
 * docs/scenario.md is checked against these tables.
 */
#ifndef SCENARIOS_KEYS_H
#define SCENARIOS_KEYS_H

#include <stdio.h>

#include "document.h"
#include "quantity.h"
#include "scenario.h"

/* What is being read, for everything that reads a part of it. */
struct key_reader
{
    struct scenario *scenario;
    const char *folder;          /* Paths are relative to it. */
    enum quantity_kind law_unit; /* Of the law being read. */
    struct complaint *complaint;
};

struct key_printer
{
    FILE *out;
    const struct scenario *scenario;
    const char *folder; /* Write paths so that they open from here; NULL: as
                         * they were written. */
    int indent;         /* Of the line at hand. */
    enum quantity_kind law_unit;
};

enum key_kind {
    KEY_COUNT,     /* uint64_t */
    KEY_COUNT16,   /* uint16_t */
    KEY_COUNT32,   /* uint32_t */
    KEY_BYTES,     /* uint64_t */
    KEY_SPAN,      /* uint64_t, us */
    KEY_MILLI,     /* uint32_t, thousandths */
    KEY_NUMBER,    /* double */
    KEY_SECONDS,   /* double */
    KEY_RATE,      /* double, bytes per second */
    KEY_BANDWIDTH, /* double, bytes per second */
    KEY_FREQUENCY, /* double, per second */
    KEY_OF_LAW,    /* double, whole us or bytes */
    KEY_CHOICE,    /* enum: index of the word among choices */
    KEY_YES_NO,    /* bool; false or no, true or yes */
    KEY_TEXT,      /* char *, owned; NULL if not given */
    KEY_SECTION,   /* a struct of its own, inside this one */
    KEY_OWN,       /* read and print do it, given the whole struct */
};

/* Least of what must be more than 0. */
#define ABOVE_ZERO 2.2250738585072014e-308

struct key
{
    const char *name; /* NULL ends the table. */
    enum key_kind kind;
    size_t offset;
    const char *fallback; /* NULL: nothing is done where it is not given. */
    bool required;
    double min;        /* Of quantities, in the unit of the field. */
    double max;        /* 0: whatever the field holds. */
    const char *word;  /* Stands for word_value, which no number may say; */
    double word_value; /* 2^64 is UINT64_MAX. */
    const char *const *choices; /* Ends with NULL. */
    const struct section *section;
    int (*read)(struct key_reader *r, const struct item *item, void *object);
    void (*print)(struct key_printer *p, const void *object);
    bool (*given)(const void *object); /* Print it at all? NULL: yes. */
    bool lines; /* OWN: printed on lines of its own, or with its own space. */
};

/* How the value of a quantity is read and kept. */
struct key_storage
{
    enum quantity_kind quantity;
    bool exact;   /* A whole number, uint64_t or narrower; else a double. */
    size_t bytes; /* 0: it is no quantity. */
    const char *example;
};
struct key_storage key_storage(const struct key *key,
                               enum quantity_kind law_unit);
extern const char *const key_yes_no[];

struct section
{
    const char *name; /* As docs/scenario.md calls it. */
    const struct key *keys;
    bool one_line; /* Printed as {key: value, ...}. */
};

/* Every section that there is; ends with NULL. */
extern const struct section *const scenario_sections[];

/* Fill object from a mapping: all keys known, the required there, the others
 * their fallback. item NULL: nothing was written. 0, or negative errno. */
int section_read(struct key_reader *r,
                 const struct section *section,
                 const struct item *item,
                 void *object);

/* One value, by the rule of its key. */
int key_read(struct key_reader *r,
             const struct key *key,
             const struct item *item,
             void *object);
const struct key *key_find(const struct section *section, const char *name);

/* Complain of an unknown key at item, with what may be meant. names ends with
 * NULL; what: "key", "policy", ...; where: "in wan", "". */
int key_refuse_unknown(struct key_reader *r,
                       const struct place *at,
                       const char *what,
                       const char *text,
                       const char *where,
                       const char *const *names);

/* Complain at a place; returns -EINVAL. */
int key_refuse(struct key_reader *r,
               const struct place *at,
               const char *text,
               ...) __attribute__((format(printf, 3, 4)));
int key_refuse_memory(struct key_reader *r);

/* Complain unless it is of that kind; name: what it is the value of. */
int item_expect(struct key_reader *r,
                const struct item *item,
                enum item_kind kind,
                const char *name);

/* Complain of an empty, overlong or unprintable text. */
int key_text_check(struct key_reader *r,
                   const struct item *item,
                   const char *name);

/* True unless it has control characters, and those of Unicode that YAML takes
 * for line breaks or allows as escapes only. */
bool text_is_one_line(const char *text);

/* Where to point for what an item lacks: at its key, if it has one. */
const struct place *item_place(const struct item *item);

/* ---- Printing. ----------------------------------------------------------- */

void section_print(struct key_printer *p,
                   const struct section *section,
                   const void *object);

/* Begin a line: a newline (but for the first) and the indent. */
void key_print_line(struct key_printer *p);

/* A text as a YAML scalar, quoted where it must be. */
void key_print_text(struct key_printer *p, const char *text);
void section_print_one_line(struct key_printer *p,
                            const struct section *section,
                            const void *object);

/* ---- Sections and keys by file. ------------------------------------------ */

/* models.c */
extern const struct section memory_section;
extern const struct section migration_section;
extern const struct section process_section;
extern const struct section forwarding_section;
extern const struct section checkpoint_section;

/* freeze.c */
extern const struct section freeze_section;
extern const struct section freeze_class_section;
extern const struct section flood_section;

/* clusters.c */
extern const struct section cluster_section;
extern const struct section link_section;
int clusters_read(struct key_reader *r, const struct item *item, void *object);
void clusters_print(struct key_printer *p, const void *object);
int platform_read(struct key_reader *r, const struct item *item, void *object);
void platform_print(struct key_printer *p, const void *object);

/* cluster_names.c. A name is that of a cluster, or a key of clusters: with
 * `count`, which is all of its clusters. */
bool clusters_find(const struct scenario *scenario,
                   const char *name,
                   uint32_t *ret_first,
                   uint32_t *ret_count);

/* The same, with a complaint of what is unknown. */
int clusters_named(struct key_reader *r,
                   const struct place *at,
                   const char *name,
                   uint32_t *ret_first,
                   uint32_t *ret_count);

/* One cluster; complains of a key that is several. */
int cluster_named(struct key_reader *r,
                  const struct place *at,
                  const char *name,
                  uint32_t *ret_cluster);
int cluster_read(struct key_reader *r,
                 const struct item *item,
                 const char *name,
                 uint32_t *ret_cluster);

/* Two switches, each as the first of its clusters. */
int switch_pair_read(struct key_reader *r,
                     const struct item *item,
                     const char *name,
                     uint32_t *ret_a,
                     uint32_t *ret_b);

/* wan.c */
extern const struct section wan_section;
int wans_read(struct key_reader *r, const struct item *item, void *object);
void wans_print(struct key_printer *p, const void *object);

/* A link faster or slower than any that was built is a slip of the unit. */
#define BYTES_PER_S_MIN 1.0
#define BYTES_PER_S_MAX 1.25e14
#define LATENCY_S_MAX 60.0

/* partners.c */
extern const struct section partner_section;
int partners_read(struct key_reader *r, const struct item *item, void *object);
void partners_print(struct key_printer *p, const void *object);

/* A partner of these clusters: index + 1 of others, so many, or 0 for `others`,
 * and none. */
int partners_named(struct key_reader *r,
                   const struct place *at,
                   const char *name,
                   const struct scenario_partner *owners,
                   cluster_id *ret_partner,
                   uint32_t *ret_count);

/* One partner of one cluster. */
int partner_named(struct key_reader *r,
                  const struct place *at,
                  const char *name,
                  uint32_t owner,
                  cluster_id *ret_partner);
const char *partner_name(const struct scenario *scenario, cluster_id partner);

/* Does that cluster say it? */
static inline bool partner_is_of(const struct scenario_partner *partner,
                                 uint32_t owner)
{
    return owner - partner->owner < partner->owner_count;
}

/* Complain of one partner more than an owner may name. */
int partner_refuse_more(struct key_reader *r, const struct place *at);

/* nodes.c: nodes by the name of their cluster, a number, or [from, to], all of
 * one cluster. */
int nodes_read(struct key_reader *r,
               const struct item *item,
               const char *name,
               struct scenario_nodes *ret_nodes,
               uint32_t *ret_cluster);
void nodes_print(struct key_printer *p, const struct scenario_nodes *nodes);
struct scenario_nodes nodes_of(const struct scenario_cluster *cluster);

/* The number of a node. */
int node_read(struct key_reader *r,
              const struct item *item,
              const char *name,
              node_id *ret_node);

/* The longest span of the grid's keys, 285 years: a double counts its us. */
#define GRID_SPAN_MAX_US 0x1p53

/* Complain of an instant that lies after until: of the scenario. */
int instant_check(struct key_reader *r, const struct item *at, uint64_t at_us);

/* dated.c: sort by the date at that offset, a uint64_t; those of one date stay
 * as they were. */
int dated_sort(struct key_reader *r,
               void *items,
               size_t count,
               size_t item_bytes,
               size_t date_offset);

/* events.c */
extern const struct section event_section;
int events_read(struct key_reader *r, const struct item *item, void *object);
void events_print(struct key_printer *p, const void *object);

/* event_random.c */
extern const struct section event_random_section;

/* faults.c */
extern const struct section faults_section;

/* fault_list.c */
extern const struct section fault_section;
int fault_list_read(struct key_reader *r,
                    const struct item *item,
                    void *object);
void fault_list_print(struct key_printer *p, const void *object);

/* fault_trace.c: append what a TSV says. */
int fault_trace_read(struct key_reader *r,
                     const struct item *item,
                     void *object);
void fault_trace_print(struct key_printer *p, const void *object);
int fault_trace_parse(struct key_reader *r,
                      const char *text,
                      size_t text_bytes,
                      const char *name,
                      struct scenario_faults *faults);
void fault_list_destroy(struct scenario_fault *list, size_t count);

/* laws.c: key->offset is not used, the object is the struct law. */
extern const struct section law_section;
extern const struct section pareto_section;
extern const struct section lognormal_section;
extern const struct section hyperexponential_section;
int law_read(struct key_reader *r,
             const struct item *item,
             enum quantity_kind unit,
             const char *name,
             struct law *ret_law);
void law_print(struct key_printer *p,
               enum quantity_kind unit,
               const struct law *law);

/* workload.c */
extern const struct section workload_section;
extern const struct section batch_section;
extern const struct section poisson_section;
extern const struct section trace_section;

/* home.c */
int home_read(struct key_reader *r, const struct item *item, void *object);
void home_print(struct key_printer *p, const void *object);
int home_rule_read(struct key_reader *r, const struct item *item, void *object);
void home_rule_print(struct key_printer *p, const void *object);
bool home_rule_given(const void *object);

/* Complain of a rule that needs what this kind of load has not. */
int home_check(struct key_reader *r,
               const struct item *item,
               const struct scenario_load *load);

int workload_key_read(struct key_reader *r,
                      const struct item *item,
                      void *object);
void workload_key_print(struct key_printer *p, const void *object);

/* policies.c */
int policies_read(struct key_reader *r, const struct item *item, void *object);
void policies_print(struct key_printer *p, const void *object);
void policies_destroy(struct scenario_policy *list, size_t count);

/* Whose processes a policy is for, by the parameter of that name: for several
 * classes it may be several times in the list. 0 if it has none. */
#define POLICY_CLASS_PARAM "class_number"
uint64_t policy_class(const struct scenario_policy *entry);

/* freeze_policies.c: put the freeze_marks of the classes of freeze: behind the
 * policies; place is told if they do not go together. */
int policies_add_classes(struct key_reader *r, const struct place *place);

/* named_file.c: a file that the scenario names, checked to be readable now.
 * Both paths are owned by the caller: as it is to be opened, and as written. */
int named_file_read(struct key_reader *r,
                    const struct item *item,
                    const char *name,
                    char **ret_path,
                    char **ret_written);
void named_file_print(struct key_printer *p,
                      const char *path,
                      const char *written);

/* settings.c: apply --set to the tree. */
int settings_apply(struct key_reader *r,
                   struct item *root,
                   const struct scenario_setting *settings,
                   size_t setting_count,
                   char **names);

#endif /* SCENARIOS_KEYS_H */
