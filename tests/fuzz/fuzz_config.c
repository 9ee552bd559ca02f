/* fuzz_config.c - any text is refused with words, or is a configuration that a
 * node can run with. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../real/daemon/config.h"
#include "harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    struct config config;
    struct complaint c = {.line = 0};
    struct node_policy list[NODE_POLICIES_MAX];
    if (config_parse((const char *)bytes, count, "config", &config, &c) != 0) {
        assert(*c.text);
        return 0;
    }
    size_t policy_count = config_policies(&config, list);
    assert(policy_count > 0);
    assert(config.node && config.roster[0] == '/' && config.state[0] == '/');
    assert(config.look_us > 0 && config.look_us <= config.sample_us);
    char *text = config_policies_text(&config);
    assert(text);
    free(text);
    config_finish(&config);
    return 0;
}
