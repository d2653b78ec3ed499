// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/csvtable/csvtablereader.h"

#include "base/text.h"
#include "import/csvtable/columnmaps.h"

#include <algorithm>
#include <cmath>

namespace tailscope::import::csvtable {

namespace {

/// A source whose first bytes were looked at before.
class Replayed final : public ByteSource
{
public:
    Replayed(std::string head, ByteSource &rest)
        : m_head(std::move(head))
        , m_rest(rest)
    {}
    Result<std::string_view> next() override
    {
        m_atHead = !m_given && !m_head.empty();
        m_given = true;
        return m_atHead ? Result<std::string_view>(m_head) : m_rest.next();
    }
    std::uint64_t offset() const override { return m_atHead ? 0 : m_rest.offset(); }
    const std::string &name() const override { return m_rest.name(); }

private:
    std::string m_head;
    ByteSource &m_rest;
    bool m_given = false, m_atHead = false;
};

std::string namesOf(const TablePreview &preview)
{
    std::string names;
    for (const std::string &column : preview.columns) {
        if (names.size() > 400)
            return names + ", ...";
        names += (names.empty() ? "" : ", ") + column;
    }
    return names;
}

Error noColumn(const std::string &file, std::string_view column, const TablePreview &preview)
{
    return Error{ErrorCode::BadInput, file, "the table has no column '" + std::string(column) + "'",
        std::nullopt, "Its columns: " + namesOf(preview) + "."};
}

} // namespace

CsvTableReader::CsvTableReader(const ReadOptions &options)
    : m_options(options)
    , m_time(options)
{}

Result<void> CsvTableReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    TS_TRY(m_time.check(source.name()));
    std::string head;
    while (head.size() < kSniffBytes) {
        const Result<std::string_view> chunk = source.next();
        if (!chunk)
            return fail(chunk.error());
        if (chunk->empty())
            break;
        head += *chunk;
    }
    TS_TRY(chooseMap(std::string_view(head).substr(0, kSniffBytes), source.name(), report));
    setSource(sink, m_time.askedTimezone());

    Replayed whole(std::move(head), source);
    LineReader lines(whole, CsvRecords::kMaxLine);
    // What stands in front of the rows is passed by as the preview passed it.
    Line line;
    std::size_t skip = m_map.skipLines;
    CsvRecords records(lines, m_delimiter);
    for (; skip > 0 && lines.next(line); --skip) {}
    CsvRecord record;
    bool headerDue = m_map.hasHeader;
    MetricRows rows(sink, report);
    while (records.next(record)) {
        if (record.blank || (headerDue && trimmed(record.raw).starts_with("sep=")))
            continue;
        if (headerDue) {
            // Rejected lines mean nothing without it when they are imported again.
            report.head(record.offset, record.raw);
            headerDue = false;
            continue;
        }
        takeRow(record, sink, rows, report);
    }
    rows.finish();
    setSource(sink, m_time.timezone());
    return lines.result();
}

void CsvTableReader::setSource(RowSink &sink, const std::string &timezone) const
{
    SourceInfo info;
    info.kind = SourceKind::Metrics;
    info.clock = m_time.clock();
    info.timezone = timezone;
    sink.setSource(info);
}

