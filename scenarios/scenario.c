/* scenario.c - the file as a whole: its keys, reading it, giving it back. */
#include "scenario.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys.h"

static const char *const engines[] = {"vencejo", "simgrid", NULL};
static const char *const networks[] = {"CM02", "LV08", NULL};
static const char *const informations[] = {"gossip", "perfect", NULL};

static int version_read(struct key_reader *r,
                        const struct item *item,
                        void *object)
{
    (void)object;
    int error = item_expect(r, item, ITEM_SCALAR, "vencejo");
    if (!error && strcmp(item->text, "1") != 0)
        return key_refuse(r, &item->at,
                          "version '%s' of the scenario format, this program "
                          "reads version %d",
                          item_shown(item->text).text, SCENARIO_VERSION);
    return error;
}
_Static_assert(SCENARIO_VERSION == 1, "version_read() compares with its text");

static void version_print(struct key_printer *p, const void *object)
{
    (void)object;
    fprintf(p->out, "%d", SCENARIO_VERSION);
}

static bool has_platform(const void *object)
{
    const struct scenario *s = object;
    return s->platform;
}

static bool has_clusters(const void *object)
{
    return !has_platform(object);
}

#define FIELD(name) offsetof(struct scenario, name)
static const struct key scenario_keys[] = {
    {.name = "vencejo",
     .kind = KEY_OWN,
     .read = version_read,
     .print = version_print,
     .required = true},
    {.name = "name",
     .kind = KEY_TEXT,
     .offset = FIELD(name),
     .fallback = "unnamed"},
    {.name = "seed", .kind = KEY_COUNT, .offset = FIELD(seed), .fallback = "1"},
    {.name = "engine",
     .kind = KEY_CHOICE,
     .offset = FIELD(engine),
     .choices = engines,
     .fallback = "vencejo"},
    {.name = "network",
     .kind = KEY_CHOICE,
     .offset = FIELD(network),
     .choices = networks,
     .fallback = "CM02"},
    {.name = "information",
     .kind = KEY_CHOICE,
     .offset = FIELD(information),
     .choices = informations,
     .fallback = "gossip"},
    {.name = "until",
     .kind = KEY_SECONDS,
     .offset = FIELD(until_s),
     .min = ABOVE_ZERO,
     .word = "done",
     .word_value = HUGE_VAL,
     .fallback = "done"},
    {.name = "sample",
     .kind = KEY_SPAN,
     .offset = FIELD(sample_us),
     .min = 1000,
     .max = 3600e6,
     .fallback = "1 s"},
    {.name = "board",
     .kind = KEY_COUNT32,
     .offset = FIELD(board_max),
     .min = 1,
     .max = SCENARIO_NODES_MAX,
     .fallback = "128"},
    {.name = "board-age",
     .kind = KEY_SPAN,
     .offset = FIELD(board_age_us),
     .min = 1,
     .fallback = "60 s"},
    {.name = "age-every",
     .kind = KEY_SPAN,
     .offset = FIELD(age_every_us),
     .min = 1000,
     .fallback = "10 s"},
    {.name = "platform",
     .kind = KEY_OWN,
     .read = platform_read,
     .print = platform_print,
     .given = has_platform},
    {.name = "clusters",
     .kind = KEY_OWN,
     .read = clusters_read,
     .print = clusters_print,
     .given = has_clusters,
     .lines = true},
    {.name = "wan",
     .kind = KEY_OWN,
     .read = wans_read,
     .print = wans_print,
     .given = has_clusters,
     .lines = true},
    {.name = "partners",
     .kind = KEY_OWN,
     .read = partners_read,
     .print = partners_print,
     .lines = true},
    {.name = "memory",
     .kind = KEY_SECTION,
     .offset = FIELD(memory),
     .section = &memory_section},
    {.name = "migration",
     .kind = KEY_SECTION,
     .offset = FIELD(migration),
     .section = &migration_section},
    {.name = "process",
     .kind = KEY_SECTION,
     .offset = FIELD(process),
     .section = &process_section},
    {.name = "forwarding",
     .kind = KEY_SECTION,
     .offset = FIELD(forwarding),
     .section = &forwarding_section},
    {.name = "freeze",
     .kind = KEY_SECTION,
     .offset = FIELD(grid.freeze),
     .section = &freeze_section},
    {.name = "checkpoint",
     .kind = KEY_SECTION,
     .offset = FIELD(grid.checkpoint),
     .section = &checkpoint_section},
    {.name = "faults",
     .kind = KEY_SECTION,
     .offset = FIELD(grid.faults),
     .section = &faults_section},
    {.name = "workload",
     .kind = KEY_OWN,
     .read = workload_key_read,
     .print = workload_key_print,
     .required = true,
     .lines = true},
    {.name = "events",
     .kind = KEY_OWN,
     .read = events_read,
     .print = events_print,
     .lines = true},
    {.name = "policies",
     .kind = KEY_OWN,
     .read = policies_read,
     .print = policies_print,
     .lines = true},
    {.name = NULL},
};
static const struct section scenario_section = {.name = "the scenario",
                                                .keys = scenario_keys};
