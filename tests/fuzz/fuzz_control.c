/* fuzz_control.c - whatever line a user writes, he has one answer, and the
 * daemon goes on: each request is judged by a daemon of one node. */
#include <assert.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../real/daemon/requests.h"
#include "../../real/daemon/workload_none.h"
#include "harness.h"

enum { TEXT_BYTES = 1024 };

/* Made once, for all lines. */
static struct alone
{
    uv_loop_t loop;
    struct config config;
    struct identity identity;
    struct member member;
    struct roster roster;
    struct node_workload workload;
    struct said said;
    struct daemon *daemon;
} alone;

/* What its owner said, in its state folder. */
static void tidy(void)
{
    char path[TEXT_BYTES];
    static const char *const names[] = {"owner.json", "records", ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", alone.config.state, names[i]);
        remove(path);
    }
}

static void raise_alone(void)
{
    char folder[] = "/tmp/vencejo-fuzz-XXXXXX";
    char text[TEXT_BYTES];
    struct complaint c;
    char *made = mkdtemp(folder);
    int error = sodium_init();
    assert(made && error >= 0);
    int length = snprintf(text, sizeof text,
                          "node: one\nroster: /none\nstate: %s\n"
                          "administrator: %064d\npolicies: [gossip_vector]\n",
                          folder, 0);
    error = config_parse(text, (size_t)length, "fuzz", &alone.config, &c);
    assert(error == 0);
    identity_make(&alone.identity);
    alone.member = (struct member){.id = 1, .name = "one", .address = "none"};
    memcpy(alone.member.key, alone.identity.public_key, PUBLIC_KEY_BYTES);
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    memcpy(&alone.member.at, &at, sizeof at);
    alone.member.at_bytes = sizeof at;
    alone.roster = (struct roster){.version = 1,
                                   .cluster = {1, "lab", 1, 8},
                                   .members = &alone.member,
                                   .member_count = 1};
    alone.workload = workload_none();
    uv_loop_init(&alone.loop);
    const struct daemon_parts parts = {
        &alone.loop,     &alone.config, &alone.identity, &alone.roster,
        &alone.workload, &alone.said,   "/proc",         1000};
    error = daemon_create(&alone.daemon, &parts, &c);
    assert(error == 0);
    atexit(tidy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    const struct workload_caller root = {.uid = 0};
    if (!alone.daemon)
        raise_alone();
    json_t *answer = control_judge((const char *)bytes, count, &root,
                                   requests_answer, alone.daemon);
    assert(json_is_object(answer));
    assert(json_is_boolean(json_object_get(answer, "ok")));
    char *text = json_dumps(answer, JSON_COMPACT);
    assert(text && !strchr(text, '\n'));
    free(text);
    json_decref(answer);
    return 0;
}