Result<void> CsvTableReader::chooseMap(std::string_view head, const std::string &name, ImportReport &report)
{
    if (!m_options.columnMap.empty()) {
        Result<ColumnMap> given = ColumnMap::parse(m_options.columnMap, "column map");
        if (!given)
            return fail(std::move(given.error()));
        m_map = std::move(*given);
    }
    const bool isGiven = !m_options.columnMap.empty();
    std::optional<TablePreview> preview = TablePreview::read(head, isGiven ? &m_map : nullptr);
    if (!preview)
        return fail(ErrorCode::BadInput, name, "no delimiter makes columns of the first lines",
            "Say how the columns are separated and what they mean with --map MAP.toml.");
    if (!isGiven) {
        if (std::optional<ColumnMap> kept = rememberedMap(preview->headerLine)) {
            m_map = std::move(*kept);
            preview = TablePreview::read(head, &m_map);
            // The same table without the lines in front of it.
            if (m_map.skipLines > 0 && !m_map.timeColumn.empty()
                && (!preview || preview->indexOf(m_map.timeColumn) < 0)) {
                m_map.skipLines = 0;
                preview = TablePreview::read(head, &m_map);
            }
            report.note(IssueSeverity::Info, "remembered-map", 0,
                "the columns were read as the last table with this header: "
                    + columnMapFile(preview ? preview->headerLine : std::string()).string());
        } else if (std::optional<ColumnMap> guess = guessMap(*preview)) {
            m_map = std::move(*guess);
            report.note(IssueSeverity::Info, "guessed-columns", 0,
                "no map was given: the time is in '" + m_map.timeColumn
                    + "', columns of numbers are series, columns of text are labels");
        } else {
            return fail(ErrorCode::BadInput, name, "no column has times and none that follows has numbers",
                "Say what the columns mean with --map MAP.toml. They are: " + namesOf(*preview) + ".");
        }
        if (!preview)
            return fail(ErrorCode::BadInput, name, "the remembered map does not fit the table",
                "Give a new one with --map MAP.toml.");
    }
    m_delimiter = preview->delimiter;
    m_columns = preview->columns.size();
    return bind(*preview, name, report);
}

Result<void> CsvTableReader::bind(const TablePreview &preview, const std::string &name, ImportReport &report)
{
    std::string timeColumn = m_map.timeColumn;
    if (timeColumn.empty()) {
        if (const std::optional<ColumnMap> guess = guessMap(preview))
            timeColumn = guess->timeColumn;
    }
    m_timeIndex = preview.indexOf(timeColumn);
    if (m_timeIndex < 0)
        return timeColumn.empty() ? fail(ErrorCode::BadInput, name, "no column with times was found",
                   "Name it in the map: [time] column = \"...\". The columns: " + namesOf(preview) + ".")
                                  : fail(noColumn(name, timeColumn, preview));
    if (m_map.timeUnit)
        m_time.setUnit(*m_map.timeUnit);
    for (const std::string &label : m_map.labels) {
        const int index = preview.indexOf(label);
        if (index >= 0)
            m_labels.push_back({std::size_t(index), preview.columns[std::size_t(index)]});
        else
            report.note(IssueSeverity::Notice, "column-missing", 0,
                "the map has the label '" + label + "', the table has no such column");
    }
    if (!m_map.table.empty())
        return bindRecord(preview, name, report);
    if (!m_map.metricColumn.empty()) {
        m_metricIndex = preview.indexOf(m_map.metricColumn);
        m_valueIndex = preview.indexOf(m_map.valueColumn);
        if (m_metricIndex < 0)
            return fail(noColumn(name, m_map.metricColumn, preview));
        return m_valueIndex >= 0 ? Result<void>() : fail(noColumn(name, m_map.valueColumn, preview));
    }
    bindWide(preview, report);
    if (m_cells.empty())
        return fail(ErrorCode::BadInput, name, "no column becomes a series",
            "Name them in the map: [[series]] column = \"...\". The columns: " + namesOf(preview) + ".");
    return {};
}

void CsvTableReader::bindWide(const TablePreview &preview, ImportReport &report)
{
    std::vector<bool> used(preview.columns.size(), false);
    used[std::size_t(m_timeIndex)] = true;
    for (const Label &label : m_labels)
        used[label.index] = true;
    for (const std::string &ignored : m_map.ignored) {
        if (const int index = preview.indexOf(ignored); index >= 0)
            used[std::size_t(index)] = true;
    }
    for (const ColumnMap::Series &series : m_map.series) {
        const int index = preview.indexOf(series.column);
        if (index < 0) {
            report.note(IssueSeverity::DataLoss, "column-missing", 0,
                "the map has the series '" + series.column + "', the table has no such column");
            continue;
        }
        used[std::size_t(index)] = true;
        m_cells.push_back({std::size_t(index), series.metric, series.unit, series.kind, series.scale});
    }
    if (!m_map.otherColumns)
        return;
    for (std::size_t i = 0; i < preview.columns.size(); ++i) {
        if (!used[i])
            m_cells.push_back({i, preview.columns[i], {}, SeriesKind::Gauge, 1});
    }
}

