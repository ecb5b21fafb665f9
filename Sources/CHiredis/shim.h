// Debian's libhiredis-dev, 0.14 and later. Only the Argv calls are used: Swift cannot import C variadics.
#include <stdlib.h>
#include <hiredis/hiredis.h>
