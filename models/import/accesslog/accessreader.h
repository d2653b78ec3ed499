// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/linereader.h"
#include "import/common/timetext.h"
#include "import/importer.h"

#include <string>

namespace tailscope::import::accesslog {

class RequestRows;

/// Reads access logs in the common and the combined format, a request a line. Limit: 1 MiB a line.
class AccessReader final : public Reader
{
public:
    explicit AccessReader(const ReadOptions &options)
        : m_time(options)
    {}
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    void takeLine(const Line &line, RequestRows &rows, ImportReport &report);

    TimeText m_time;
    std::string m_clean;
};

/// Tells the sink what the source is: an access log with this clock and zone.
void setAccessLog(RowSink &sink, ClockKind clock, const std::string &timezone);

} // namespace tailscope::import::accesslog