Result<void> CsvTableReader::bindRecord(const TablePreview &preview, const std::string &name,
    ImportReport &report)
{
    const RecordTarget *target = recordTarget(m_map.table);
    if (target == nullptr)
        return fail(ErrorCode::BadInput, name, "'" + m_map.table + "' is no table rows can be mapped to",
            "Use pool_sample, replica_sample, queue_sample or cache_sample.");
    m_table = target->table;
    for (const TargetColumn &column : target->columns) {
        const std::string key(column.name);
        if (const auto constant = m_map.constants.find(key); constant != m_map.constants.end())
            m_fields.push_back({column.name, column.isText, -1, constant->second});
        const auto mapped = m_map.fields.find(key);
        if (mapped == m_map.fields.end())
            continue;
        const int index = preview.indexOf(mapped->second);
        if (index >= 0)
            m_fields.push_back({column.name, column.isText, index, {}});
        else
            report.note(IssueSeverity::DataLoss, "column-missing", 0,
                "the map has '" + mapped->second + "' for " + key + ", the table has no such column");
    }
    if (std::none_of(m_fields.begin(), m_fields.end(), [](const Field &field) { return field.index >= 0; }))
        return fail(ErrorCode::BadInput, name, "none of the mapped columns is in the table",
            "The columns: " + namesOf(preview) + ".");
    return {};
}

std::string_view CsvTableReader::field(const CsvRecord &record, int index) const
{
    const auto at = static_cast<std::size_t>(index);
    return index >= 0 && at < record.fields.size() ? trimmed(record.fields[at]) : std::string_view();
}

std::optional<Nanos> CsvTableReader::timeOf(const CsvRecord &record, ImportReport &report)
{
    std::string_view text = field(record, m_timeIndex);
    std::optional<std::string> iso;
    if (!m_map.timePattern.empty()) {
        iso = isoTime(text, m_map.timePattern);
        if (!iso)
            return std::nullopt;
        text = *iso;
    }
    const std::optional<TimeText::Time> time = m_time.parse(text, record.offset, report);
    return time ? std::optional(time->ns) : std::nullopt;
}

void CsvTableReader::takeRow(const CsvRecord &record, RowSink &sink, MetricRows &rows, ImportReport &report)
{
    const auto skip = [&](std::string_view kind, std::string_view reason) {
        report.skip(kind, record.offset, record.length, reason, record.raw);
    };
    if (record.problem == CsvRecord::Problem::TooLong)
        return skip("line-too-long", "the line is longer than 1 MiB");
    if (record.problem == CsvRecord::Problem::UnclosedQuote)
        return skip("unclosed-quote", "a quote is opened and not closed");
    if (record.fields.size() != m_columns)
        return skip("wrong-field-count",
            std::to_string(record.fields.size()) + " fields where the header has "
                + std::to_string(m_columns));
    const std::optional<Nanos> time = timeOf(record, report);
    if (!time)
        return skip("bad-time",
            m_map.timePattern.empty()
                ? "the time is neither a date nor a number since 1970; a map can give its pattern"
                : "the time does not fit the pattern of the map");
    if (!m_fields.empty())
        return takeRecord(record, *time, sink, report);
    m_rowLabels.clear();
    for (const Label &label : m_labels) {
        if (const std::string_view text = field(record, int(label.index)); !text.empty())
            m_rowLabels.push_back({label.name, text});
    }
    if (!m_map.service.empty())
        m_rowLabels.push_back({"service", m_map.service});
    if (!m_map.instance.empty())
        m_rowLabels.push_back({"instance", m_map.instance});
    if (m_valueIndex >= 0)
        return takeLong(record, *time, rows, report);
    takeValues(record, *time, rows, report);
}

