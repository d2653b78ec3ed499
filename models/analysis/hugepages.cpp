// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/hugepages.h"

#include <cstdint>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace tailscope::analysis {

void adviseHugePages(void *data, std::size_t bytes)
{
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    constexpr std::uintptr_t kHuge = 2u << 20;
    const auto begin = (reinterpret_cast<std::uintptr_t>(data) + kHuge - 1) / kHuge * kHuge;
    const auto end = (reinterpret_cast<std::uintptr_t>(data) + bytes) / kHuge * kHuge;
    if (end > begin)
        madvise(reinterpret_cast<void *>(begin), end - begin,
            MADV_HUGEPAGE); // only advice: a refusal is no error
#else
    (void)data;
    (void)bytes;
#endif
}

} // namespace tailscope::analysis
