// The checksum of our files: CRC-32 as gzip, zip and PNG compute it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "keratin/export.h"

namespace KERATIN_INTERNAL_EXPORT keratin {

/// CRC-32 (ISO 3309, polynomial 0xEDB88320). To go on over several pieces, pass the checksum of those before.
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0);

}  // namespace keratin
