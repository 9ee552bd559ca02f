#include "colour.h"

enum { HUES = 7 };

/* Each part by itself: value x share + 255 x light, both in percent. */
static uint32_t shade(uint32_t colour, uint32_t share, uint32_t light)
{
    uint32_t shaded = 0;
    for (int bits = 16; bits >= 0; bits -= 8) {
        uint32_t part = colour >> bits & 0xFF;
        shaded |= (part * share / 100 + 255 * light / 100) << bits;
    }
    return shaded;
}

uint32_t colour_of_cluster(size_t cluster)
{
    static const uint32_t hues[HUES] = {0x0072B2, 0xE69F00, 0x009E73, 0xCC79A7,
                                        0x56B4E9, 0xD55E00, 0xF0E442};
    uint32_t hue = hues[cluster % HUES];
    switch (cluster / HUES % (COLOUR_CLUSTERS / HUES)) {
        case 0:
            return hue;
        case 1:
            return shade(hue, 50, 50);
        default:
            return shade(hue, 55, 0);
    }
}
