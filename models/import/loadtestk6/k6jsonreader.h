// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonrecord.h"
#include "import/common/timetext.h"
#include "import/importer.h"
#include "import/loadtestk6/k6rows.h"

#include <string>

namespace tailscope::import::k6 {

/// The JSON stream of k6 (--out json): one object a line, Metric (a declaration) or Point (a value).
class K6JsonReader final : public Reader
{
public:
    explicit K6JsonReader(const ReadOptions &options)
        : m_time(options)
    {}
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    struct Object
    {
        std::string_view type, metric, time, name, metricType, contains, rawTags;
        JsonScalar value;
        bool hasValue = false;
    };
    void takeRecord(const JsonFramer::Record &record, K6Rows &rows, ImportReport &report);
    simdjson::error_code readObject(ondemand::object &object);
    simdjson::error_code readData(ondemand::object &object);
    simdjson::error_code readThresholds(ondemand::value &value);
    std::optional<Nanos> timeOf(std::uint64_t offset, ImportReport &report);

    TimeText m_time;
    JsonRecordParser m_parser;
    Object m_object;
    std::vector<std::string> m_thresholds;
    std::string m_lastTime;
    Nanos m_lastNs = 0;
};

/// The tags of a Point: `{"method":"GET",...}` or null. One object a reader.
class JsonTags
{
public:
    void read(std::string_view raw, Tags &out);

private:
    JsonRecordParser m_parser;
    std::string m_padded;
};

} // namespace tailscope::import::k6