std::optional<CellNumber> CsvTableReader::numberOf(std::string_view text, const CsvRecord &record,
    std::string_view column, ImportReport &report)
{
    if (isGap(text)) {
        report.note(IssueSeverity::Info, "gap", record.offset, "cells without a value are gaps, not zeros");
        return std::nullopt;
    }
    const std::optional<CellNumber> number = cellNumber(text, m_delimiter);
    if (!number) {
        report.skip("bad-value", record.offset, record.length,
            "'" + std::string(utf8Prefix(text, 80)) + "' in '" + std::string(column)
                + "' is no finite number",
            record.raw);
        return std::nullopt;
    }
    if (number->hadComma)
        report.note(IssueSeverity::Info, "decimal-comma", record.offset, "a comma was read as decimal sign");
    if (number->isPercent)
        report.note(IssueSeverity::Info, "percent", record.offset,
            "values with a percent sign keep their number; their unit is %");
    return number;
}

void CsvTableReader::takeValues(const CsvRecord &record, Nanos tsNs, MetricRows &rows, ImportReport &report)
{
    for (Cell &cell : m_cells) {
        const auto number = numberOf(field(record, int(cell.index)), record, cell.metric, report);
        if (!number)
            continue;
        if (number->isPercent && cell.unit.empty())
            cell.unit = "%";
        MetricSample sample;
        sample.name = cell.metric;
        sample.labels = m_rowLabels;
        sample.kind = cell.kind;
        sample.unit = cell.unit;
        sample.tsNs = tsNs;
        sample.value = number->value * cell.scale;
        sample.offset = record.offset;
        rows.sample(sample);
    }
    report.rowRead();
}

void CsvTableReader::takeLong(const CsvRecord &record, Nanos tsNs, MetricRows &rows, ImportReport &report)
{
    const std::string_view name = field(record, m_metricIndex);
    if (name.empty())
        return report.skip("no-series", record.offset, record.length, "the series has no name", record.raw);
    const std::string_view text = field(record, m_valueIndex);
    const auto number = numberOf(text, record, m_map.valueColumn, report);
    if (!number) {
        if (isGap(text))
            report.rowRead();
        return;
    }
    MetricSample sample;
    sample.name = name;
    sample.labels = m_rowLabels;
    sample.kind = SeriesKind::Gauge;
    sample.unit = number->isPercent ? "%" : "";
    sample.tsNs = tsNs;
    sample.value = number->value;
    sample.offset = record.offset;
    for (const ColumnMap::Series &series : m_map.series) {
        if (series.column != name)
            continue;
        sample.name = series.metric;
        sample.unit = series.unit;
        sample.kind = series.kind;
        sample.value *= series.scale;
    }
    rows.sample(sample);
    report.rowRead();
}

void CsvTableReader::takeRecord(const CsvRecord &record, Nanos tsNs, RowSink &sink, ImportReport &report)
{
    m_rowFields.clear();
    m_rowFields.push_back({"ts_ns", std::int64_t(tsNs)});
    for (const Field &one : m_fields) {
        const std::string_view text
            = one.index < 0 ? std::string_view(one.constant) : field(record, one.index);
        if (one.isText) {
            if (!text.empty())
                m_rowFields.push_back({one.name, text});
            continue;
        }
        const auto number = numberOf(text, record, one.name, report);
        if (!number && !isGap(text))
            return; // rejected as a whole: half a sample would look like a measured one
        if (number && number->value == std::floor(number->value) && std::fabs(number->value) < 9e15)
            m_rowFields.push_back({one.name, std::int64_t(number->value)});
        else if (number)
            m_rowFields.push_back({one.name, number->value});
    }
    RecordRow row{};
    row.table = m_table;
    row.fields = m_rowFields;
    sink.record(row);
    report.rowRead();
}

} // namespace tailscope::import::csvtable
