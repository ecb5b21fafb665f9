// Debian's zlib1g-dev. What zlib offers as macros Swift cannot import.
#define ZLIB_CONST
#include <zlib.h>

static inline int growth_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}
