// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/csvseries/csvrecords.h"
#include "import/csvtable/columnmap.h"
#include "import/csvtable/tablepreview.h"
#include "import/importer.h"
#include "import/metrics/metricrows.h"

#include <memory>
#include <string>
#include <vector>

namespace tailscope::import::csvtable {

/// Reads delimited tables by a ColumnMap: that of the import, else the one remembered for this header, else a
/// guess, which the report tells. Limits: 1 MiB a line, 64 KiB a record of several lines, 1,024 columns.
class CsvTableReader final : public Reader
{
public:
    explicit CsvTableReader(const ReadOptions &options);
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    struct Cell ///< a column that becomes values
    {
        std::size_t index = 0;
        std::string metric, unit;
        SeriesKind kind = SeriesKind::Gauge;
        double scale = 1;
    };
    struct Label
    {
        std::size_t index = 0;
        std::string name;
    };
    struct Field ///< a column of the table that rows are mapped to
    {
        std::string_view name;
        bool isText = false;
        int index = -1; ///< -1: `constant`
        std::string constant;
    };

    Result<void> chooseMap(std::string_view head, const std::string &name, ImportReport &report);
    Result<void> bind(const TablePreview &preview, const std::string &name, ImportReport &report);
    void bindWide(const TablePreview &preview, ImportReport &report);
    Result<void> bindRecord(const TablePreview &preview, const std::string &name, ImportReport &report);
    void takeRow(const CsvRecord &record, RowSink &sink, MetricRows &rows, ImportReport &report);
    void takeValues(const CsvRecord &record, Nanos tsNs, MetricRows &rows, ImportReport &report);
    void takeLong(const CsvRecord &record, Nanos tsNs, MetricRows &rows, ImportReport &report);
    void takeRecord(const CsvRecord &record, Nanos tsNs, RowSink &sink, ImportReport &report);
    std::optional<Nanos> timeOf(const CsvRecord &record, ImportReport &report);
    /// A value and whether it was one; rejects what is neither a value nor a gap.
    std::optional<CellNumber> numberOf(std::string_view text, const CsvRecord &record,
        std::string_view column, ImportReport &report);
    void setSource(RowSink &sink, const std::string &timezone) const;
    std::string_view field(const CsvRecord &record, int index) const;

    ReadOptions m_options;
    TimeText m_time;
    ColumnMap m_map;
    std::size_t m_columns = 0;
    char m_delimiter = ',';
    int m_timeIndex = -1, m_metricIndex = -1, m_valueIndex = -1;
    std::vector<Cell> m_cells;
    std::vector<Label> m_labels;
    std::vector<Field> m_fields;
    RecordTable m_table = RecordTable::PoolSample;
    std::vector<MetricLabel> m_rowLabels;
    std::vector<RecordField> m_rowFields;
};

} // namespace tailscope::import::csvtable
