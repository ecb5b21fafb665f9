#define _DEFAULT_SOURCE
#include "CDigest.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint32_t INITIAL[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};
enum { BLOCK = 64, DIGEST = 32 };
#define SHA __attribute__((target("sha,sse4.1,ssse3")))

/// One state in the order that the instructions want: A B E F and C D G H.
typedef struct { __m128i abef, cdgh; } State;

SHA static inline State load(const uint32_t words[8]) {
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)words), 0xB1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(words + 4)), 0x1B);
    return (State){_mm_alignr_epi8(low, high, 8), _mm_blend_epi16(high, low, 0xF0)};
}

SHA static inline void store(uint32_t words[8], State state) {
    __m128i low = _mm_shuffle_epi32(state.abef, 0x1B);
    __m128i high = _mm_shuffle_epi32(state.cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)words, _mm_blend_epi16(low, high, 0xF0));
    _mm_storeu_si128((__m128i *)(words + 4), _mm_alignr_epi8(high, low, 8));
}

/// Takes blocks into one state, or into two at once: their message schedule is the same, and the latency of
/// one hides that of the other.
SHA static inline __attribute__((always_inline)) void compress(
    uint32_t *first, uint32_t *second, const uint8_t *data, size_t blocks) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bULL, 0x0405060700010203ULL);
    State a = load(first), b = second ? load(second) : a;
    for (; blocks > 0; blocks--, data += BLOCK) {
        State a0 = a, b0 = b;
        __m128i w[4];
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) {
            if (i < 4) {
                w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(data + 16 * i)), swap);
            } else {
                __m128i last = w[(i + 3) & 3];
                __m128i sum = _mm_add_epi32(
                    _mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]), _mm_alignr_epi8(last, w[(i + 2) & 3], 4));
                w[i & 3] = _mm_sha256msg2_epu32(sum, last);
            }
            __m128i k = _mm_add_epi32(w[i & 3], _mm_loadu_si128((const __m128i *)(K + 4 * i)));
            __m128i k2 = _mm_shuffle_epi32(k, 0x0E);
            a.cdgh = _mm_sha256rnds2_epu32(a.cdgh, a.abef, k);
            if (second) b.cdgh = _mm_sha256rnds2_epu32(b.cdgh, b.abef, k);
            a.abef = _mm_sha256rnds2_epu32(a.abef, a.cdgh, k2);
            if (second) b.abef = _mm_sha256rnds2_epu32(b.abef, b.cdgh, k2);
        }
        a = (State){_mm_add_epi32(a.abef, a0.abef), _mm_add_epi32(a.cdgh, a0.cdgh)};
        b = (State){_mm_add_epi32(b.abef, b0.abef), _mm_add_epi32(b.cdgh, b0.cdgh)};
    }
    store(first, a);
    if (second) store(second, b);
}

SHA static void compress_one(uint32_t *state, const uint8_t *data, size_t blocks) {
    compress(state, NULL, data, blocks);
}

SHA static void compress_both(uint32_t *first, uint32_t *second, const uint8_t *data, size_t blocks) {
    compress(first, second, data, blocks);
}

/// Takes the rest of a message, less than a block, and its padding; `total` are the bytes of all of it.
static void finish(uint32_t *state, const uint8_t *rest, size_t count, uint64_t total, uint8_t digest[DIGEST]) {
    uint8_t last[2 * BLOCK] = {0};
    if (count > 0) memcpy(last, rest, count);
    last[count] = 0x80;
    size_t size = count + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
    for (int i = 0; i < 8; i++) last[size - 1 - i] = (uint8_t)(total << 3 >> (8 * i));
    compress_one(state, last, size / BLOCK);
    for (int i = 0; i < DIGEST; i++) digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

/// Begins a message with the key's block, each byte changed by the mark.
static void begin(uint32_t *state, const uint8_t key[BLOCK], uint8_t mark) {
    uint8_t block[BLOCK];
    for (int i = 0; i < BLOCK; i++) block[i] = key[i] ^ mark;
    memcpy(state, INITIAL, sizeof INITIAL);
    compress_one(state, block, 1);
    explicit_bzero(block, sizeof block);
}

bool growth_digest_is_supported(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

void growth_digest_pair(
    const uint8_t *key, size_t key_count, const uint8_t *bytes, size_t count, uint8_t *result) {
    uint8_t block[BLOCK] = {0};
    uint32_t code[8], digest[8];
    if (key_count > BLOCK) {
        memcpy(digest, INITIAL, sizeof INITIAL);
        compress_one(digest, key, key_count / BLOCK);
        finish(digest, key + key_count / BLOCK * BLOCK, key_count % BLOCK, key_count, block);
    } else if (key_count > 0) {
        memcpy(block, key, key_count);
    }
    begin(code, block, 0x36);
    memcpy(digest, INITIAL, sizeof INITIAL);
    size_t whole = count / BLOCK * BLOCK;
    compress_both(code, digest, bytes, whole / BLOCK);
    uint8_t inner[DIGEST];
    finish(code, bytes + whole, count - whole, BLOCK + count, inner);
    finish(digest, bytes + whole, count - whole, count, result + DIGEST);
    begin(code, block, 0x5C);
    finish(code, inner, DIGEST, BLOCK + DIGEST, result);
    explicit_bzero(block, sizeof block);
    explicit_bzero(code, sizeof code);
}

#else

bool growth_digest_is_supported(void) { return false; }

void growth_digest_pair(
    const uint8_t *key, size_t key_count, const uint8_t *bytes, size_t count, uint8_t *result) {
    (void)key, (void)key_count, (void)bytes, (void)count, (void)result;
    __builtin_trap();
}

#endif
