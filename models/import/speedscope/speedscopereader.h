// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Reads a speedscope file. Profiles wait until the frames are known, which mostly come after them.
class SpeedscopeReader final : public Reader
{
public:
    static constexpr std::size_t kMaxFrames = 10'000'000;
    static constexpr std::size_t kMaxProfiles = 10'000;

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

} // namespace tailscope::import
