// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import::ab {

/// `ab -g`: a request a line, sorted by its time; starts in whole seconds.
class AbGnuplotReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

/// `ab -e`: the time within which each percent of the requests was served.
class AbPercentilesReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

inline constexpr std::string_view kGnuplotHead = "starttime\tseconds\tctime\tdtime\tttime\twait";
inline constexpr std::string_view kPercentilesHead = "Percentage served,Time in ms";

} // namespace tailscope::import::ab
