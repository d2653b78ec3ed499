// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/bytesource.h"
#include "import/pproflegacy/legacystacks.h"

#include <optional>

namespace tailscope::import::pproflegacy {

/// How the words of a binary CPU profile are written.
struct Words
{
    int bytes = 8;
    bool bigEndian = false;
};
/// By its head: 0, 3, 0, microseconds a sample, 0. nullopt when it is no such profile.
std::optional<Words> wordsOf(std::string_view prefix);

/// Reads one: {count, depth, addresses...} until {0, 1, 0}, then the map of the binaries as text. Gives the
/// nanoseconds of a sample.
Result<Nanos> readCpuProfile(ByteSource &source, Words words, LegacyStacks &stacks, ImportReport &report);

} // namespace tailscope::import::pproflegacy
