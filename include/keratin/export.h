// What leaves the shared library. Everything is hidden unless its namespace block says otherwise:
//   namespace KERATIN_EXPORT keratin { … }            in public headers
//   namespace KERATIN_INTERNAL_EXPORT keratin { … }   in src headers that plugins and tests use; not public, no promise
//   kept
#pragma once

#define KERATIN_EXPORT [[gnu::visibility("default")]]
#define KERATIN_INTERNAL_EXPORT [[gnu::visibility("default")]]
