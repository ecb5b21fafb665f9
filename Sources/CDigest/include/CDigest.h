// HMAC-SHA-256 and SHA-256 of the same bytes in one pass, for processors with SHA instructions.
//
// docs/decisions/0021 says why this is C and why it is here.

#ifndef GROWTH_CDIGEST_H
#define GROWTH_CDIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor has the instructions; without them nothing else here may be called.
bool growth_digest_is_supported(void);

/// Writes 64 bytes: the HMAC-SHA-256 (RFC 2104) of the bytes under the key, then their SHA-256 (FIPS 180-4).
void growth_digest_pair(
    const uint8_t *key, size_t key_count, const uint8_t *bytes, size_t count, uint8_t *result);

#endif
