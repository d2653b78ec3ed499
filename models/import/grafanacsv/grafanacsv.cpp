// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/grafanacsv/grafanacsv.h"

#include "base/text.h"
#include "import/common/timetext.h"
#include "import/csvseries/csvrecords.h"
#include "import/grafanacsv/grafanacell.h"
#include "import/metrics/metricrows.h"
#include "import/prometheus/expositionline.h"

#include <optional>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "grafana-csv",
    "Grafana CSV export",
    "*.csv",
    SourceKind::Metrics,
    "Downloaded in Grafana under Inspect, Data: a column Time and one column a series.",
};
constexpr std::size_t kMaxColumns = 4096;

bool isTimeName(std::string_view cell)
{
    const std::string lower = toLowerAscii(trimmed(cell));
    return lower == "time" || lower == "\"time\"";
}

/// Past the "sep=;" that is written for spreadsheets: the header and its delimiter.
struct Header
{
    std::string_view line;
    char delimiter = ',';
    bool hasSeparatorLine = false;
};

std::optional<Header> findHeader(std::string_view line, Header soFar)
{
    if (line.starts_with("sep=") && line.size() == 5) {
        soFar.delimiter = line[4];
        soFar.hasSeparatorLine = true;
        return soFar;
    }
    for (const char delimiter : {soFar.delimiter, ',', ';', '\t'}) {
        const std::size_t end = line.find(delimiter);
        if (end != std::string_view::npos && isTimeName(line.substr(0, end)))
            return Header{line, delimiter, soFar.hasSeparatorLine};
    }
    return std::nullopt;
}

class GrafanaReader final : public Reader
{
public:
    explicit GrafanaReader(const ReadOptions &options)
        : m_time(options)
    {}
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    struct Column
    {
        std::string name;
        std::vector<std::pair<std::string, std::string>> labels;
        std::string unit;
        bool hasUnit = false;
    };
    Result<Header> readHeader(LineReader &lines, std::string &text, const std::string &file,
        ImportReport &report);
    void readNames(std::string_view header, char delimiter);
    void takeRecord(const CsvRecord &record, MetricRows &rows, ImportReport &report);

    TimeText m_time;
    std::vector<Column> m_columns;
};

Result<Header> GrafanaReader::readHeader(LineReader &lines, std::string &text, const std::string &file,
    ImportReport &report)
{
    Line line;
    Header header;
    for (int i = 0; i < 5 && lines.next(line); ++i) {
        if (trimmed(line.text).empty())
            continue;
        const std::optional<Header> found = findHeader(trimmed(line.text), header);
        if (!found)
            break;
        header = *found;
        if (header.line.empty())
            continue;
        text = line.text;
        report.head(line.offset, text);
        return header;
    }
    TS_TRY(lines.result());
    return fail(Error{ErrorCode::BadInput, file, "its first line does not begin with a column Time",
        Location{line.offset, line.number, std::nullopt},
        "Export the panel's data in Grafana (Inspect, Data)."});
}

/// Names as `name{label="value"}`, or whatever the panel calls the series.
void GrafanaReader::readNames(std::string_view header, char delimiter)
{
    MemorySource source(std::string(header) + '\n', "header");
    LineReader lines(source, CsvRecords::kMaxLine);
    CsvRecords records(lines, delimiter);
    CsvRecord record;
    prometheus::ExpositionParser parser;
    if (!records.next(record))
        return;
    for (const std::string_view cell : record.fields) {
        Column &column = m_columns.emplace_back();
        const std::string text(trimmed(cell));
        const std::string line = text + " 0"; // the parser's views lead into it
        const prometheus::ExpositionLine &parsed = parser.parse(line);
        column.name = text;
        if (parsed.kind != prometheus::ExpositionLine::Kind::Sample)
            continue;
        if (!parsed.name.empty())
            column.name = parsed.name;
        for (const MetricLabel &label : parsed.labels)
            column.labels.emplace_back(label.key, label.value);
    }
}

