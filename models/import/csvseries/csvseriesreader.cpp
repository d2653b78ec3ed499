// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/csvseries/csvseriesreader.h"

#include "base/text.h"
#include "import/common/jsontext.h"

#include <algorithm>
#include <array>

namespace tailscope::import {

namespace {

constexpr std::size_t kMaxHeaderLines = 1000;
constexpr std::size_t kMaxColumns = 256;

std::string unquoted(std::string_view field)
{
    field = trimmed(field);
    if (field.size() >= 2 && field.front() == '"' && field.back() == '"')
        field = field.substr(1, field.size() - 2);
    return toLowerAscii(trimmed(field));
}

bool isGap(std::string_view text)
{
    static constexpr std::array<std::string_view, 5> kGaps{"nan", "null", "na", "n/a", "-"};
    if (text.empty())
        return true;
    if (text.size() > 4)
        return false;
    const std::string lower = toLowerAscii(text);
    return std::find(kGaps.begin(), kGaps.end(), lower) != kGaps.end();
}

std::optional<SeriesKind> kindOf(std::string_view text)
{
    const std::string lower = toLowerAscii(trimmed(text));
    if (lower.empty() || lower == "unknown" || lower == "untyped")
        return SeriesKind::Unknown;
    if (lower == "gauge")
        return SeriesKind::Gauge;
    if (lower == "counter")
        return SeriesKind::Counter;
    if (lower == "delta")
        return SeriesKind::Delta;
    if (lower == "histogram")
        return SeriesKind::Histogram;
    return std::nullopt;
}

} // namespace

std::optional<CsvHeader> CsvHeader::parse(std::string_view line)
{
    for (const char delimiter : {',', ';', '\t'}) {
        CsvHeader header;
        header.delimiter = delimiter;
        const std::vector<std::string_view> names = split(line, delimiter);
        header.columns = names.size();
        if (names.size() < 3 || names.size() > kMaxColumns)
            continue;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string name = unquoted(names[i]);
            const auto column = static_cast<int>(i);
            int *known = name == "ts" || name == "timestamp" || name == "time" ? &header.ts
                : name == "series" || name == "metric" || name == "name"       ? &header.series
                : name == "labels" || name == "tags"                           ? &header.labels
                : name == "value"                                              ? &header.value
                : name == "unit"                                               ? &header.unit
                : name == "kind" || name == "type"                             ? &header.kind
                : name == "service"                                            ? &header.service
                : name == "instance"                                           ? &header.instance
                : name == "role"                                               ? &header.role
                                                                               : nullptr;
            if (known != nullptr && *known < 0)
                *known = column;
            else if (!name.empty())
                header.extra.emplace_back(column, name);
        }
        if (header.ts >= 0 && header.series >= 0 && header.value >= 0)
            return header;
    }
    return std::nullopt;
}

CsvSeriesReader::CsvSeriesReader(const ReadOptions &options)
    : m_time(options)
{}

Result<void> CsvSeriesReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    TS_TRY(m_time.check(source.name()));
    LineReader lines(source, CsvRecords::kMaxLine);
    TS_TRY(readHeader(lines, source.name(), report));
    setSource(sink, m_time.askedTimezone());

    CsvRecords records(lines, m_header.delimiter);
    std::vector<Stored> ahead;
    CsvRecord record;
    while (ahead.size() < kLookAhead && records.next(record)) {
        if (record.blank)
            continue;
        ahead.push_back({record, std::vector<std::string>(record.fields.begin(), record.fields.end()),
            std::string(record.raw)});
    }
    decideUnit(ahead, report);
    for (Stored &stored : ahead) {
        stored.record.fields.assign(stored.fields.begin(), stored.fields.end());
        stored.record.raw = stored.raw;
        takeRecord(stored.record, sink, report);
    }
    ahead = {};
    while (records.next(record)) {
        if (!record.blank)
            takeRecord(record, sink, report);
    }
    setSource(sink, m_time.timezone());
    return lines.result();
}

void CsvSeriesReader::setSource(RowSink &sink, const std::string &timezone) const
{
    SourceInfo info;
    info.kind = SourceKind::Metrics;
    info.clock = m_time.clock();
    info.timezone = timezone;
    sink.setSource(info);
}

Result<void> CsvSeriesReader::readHeader(LineReader &lines, const std::string &name, ImportReport &report)
{
    Line line;
    while (line.number < kMaxHeaderLines && lines.next(line)) {
        if (trimmed(line.text).empty() || line.text.front() == '#')
            continue;
        const std::optional<CsvHeader> header = CsvHeader::parse(line.text);
        if (!header || line.tooLong)
            break;
        m_header = *header;
        // Rejected lines mean nothing without it when they are imported again.
        report.head(line.offset, line.text);
        return {};
    }
    TS_TRY(lines.result());
    return fail(Error{ErrorCode::BadInput, name, "no header with a time, a series and a value column",
        Location{line.offset, line.number, std::nullopt},
        "The first line must name the columns: ts,series,labels,value."});
}

/// Numbers as times mean what most of the first rows suggest.
void CsvSeriesReader::decideUnit(const std::vector<Stored> &ahead, ImportReport &report)
{
    std::array<int, 4> votes{};
    std::uint64_t offset = 0;
    int numbers = 0;
    for (const Stored &stored : ahead) {
        const auto column = static_cast<std::size_t>(m_header.ts);
        if (column >= stored.fields.size())
            continue;
        const std::optional<EpochUnit> unit = epochUnitOf(trimmed(stored.fields[column]));
        if (!unit)
            continue;
        if (numbers++ == 0)
            offset = stored.record.offset;
        ++votes[static_cast<std::size_t>(*unit)];
    }
    if (numbers == 0)
        return;
    const auto unit = static_cast<EpochUnit>(std::max_element(votes.begin(), votes.end()) - votes.begin());
    m_time.setUnit(unit);
    report.note(IssueSeverity::Info, "epoch-unit", offset,
        "the times are numbers: they were taken as " + std::string(toText(unit)) + " since 1970");
}

