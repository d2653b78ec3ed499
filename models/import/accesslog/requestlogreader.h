// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/accesslog/requestfields.h"
#include "import/accesslog/requestrows.h"
#include "import/common/jsonframer.h"
#include "import/common/jsonrecord.h"
#include "import/common/timetext.h"
#include "import/importer.h"

#include <array>
#include <deque>
#include <string>

namespace tailscope::import::accesslog {

/// Reads logs of requests, one JSON object a line. Limits: an object 32 MB, 10,000 attributes.
class RequestLogReader final : public Reader
{
public:
    explicit RequestLogReader(const ReadOptions &options)
        : m_time(options)
    {}
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    struct Value
    {
        std::string_view text;
        bool isString = false;
    };
    void takeRecord(const JsonFramer::Record &record, RequestRows &rows, ImportReport &report);
    simdjson::error_code readObject(ondemand::object &object, std::string_view prefix);
    simdjson::error_code readMember(std::string_view key, std::string_view prefix, ondemand::value &value);
    simdjson::error_code addOther(std::string_view key, std::string_view prefix, ondemand::value &value);
    void setDuration(Request &request, std::uint64_t offset, ImportReport &report);
    void splitRequestLine(Request &request) const;
    std::string_view text(Field field) const { return m_values[static_cast<std::size_t>(field)].text; }

    TimeText m_time;
    JsonRecordParser m_parser;
    JsonAttributes m_attributes;
    std::array<Value, kFields> m_values;
    Nanos m_durationUnit = 0;
    bool m_timeIsEnd = false, m_durationIsNginx = false; ///< named as nginx names its variables
    std::deque<std::string> m_keys; ///< of members of an inner object
};

} // namespace tailscope::import::accesslog