#undef FIELD

const struct section *const scenario_sections[] = {
    &scenario_section,
    &cluster_section,
    &link_section,
    &wan_section,
    &partner_section,
    &memory_section,
    &migration_section,
    &process_section,
    &forwarding_section,
    &freeze_section,
    &freeze_class_section,
    &flood_section,
    &checkpoint_section,
    &faults_section,
    &fault_section,
    &workload_section,
    &batch_section,
    &poisson_section,
    &trace_section,
    &event_section,
    &event_random_section,
    &law_section,
    &pareto_section,
    &lognormal_section,
    &hyperexponential_section,
    NULL,
};

/* ---- Reading. ------------------------------------------------------------ */

/* A run that waits for those that nobody releases would never end. */
static int check_held(struct key_reader *r, const struct item *root)
{
    const struct scenario *s = r->scenario;
    bool held = false;
    for (size_t i = 0; i < s->load_count; i++)
        held |= s->loads[i].held;
    for (size_t i = 0; i < s->grid.event_count; i++)
        if (s->grid.events[i].wish == WISH_RELEASE)
            return 0;
    if (!held || isfinite(s->until_s))
        return 0;
    return key_refuse(r, &item_find(root, "workload")->key_at,
                      "held: no event releases them, so the run would never "
                      "be done, add release to events, or until");
}

/* What several keys say together. */
static int check_whole(struct key_reader *r, const struct item *root)
{
    const struct item *freeze = item_find(root, "freeze");
    int error = check_held(r, root);
    if (!error && freeze)
        error = policies_add_classes(r, &freeze->key_at);
    return error;
}

/* What a newer format would make nonsense comes first: its version. */
static int read_all(struct key_reader *r, const struct item *root)
{
    int error = item_expect(r, root, ITEM_MAPPING, "the scenario");
    if (error)
        return error;
    const struct item *version = item_find(root, "vencejo");
    if (!version)
        return key_refuse(r, &root->at,
                          "'vencejo' is missing, it tells the version of the "
                          "format, add vencejo: %d",
                          SCENARIO_VERSION);
    error = version_read(r, version, NULL);
    if (error)
        return error;
    const struct item *clusters = item_find(root, "clusters");
    const struct item *platform = item_find(root, "platform");
    error = section_read(r, &scenario_section, root, r->scenario);
    if (!error && clusters && platform)
        return key_refuse(r, &platform->key_at,
                          "both clusters and platform, each describes the "
                          "machines, remove one");
    if (!error && !clusters && !platform)
        return key_refuse(r, &root->at,
                          "neither clusters nor platform, add one, such as "
                          "clusters: {lab: {nodes: 16}}");
    return error ? error : check_whole(r, root);
}

static int read_text(struct key_reader *r,
                     const char *text,
                     size_t text_bytes,
                     const char *name,
                     const struct scenario_setting *settings,
                     size_t setting_count)
{
    struct item root = {0};
    char **names = calloc(setting_count + 1, sizeof *names);
    if (!names)
        return key_refuse_memory(r);
    int error = document_parse(text, text_bytes, name, &root, r->complaint);
    if (!error)
        error = settings_apply(r, &root, settings, setting_count, names);
    if (!error)
        error = read_all(r, &root);
    item_finish(&root);
    for (size_t i = 0; i < setting_count; i++)
        free(names[i]);
    free(names);
    return error;
}