std::string_view CsvSeriesReader::field(const CsvRecord &record, int column) const
{
    const auto at = static_cast<std::size_t>(column);
    return column >= 0 && at < record.fields.size() ? record.fields[at] : std::string_view();
}

void CsvSeriesReader::takeRecord(const CsvRecord &record, RowSink &sink, ImportReport &report)
{
    const auto skip = [&](std::string_view kind, std::string_view reason) {
        report.skip(kind, record.offset, record.length, reason, record.raw);
    };
    if (record.problem == CsvRecord::Problem::TooLong)
        return skip("line-too-long", "the line is longer than 1 MiB");
    if (record.problem == CsvRecord::Problem::UnclosedQuote)
        return skip("unclosed-quote", "a quote is opened and not closed");
    if (record.fields.size() != m_header.columns)
        return skip("wrong-field-count",
            std::to_string(record.fields.size()) + " fields where the header has "
                + std::to_string(m_header.columns));
    if (trimmed(field(record, m_header.series)).empty())
        return skip("no-series", "the series has no name");
    const std::optional<TimeText::Time> time
        = m_time.parse(field(record, m_header.ts), record.offset, report);
    if (!time)
        return skip("bad-time", "the time is neither a date nor a number since 1970");
    double value = 0;
    const std::string_view text = trimmed(field(record, m_header.value));
    if (isGap(text)) {
        // The series exists even when all it has is gaps.
        seriesOf(record, sink, report);
        report.note(IssueSeverity::Info, "gap", record.offset, "rows without a value are gaps, not zeros");
        report.rowRead();
        return;
    }
    if (!readValue(text, record, value, report))
        return skip("bad-value", "the value is not a finite number");
    sink.point(seriesOf(record, sink, report), time->ns, value);
    report.rowRead();
}

bool CsvSeriesReader::readValue(std::string_view text, const CsvRecord &record, double &value,
    ImportReport &report)
{
    std::optional<double> parsed = parseDouble(text);
    // Where the comma does not separate fields it is the decimal sign of many locales.
    if (!parsed && m_header.delimiter != ',' && std::count(text.begin(), text.end(), ',') == 1
        && text.find('.') == std::string_view::npos) {
        m_comma = text;
        std::replace(m_comma.begin(), m_comma.end(), ',', '.');
        parsed = parseDouble(m_comma);
        if (parsed)
            report.note(IssueSeverity::Info, "decimal-comma", record.offset,
                "a comma was read as decimal sign");
    }
    value = parsed.value_or(0);
    return parsed.has_value();
}

SeriesRef CsvSeriesReader::seriesOf(const CsvRecord &record, RowSink &sink, ImportReport &report)
{
    m_key.clear();
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        if (static_cast<int>(i) == m_header.ts || static_cast<int>(i) == m_header.value)
            continue;
        m_key += record.fields[i];
        m_key += '\x1F';
    }
    const auto found = m_series.find(m_key);
    if (found != m_series.end())
        return found->second;
    const SeriesRef series = newSeries(record, sink, report);
    if (m_series.size() >= kMaxCached)
        m_series.clear();
    m_series.emplace(m_key, series);
    return series;
}

SeriesRef CsvSeriesReader::newSeries(const CsvRecord &record, RowSink &sink, ImportReport &report)
{
    std::map<std::string, std::string> labels;
    for (const std::string_view pair : split(field(record, m_header.labels), ';')) {
        if (trimmed(pair).empty())
            continue;
        const std::size_t equals = pair.find('=');
        const std::string key = sanitizedUtf8(trimmed(pair.substr(0, equals)));
        if (equals == std::string_view::npos || key.empty()) {
            report.note(IssueSeverity::Notice, "bad-label", record.offset,
                "a label is not of the form key=value: it was left out");
            continue;
        }
        labels[key] = sanitizedUtf8(trimmed(pair.substr(equals + 1)));
    }
    for (const auto &[column, name] : m_header.extra) {
        const std::string_view text = trimmed(field(record, column));
        if (!text.empty())
            labels[sanitizedUtf8(name)] = sanitizedUtf8(text);
    }
    const auto own = [&](int column, const char *label) {
        const std::string text = sanitizedUtf8(trimmed(field(record, column)));
        const auto found = labels.find(label);
        return text.empty() && found != labels.end() ? found->second : text;
    };
    const std::string name = sanitizedUtf8(trimmed(field(record, m_header.series)));
    const std::string unit = own(m_header.unit, "unit");
    const std::string service = own(m_header.service, "service");
    const std::string instance = own(m_header.instance, "instance");
    const std::string role = own(m_header.role, "role");
    const std::optional<SeriesKind> kind = kindOf(field(record, m_header.kind));
    if (!kind)
        report.note(IssueSeverity::Notice, "unknown-kind", record.offset,
            "the kind is none of gauge, counter, delta, histogram");
    JsonText json;
    json.startObject();
    for (const auto &[key, value] : labels) {
        json.key(key);
        json.string(value);
    }
    json.endObject();
    SeriesRow row;
    row.metric = name;
    row.foreignName = name;
    row.service = service;
    row.instance = instance;
    row.role = role;
    row.unit = unit;
    row.labelsJson = json.text();
    row.kind = kind.value_or(SeriesKind::Unknown);
    return sink.series(row);
}

} // namespace tailscope::import
