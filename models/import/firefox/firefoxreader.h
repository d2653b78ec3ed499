// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// Reads a Firefox profile by what it has, not by its version. A thread becomes rows as soon as what it needs
/// is known, mostly at its own end; the profiles of other processes may lie inside (kMaxProcesses deep).
class FirefoxReader final : public Reader
{
public:
    static constexpr std::size_t kMaxProcesses = 64;
    static constexpr std::size_t kMaxThreads = 100'000;

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

} // namespace tailscope::import
