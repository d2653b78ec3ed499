// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonrecord.h"
#include "import/common/jsonwalk.h"
#include "import/common/timetext.h"
#include "import/csvseries/csvrecords.h"
#include "import/importer.h"
#include "import/pgcatalog/catalogrows.h"
#include "import/pgcatalog/catalogshape.h"

#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace tailscope::import {

/// Reads result sets of catalog views: delimited text with a header (',' ';' tab, or psql's '|'), one result
/// set after another, or JSON: rows one a line, arrays of rows, objects of arrays of rows. Limits: 1 MiB a
/// line, 64 KiB a record of several lines, 32 MiB a JSON row, 1,000 columns.
class CatalogReader final : public Reader
{
public:
    /// Result sets of different columns that are remembered.
    static constexpr std::size_t kMaxShapes = 256;

    explicit CatalogReader(const ReadOptions &options);
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    struct JsonField
    {
        std::string name;
        CatalogCell cell;
    };

    Result<void> readText(ByteSource &source, CatalogRows &rows, ImportReport &report);
    bool takeHeader(const CsvRecord &record, CatalogRows &rows, ImportReport &report);
    void takeRecord(const CsvRecord &record, CatalogRows &rows, ImportReport &report);
    Result<void> readJson(ByteSource &source, CatalogRows &rows, ImportReport &report);
    void readDocuments(JsonWalk &walk, bool nested, CatalogRows &rows, ImportReport &report);
    void takeJson(const JsonFramer::Record &record, bool nested, CatalogRows &rows, ImportReport &report);
    simdjson::error_code readRow(ondemand::object &object);
    const CatalogShape &shapeOf(std::uint64_t offset, ImportReport &report);
    void tellOf(const CatalogShape &shape, std::uint64_t offset, ImportReport &report);
    void setSource(RowSink &sink, ClockKind clock, const std::string &timezone) const;

    TimeText m_time;
    char m_delimiter = '\0';
    std::unique_ptr<CatalogShape> m_shape; ///< of the result set at hand; null = none is known
    std::size_t m_unknownColumns = 0; ///< of a result set that is not known
    bool m_afterBlank = true;
    int m_headers = 0;
    std::unordered_map<std::string, CatalogShape> m_shapes; ///< by the names of the columns
    std::set<std::string> m_told;
    JsonRecordParser m_parser;
    std::vector<JsonField> m_fields;
    std::size_t m_fieldCount = 0;
    std::vector<CatalogCell> m_cells;
    std::string m_key;
};

} // namespace tailscope::import