int scenario_parse(const char *text,
                   size_t text_bytes,
                   const char *name,
                   const struct scenario_setting *settings,
                   size_t setting_count,
                   struct scenario **ret_scenario,
                   struct complaint *ret_complaint)
{
    struct complaint complaint;
    struct key_reader r = {.complaint = &complaint};
    const char *slash = strrchr(name, '/');
    size_t folder_bytes = slash ? (size_t)(slash - name) + (slash == name) : 0;
    char *folder = strndup(name, folder_bytes);
    struct scenario *scenario = calloc(1, sizeof *scenario);
    int error = -ENOMEM;
    snprintf(complaint.file, sizeof complaint.file, "%s", name);
    if (scenario)
        scenario->path = strdup(name);
    if (!folder || !scenario || !scenario->path) {
        error = key_refuse_memory(&r);
    } else {
        r.scenario = scenario;
        r.folder = folder;
        error = read_text(&r, text, text_bytes, name, settings, setting_count);
    }
    free(folder);
    if (error) {
        scenario_destroy(scenario);
        *ret_complaint = complaint;
        return error;
    }
    *ret_scenario = scenario;
    return 0;
}

/* One byte more than allowed shows that it is too large. */
static int read_file(int file, char **ret_text, size_t *ret_bytes)
{
    size_t room = DOCUMENT_BYTES_MAX + 1;
    char *text = malloc(room);
    size_t count = 0;
    if (!text)
        return -ENOMEM;
    while (count < room) {
        ssize_t got = read(file, text + count, room - count);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            free(text);
            return -errno;
        }
        if (got == 0)
            break;
        count += (size_t)got;
    }
    *ret_text = text;
    *ret_bytes = count;
    return 0;
}

int scenario_read(const char *path,
                  const struct scenario_setting *settings,
                  size_t setting_count,
                  struct scenario **ret_scenario,
                  struct complaint *ret_complaint)
{
    char *text = NULL;
    size_t text_bytes = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int error = file < 0 ? -errno : read_file(file, &text, &text_bytes);
    if (file >= 0)
        close(file);
    if (error)
        return complain(ret_complaint, error, path, 0, 0,
                        "%s, name a scenario file that can be read",
                        strerror(-error));
    error = scenario_parse(text, text_bytes, path, settings, setting_count,
                           ret_scenario, ret_complaint);
    free(text);
    return error;
}

void scenario_destroy(struct scenario *scenario)
{
    if (!scenario)
        return;
    for (size_t i = 0; i < scenario->cluster_count; i++) {
        free(scenario->clusters[i].name);
        free(scenario->clusters[i].key);
    }
    for (size_t i = 0; i < scenario->load_count; i++) {
        free(scenario->loads[i].path);
        free(scenario->loads[i].path_written);
        free(scenario->loads[i].columns);
    }
    fault_list_destroy(scenario->grid.faults.list, scenario->grid.faults.count);
    policies_destroy(scenario->policies, scenario->policy_count);
    free(scenario->grid.freeze.classes);
    free(scenario->grid.partners);
    free(scenario->grid.events);
    free(scenario->grid.randoms);
    free(scenario->grid.faults.trace_path);
    free(scenario->grid.faults.trace_written);
    free(scenario->clusters);
    free(scenario->wans);
    free(scenario->loads);
    free(scenario->platform);
    free(scenario->platform_written);
    free(scenario->name);
    free(scenario->path);
    free(scenario);
}

/* ---- Giving it back. ----------------------------------------------------- */

int scenario_print_for(const struct scenario *scenario,
                       const char *folder,
                       char **ret_text)
{
    char *text = NULL;
    size_t length;
    struct key_printer p = {.scenario = scenario,
                            .folder = folder,
                            .indent = -2,
                            .out = open_memstream(&text, &length)};
    if (!p.out)
        return -errno;
    section_print(&p, &scenario_section, scenario);
    fputc('\n', p.out);
    if (fclose(p.out) != 0) {
        free(text);
        return -ENOMEM;
    }
    *ret_text = text;
    return 0;
}

int scenario_print(const struct scenario *scenario, char **ret_text)
{
    return scenario_print_for(scenario, NULL, ret_text);
}

uint64_t scenario_hash(const struct scenario *scenario)
{
    char *text = NULL;
    int error = scenario_print(scenario, &text);
    assert(error == 0);
    assert(text);
    uint64_t hash = 14695981039346656037u;
    for (const char *at = text; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    free(text);
    return hash;
}