void GrafanaReader::takeRecord(const CsvRecord &record, MetricRows &rows, ImportReport &report)
{
    const auto skip = [&](std::string_view kind, std::string_view reason) {
        report.skip(kind, record.offset, record.length, reason, record.raw);
    };
    if (record.problem != CsvRecord::Problem::None)
        return skip("bad-line", "the line is longer than 1 MiB, or a quote is not closed");
    if (record.fields.size() != m_columns.size())
        return skip("wrong-field-count",
            std::to_string(record.fields.size()) + " fields where the header has "
                + std::to_string(m_columns.size()));
    const std::optional<TimeText::Time> time = m_time.parse(trimmed(record.fields[0]), record.offset, report);
    if (!time)
        return skip("bad-time", "the time is neither a date nor a number since 1970");
    report.rowRead();
    std::vector<MetricLabel> labels;
    for (std::size_t i = 1; i < record.fields.size(); ++i) {
        Column &column = m_columns[i];
        if (isGrafanaGap(record.fields[i])) {
            report.note(IssueSeverity::Info, "gap", record.offset, "empty cells are gaps, not zeros");
            continue;
        }
        const std::optional<GrafanaCell> cell = parseGrafanaCell(record.fields[i]);
        if (!cell) {
            report.note(IssueSeverity::DataLoss, "bad-value", record.offset,
                "a cell is not a number: it was left out");
            continue;
        }
        if (!column.hasUnit) {
            column.unit = cell->unit;
            column.hasUnit = true;
        } else if (column.unit != cell->unit && cell->value != 0) {
            report.note(IssueSeverity::DataLoss, "mixed-units", record.offset,
                "a cell has another unit than the first one of its column: it was left out");
            continue;
        }
        labels.clear();
        for (const auto &[key, value] : column.labels)
            labels.push_back({key, value});
        MetricSample sample;
        sample.name = column.name;
        sample.labels = labels;
        sample.unit = column.unit;
        sample.tsNs = time->ns;
        sample.value = cell->value;
        sample.offset = record.offset;
        rows.sample(sample);
    }
}

Result<void> GrafanaReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    TS_TRY(m_time.check(source.name()));
    LineReader lines(source, CsvRecords::kMaxLine);
    std::string header;
    Result<Header> found = readHeader(lines, header, source.name(), report);
    if (!found)
        return tl::unexpected(std::move(found.error()));
    readNames(header, found->delimiter);
    if (m_columns.size() > kMaxColumns)
        return fail(ErrorCode::BadInput, source.name(), "more than 4,096 columns", "Export fewer series.");
    const std::string asked = m_time.askedTimezone();
    sink.setSource({SourceKind::Metrics, m_time.clock(), asked});
    MetricRows rows(sink, report);
    CsvRecords records(lines, found->delimiter);
    CsvRecord record;
    while (records.next(record)) {
        if (!record.blank)
            takeRecord(record, rows, report);
    }
    rows.finish();
    const std::string timezone = m_time.timezone();
    sink.setSource({SourceKind::Metrics, m_time.clock(), timezone});
    return lines.result();
}

class GrafanaImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<GrafanaReader>(options);
    }
    /// Grafana quotes its names, writes "sep=" or has series with labels; another table with a column Time
    /// does not.
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        Header header;
        for (int i = 0; i < 3 && !prefix.empty(); ++i) {
            const std::size_t end = prefix.find('\n');
            if (end == std::string_view::npos && prefix.size() >= kSniffBytes)
                return Confidence::No;
            const std::string_view line = trimmed(prefix.substr(0, end));
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
            if (line.empty())
                continue;
            const std::optional<Header> found = findHeader(line, header);
            if (!found)
                return Confidence::No;
            header = *found;
            if (header.line.empty())
                continue;
            const bool own = header.hasSeparatorLine || line.starts_with("\"Time\"")
                || line.find("{") != std::string_view::npos;
            return own ? Confidence::Strong : Confidence::No;
        }
        return Confidence::No;
    }
};

} // namespace

const Importer &grafanaCsvImporter()
{
    static const GrafanaImporter importer;
    return importer;
}

} // namespace tailscope::import
