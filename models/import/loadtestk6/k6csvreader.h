// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/timetext.h"
#include "import/csvseries/csvrecords.h"
#include "import/importer.h"
#include "import/loadtestk6/k6rows.h"

#include <string>
#include <vector>

namespace tailscope::import::k6 {

/// The CSV of k6 (--out csv): a header, then one value a line.
class K6CsvReader final : public Reader
{
public:
    explicit K6CsvReader(const ReadOptions &options)
        : m_time(options)
    {}
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    Result<void> readHeader(CsvRecords &records, LineReader &lines, const std::string &name,
        ImportReport &report);
    void takeRecord(const CsvRecord &record, K6Rows &rows, ImportReport &report);

    TimeText m_time;
    std::vector<std::string> m_names;
    std::size_t m_metric = 0, m_timestamp = 0, m_value = 0;
    std::string m_raw;
};

/// Tags as K6CsvReader keeps them: key, US, value, RS.
void readCsvTags(std::string_view raw, Tags &out);

} // namespace tailscope::import::k6
