/* member_here.c - see member_here.h. */
#include "member_here.h"

#include <CUnit/CUnit.h>
#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

static void give_address(struct member *m)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof at;
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_FATAL(s >= 0);
    CU_ASSERT_EQUAL_FATAL(bind(s, (struct sockaddr *)&at, bytes), 0);
    CU_ASSERT_EQUAL_FATAL(getsockname(s, (struct sockaddr *)&at, &bytes), 0);
    close(s);
    memcpy(&m->at, &at, sizeof at);
    m->at_bytes = bytes;
    m->address = (char *)"loopback";
}

void member_here(struct member *m, node_id id, struct identity *ret_identity)
{
    identity_make(ret_identity);
    m->id = id;
    memcpy(m->key, ret_identity->public_key, PUBLIC_KEY_BYTES);
    give_address(m);
}
