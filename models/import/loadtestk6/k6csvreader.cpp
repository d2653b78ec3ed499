// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestk6/k6csvreader.h"

#include "base/text.h"
#include "import/loadtest/loadnumbers.h"

#include <algorithm>

namespace tailscope::import::k6 {

namespace {

constexpr char kUnit = '\x1F', kRecord = '\x1E';

/// "a=1&b=2" of the column extra_tags; "metadata" too.
void addPairs(std::string_view text, std::string &out)
{
    for (const std::string_view pair : split(text, '&')) {
        const std::size_t at = pair.find('=');
        if (at == std::string_view::npos || at == 0)
            continue;
        out.append(pair.substr(0, at)) += kUnit;
        out.append(pair.substr(at + 1)) += kRecord;
    }
}

} // namespace

void readCsvTags(std::string_view raw, Tags &out)
{
    out.clear();
    while (!raw.empty()) {
        const std::size_t end = raw.find(kRecord);
        const std::string_view pair = raw.substr(0, end);
        const std::size_t at = pair.find(kUnit);
        if (at != std::string_view::npos)
            out.emplace_back(pair.substr(0, at), pair.substr(at + 1));
        if (end == std::string_view::npos)
            return;
        raw.remove_prefix(end + 1);
    }
}

Result<void> K6CsvReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    TS_TRY(m_time.check(source.name()));
    LineReader lines(source, CsvRecords::kMaxLine);
    CsvRecords records(lines, ',');
    TS_TRY(readHeader(records, lines, source.name(), report));
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, m_time.askedTimezone()});
    K6Rows rows(sink, report, readCsvTags);
    CsvRecord record;
    while (records.next(record)) {
        if (!record.blank)
            takeRecord(record, rows, report);
    }
    TS_TRY(lines.result());
    rows.finish();
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, m_time.timezone()});
    return {};
}

Result<void> K6CsvReader::readHeader(CsvRecords &records, LineReader &lines, const std::string &name,
    ImportReport &report)
{
    CsvRecord record;
    if (records.next(record)) {
        for (const std::string_view field : record.fields)
            m_names.push_back(toLowerAscii(trimmed(field)));
        const auto place = [this](std::string_view column) {
            return static_cast<std::size_t>(
                std::find(m_names.begin(), m_names.end(), column) - m_names.begin());
        };
        m_metric = place("metric_name");
        m_timestamp = place("timestamp");
        m_value = place("metric_value");
        if (std::max({m_metric, m_timestamp, m_value}) < m_names.size()) {
            report.head(record.offset, record.raw);
            return {};
        }
    }
    TS_TRY(lines.result());
    return fail(Error{ErrorCode::BadInput, name, "no header with metric_name, timestamp and metric_value",
        Location{record.offset, 1, std::nullopt}, "k6 run --out csv=FILE writes them in its first line"});
}

void K6CsvReader::takeRecord(const CsvRecord &record, K6Rows &rows, ImportReport &report)
{
    const auto reject = [&](std::string_view kind, std::string_view reason) {
        report.skip(kind, record.offset, record.length, reason, record.raw);
    };
    if (record.problem != CsvRecord::Problem::None)
        return reject("malformed-line", "the line is too long or its quote does not close");
    if (record.fields.size() != m_names.size())
        return reject("column-count", "the line has not as many fields as the header");
    const std::optional<TimeText::Time> time
        = m_time.parse(trimmed(record.fields[m_timestamp]), record.offset, report);
    if (!time)
        return reject("bad-time", "the timestamp is neither a date nor a number since 1970");
    const std::optional<double> value = loadtest::number(record.fields[m_value]);
    if (!value)
        return reject("no-value", "the value is no number");
    if (time->ns % kNanosPerSecond == 0)
        report.note(IssueSeverity::Info, "times-in-seconds", record.offset,
            "times have whole seconds only: K6_CSV_TIME_FORMAT=unix_nano writes exact ones");
    m_raw.clear();
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        const std::string_view field = trimmed(record.fields[i]);
        if (i == m_metric || i == m_timestamp || i == m_value || field.empty())
            continue;
        if (m_names[i] == "extra_tags" || m_names[i] == "metadata") {
            addPairs(field, m_raw);
            continue;
        }
        m_raw.append(m_names[i]) += kUnit;
        m_raw.append(field) += kRecord;
    }
    Sample sample;
    sample.metric = trimmed(record.fields[m_metric]);
    sample.ns = time->ns;
    sample.value = *value;
    sample.rawTags = m_raw;
    sample.offset = record.offset;
    rows.sample(sample);
    report.rowRead();
}

} // namespace tailscope::import::k6
