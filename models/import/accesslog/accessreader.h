// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/accesslog/logformat.h"
#include "import/common/linereader.h"
#include "import/common/timetext.h"
#include "import/importer.h"

#include <string>

namespace tailscope::import::accesslog {

class RequestRows;
struct Request;

/// Reads access logs, a request a line: by the format that the user's list names for the file, or a line
/// "#log_format ..." in it; else by a well-known one that the first lines have; else as common or combined
/// with further fields. Limit: 1 MiB a line.
class AccessReader final : public Reader
{
public:
    static constexpr std::size_t kLookAhead = 64;
    static constexpr std::string_view kFormatLine = "#log_format ";

    explicit AccessReader(const ReadOptions &options)
        : m_time(options)
    {}
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    struct Stored
    {
        std::string text;
        Line line;
    };
    std::vector<Stored> takeAhead(LineReader &lines);
    Result<void> useFormat(std::string_view text, ImportReport &report);
    void chooseFormat(const std::vector<Stored> &ahead, ImportReport &report);
    void takeLine(const Line &line, RequestRows &rows, ImportReport &report);
    void takeMatched(std::string_view text, const Line &line, RequestRows &rows, ImportReport &report);
    void takeCombined(std::string_view text, const Line &line, RequestRows &rows, ImportReport &report);
    void setDuration(Request &request, std::string_view number, Nanos scale, bool timeIsEnd);
    void tellTimes(ImportReport &report) const;

    TimeText m_time;
    std::optional<LogFormat> m_format;
    LogMatch m_match;
    std::vector<Attribute> m_attributes;
    std::string m_clean;
    bool m_sawEnd = false, m_sawStart = false;
};

/// Tells the sink what the source is: an access log with this clock and zone.
void setAccessLog(RowSink &sink, ClockKind clock, const std::string &timezone);

} // namespace tailscope::import::accesslog
