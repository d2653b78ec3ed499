// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonrecord.h"
#include "import/pglog/logreader.h"

#include <string>

namespace tailscope::import::pglog {

/// log_destination = jsonlog (PostgreSQL 15 and later): one object a line. A line that is none is rejected.
class JsonLogReader final : public LogReader
{
public:
    using LogReader::LogReader;

protected:
    Result<void> records(ByteSource &source, RecordTaker &taker, ImportReport &report) override;

private:
    simdjson::error_code readMember(std::string_view key, ondemand::value &value);

    JsonRecordParser m_parser;
    std::string m_line; ///< a line with padding
    std::string m_time;
    LogRecord m_record;
};

} // namespace tailscope::import::pglog
