// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/timetext.h"
#include "import/csvseries/csvrecords.h"
#include "import/importer.h"

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::import {

/// Which field of a record means what; -1 = there is none.
struct CsvHeader
{
    char delimiter = ',';
    std::size_t columns = 0;
    int ts = -1, series = -1, labels = -1, value = -1, unit = -1, kind = -1, service = -1, instance = -1,
        role = -1;
    std::vector<std::pair<int, std::string>> extra; ///< columns that become labels of their name

    /// nullopt unless the line names a time, a series and a value column.
    static std::optional<CsvHeader> parse(std::string_view line);
};

/// Reads `ts,series,labels,value` files. Limits: 1 MiB a line, 64 KiB a record of several lines.
class CsvSeriesReader final : public Reader
{
public:
    static constexpr std::size_t kLookAhead = 100;
    /// Series whose SeriesRef is remembered; beyond it the sink is asked again.
    static constexpr std::size_t kMaxCached = 65'536;

    explicit CsvSeriesReader(const ReadOptions &options);
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    struct Stored
    {
        CsvRecord record;
        std::vector<std::string> fields;
        std::string raw;
    };

    Result<void> readHeader(LineReader &lines, const std::string &name, ImportReport &report);
    void decideUnit(const std::vector<Stored> &ahead, ImportReport &report);
    void takeRecord(const CsvRecord &record, RowSink &sink, ImportReport &report);
    bool readValue(std::string_view text, const CsvRecord &record, double &value, ImportReport &report);
    SeriesRef seriesOf(const CsvRecord &record, RowSink &sink, ImportReport &report);
    SeriesRef newSeries(const CsvRecord &record, RowSink &sink, ImportReport &report);
    void setSource(RowSink &sink, const std::string &timezone) const;
    std::string_view field(const CsvRecord &record, int column) const;

    TimeText m_time;
    CsvHeader m_header;
    std::unordered_map<std::string, SeriesRef> m_series;
    std::string m_key, m_comma;
};

} // namespace tailscope::import
