#include "cluster_here.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../real/daemon/requests.h"
#include "../../real/daemon/workload_none.h"
#include "member_here.h"

static const char *const names[HERE_MAX] = {"ada", "bob", "cy", "dora"};

static void configure(struct cluster_here *k,
                      size_t place,
                      const char *policies)
{
    struct here *n = &k->nodes[place];
    char text[2048], folder[sizeof k->folder];
    memcpy(folder, k->folder, sizeof folder);
    struct complaint c = {.line = 0};
    snprintf(n->folder, sizeof n->folder, "%s/%zu", folder, place);
    snprintf(n->journal, sizeof n->journal, "%s/%zu/journal.tsv", folder,
             place);
    snprintf(n->socket, sizeof n->socket, "%s/%zu/control", folder, place);
    CU_ASSERT_EQUAL_FATAL(mkdir(n->folder, 0700), 0);
    int length = snprintf(
        text, sizeof text,
        "node: %s\nroster: /none\nstate: %s\nsocket: %s\n"
        "administrator: %064d\nsample: 100 ms\nlook: 10 ms\nseed: %zu\n"
        "journal: {file: %s, level: full}\npolicies:\n%s",
        names[place], n->folder, n->socket, 0, place + 1, n->journal, policies);
    int error = config_parse(text, (size_t)length, "test", &n->config, &c);
    if (error)
        printf("%zu:%zu: %s\n", c.line, c.column, c.text);
    CU_ASSERT_EQUAL_FATAL(error, 0);
}

void cluster_start(struct cluster_here *k, size_t place)
{
    struct here *n = &k->nodes[place];
    struct complaint c = {.line = 0};
    const struct daemon_parts parts = {.loop = &k->loop,
                                       .config = &n->config,
                                       .identity = &k->identities[place],
                                       .roster = &k->roster,
                                       .workload = &k->workloads[place],
                                       .said = &n->said,
                                       .proc = "/proc",
                                       .core_speed_milli = 1000};
    int error = daemon_create(&n->daemon, &parts, &c);
    if (!error)
        error = control_create(&n->control, &k->loop, n->socket,
                               requests_answer, n->daemon, &c);
    if (error)
        printf("%s: %s\n", c.file, c.text);
    CU_ASSERT_EQUAL_FATAL(error, 0);
}

void cluster_raise(struct cluster_here *k, size_t count, const char *policies)
{
    cluster_raise_with(k, NULL, count, policies);
}

void cluster_raise_with(struct cluster_here *k,
                        struct fake_world *world,
                        size_t count,
                        const char *policies)
{
    memset(k, 0, sizeof *k);
    strcpy(k->folder, "/tmp/vencejo-daemon-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(k->folder));
    CU_ASSERT_EQUAL_FATAL(uv_loop_init(&k->loop), 0);
    k->count = count;
    for (size_t i = 0; i < count; i++) {
        k->workloads[i] = world ? fake_workload(world, i) : workload_none();
        member_here(&k->members[i], (node_id)i + 1, &k->identities[i]);
        k->members[i].name = (char *)names[i];
    }
    k->roster =
        (struct roster){.version = 1,
                        .cluster = {1, (char *)"lab", 1, (uint32_t)count},
                        .members = k->members,
                        .member_count = count};
    for (size_t i = 0; i < count; i++)
        configure(k, i, policies);
    for (size_t i = 0; i < count; i++)
        cluster_start(k, i);
}

/* It stops in mid-air as far as the others can see: it tells nobody. */
void cluster_kill(struct cluster_here *k, size_t place)
{
    control_destroy(k->nodes[place].control);
    daemon_destroy(k->nodes[place].daemon);
    k->nodes[place].control = NULL;
    k->nodes[place].daemon = NULL;
}

void cluster_close(struct cluster_here *k)
{
    char command[64];
    for (size_t i = 0; i < k->count; i++)
        cluster_kill(k, i);
    CU_ASSERT_EQUAL(uv_run(&k->loop, UV_RUN_DEFAULT), 0);
    CU_ASSERT_EQUAL(uv_loop_close(&k->loop), 0);
    for (size_t i = 0; i < k->count; i++)
        config_finish(&k->nodes[i].config);
    snprintf(command, sizeof command, "rm -r %s", k->folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

static bool never(struct cluster_here *k)
{
    (void)k;
    return false;
}

void cluster_run(struct cluster_here *k, uint64_t span_ms)
{
    cluster_until(k, never, span_ms);
}

bool cluster_until(struct cluster_here *k,
                   bool (*is_so)(struct cluster_here *k),
                   uint64_t patience_ms)
{
    uint64_t end_ns = uv_hrtime() + patience_ms * 1000000;
    while (uv_hrtime() < end_ns) {
        if (is_so(k))
            return true;
        uv_run(&k->loop, UV_RUN_NOWAIT);
        usleep(500);
    }
    return is_so(k);
}

json_t *cluster_ask(struct cluster_here *k, size_t asked, const char *request)
{
    const struct workload_caller root = {.uid = 0};
    char line[512];
    snprintf(line, sizeof line, "{\"vencejo\":1,%s}", request);
    return control_judge(line, strlen(line), &root, requests_answer,
                         k->nodes[asked].daemon);
}

size_t cluster_said(const struct cluster_here *k,
                    size_t place,
                    const char *text)
{
    const struct said *said = &k->nodes[place].said;
    size_t count = 0;
    for (uint64_t i = 0; i < said->count && i < SAID_KEPT; i++)
        count += strstr(said->lines[i].text, text) != NULL;
    return count;
}
