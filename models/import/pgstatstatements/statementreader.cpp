// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pgstatstatements/statementreader.h"

#include "base/text.h"
#include "import/common/jsonframer.h"
#include "import/common/jsonrecord.h"

namespace tailscope::import {

namespace {

using Column = StatementColumn;

constexpr std::size_t kMaxHeaderLines = 100;
constexpr std::size_t kMaxColumns = 256;

/// A source whose first bytes were looked at.
class LookedAt final : public ByteSource
{
public:
    explicit LookedAt(ByteSource &source)
        : m_source(source)
    {}
    /// The first byte that is no blank; -1 when there is none.
    Result<int> firstByte()
    {
        for (;;) {
            const Result<std::string_view> chunk = m_source.next();
            if (!chunk)
                return tl::unexpected(chunk.error());
            if (chunk->empty())
                return -1;
            m_seen += *chunk;
            const std::size_t at = m_seen.find_first_not_of(" \t\r\n");
            if (at < kSniffBytes)
                return static_cast<unsigned char>(m_seen[at]);
            if (m_seen.size() >= kSniffBytes) // whatever the chunks
                return -1;
        }
    }
    Result<std::string_view> next() override
    {
        m_isFirst = !m_given && !m_seen.empty();
        m_given = true;
        if (m_isFirst)
            return std::string_view(m_seen);
        return m_source.next();
    }
    std::uint64_t offset() const override { return m_isFirst ? 0 : m_source.offset(); }
    const std::string &name() const override { return m_source.name(); }

private:
    ByteSource &m_source;
    std::string m_seen;
    bool m_given = false, m_isFirst = false;
};

std::vector<std::string> fieldsOf(std::string_view line, char delimiter)
{
    std::vector<std::string> fields;
    for (const std::string_view field : split(line, delimiter)) {
        std::string_view name = trimmed(field);
        if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
            name = name.substr(1, name.size() - 2);
        fields.emplace_back(trimmed(name));
    }
    return fields;
}

} // namespace

std::optional<StatementHeader> StatementHeader::parse(std::string_view line)
{
    for (const char delimiter : {',', ';', '\t', '|'}) {
        StatementHeader header;
        header.delimiter = delimiter;
        header.names = fieldsOf(line, delimiter);
        if (header.names.size() > kMaxColumns || !areStatementColumns(header.names))
            continue;
        for (std::string &name : header.names) {
            name = sanitizedUtf8(name);
            header.columns.push_back(statementColumn(name));
        }
        return header;
    }
    return std::nullopt;
}

StatementReader::StatementReader(const ReadOptions &options)
    : m_time(options)
{}

Result<void> StatementReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    TS_TRY(m_time.check(source.name()));
    setSource(sink, m_time.askedTimezone());
    m_rows.emplace(sink, report);
    LookedAt input(source);
    const Result<int> first = input.firstByte();
    if (!first)
        return tl::unexpected(first.error());
    Result<void> done
        = *first == '[' || *first == '{' ? readJson(input, sink, report) : readCsv(input, sink, report);
    setSource(sink, m_hasTimes ? m_time.timezone() : std::string());
    if (done && report.rowsRead() > 0 && !m_hasTimes)
        report.note(IssueSeverity::Info, "no-time", 0,
            "no column says when the rows were taken: the counters are since the last reset, and two such "
            "files cannot be compared");
    return done;
}

void StatementReader::setSource(RowSink &sink, const std::string &timezone) const
{
    SourceInfo info;
    info.kind = SourceKind::Catalog;
    info.clock = m_hasTimes ? m_time.clock() : ClockKind::None;
    info.timezone = timezone;
    sink.setSource(info);
}

Result<void> StatementReader::readCsv(ByteSource &source, RowSink &sink, ImportReport &report)
{
    LineReader lines(source, CsvRecords::kMaxLine);
    Line line;
    std::optional<StatementHeader> header;
    while (!header && line.number < kMaxHeaderLines && lines.next(line)) {
        if (trimmed(line.text).empty() || line.text.front() == '#')
            continue;
        header = StatementHeader::parse(line.text);
        if (!header)
            break;
        report.head(line.offset, line.text);
    }
    TS_TRY(lines.result());
    if (!header)
        return fail(
            Error{ErrorCode::BadInput, source.name(), "no header with the columns of pg_stat_statements",
                Location{line.offset, line.number, std::nullopt},
                "Save the rows with their names: \\copy (SELECT * FROM pg_stat_statements) TO "
                "'statements.csv' CSV "
                "HEADER"});
    CsvRecords records(lines, header->delimiter);
    CsvRecord record;
    while (records.next(record)) {
        if (record.blank)
            continue;
        const auto skip = [&](std::string_view kind, std::string_view reason) {
            report.skip(kind, record.offset, record.length, reason, record.raw);
        };
        if (record.problem == CsvRecord::Problem::TooLong) {
            skip("line-too-long", "the line is longer than 1 MiB");
            continue;
        }
        if (record.problem == CsvRecord::Problem::UnclosedQuote) {
            skip("unclosed-quote", "a quote is opened and not closed within 64 KiB");
            continue;
        }
        if (record.fields.size() != header->columns.size()) {
            skip("wrong-field-count",
                std::to_string(record.fields.size()) + " fields where the header has "
                    + std::to_string(header->columns.size()));
            continue;
        }
        m_row.clear();
        for (std::size_t i = 0; i < record.fields.size(); ++i) {
            const std::string_view text = record.fields[i];
            const bool isNull = text.empty() || text == "NULL" || text == "\\N";
            m_row.add(header->columns[i], header->names[i], {text, isNull, false});
        }
        takeRow({record.offset, record.length, record.raw}, sink, report);
    }
    return lines.result();
}

Result<void> StatementReader::readJson(ByteSource &source, RowSink &sink, ImportReport &report)
{
    using Status = JsonFramer::Status;
    JsonFramer framer(source, kMaxRecord);
    JsonRecordParser parser;
    for (int c = framer.peekPast(','); c != -1; c = framer.peekPast(',')) {
        if (c == '[' || c == ']') {
            framer.take();
            continue;
        }
        const JsonFramer::Record record = framer.record();
        const auto skip = [&](std::string_view kind, std::string_view reason) {
            report.skip(kind, record.offset, record.bytes.size(), reason, record.bytes);
        };
        if (record.status == Status::Ended && !framer.error()) {
            skip("truncated-row", "the file ends inside the row");
            break;
        }
        if (record.status == Status::BrokenLine || record.bytes.empty()) {
            skip("bad-json", "the line ends inside a text");
            if (!framer.skipLine())
                break;
            continue;
        }
        if (record.status == Status::TooLong) {
            skip("row-too-long", "the row is longer than 1 MiB");
            framer.skipValue();
            continue;
        }
        if (record.status != Status::Complete)
            break;
        const auto visit = [&](ondemand::object &object) -> simdjson::error_code {
            m_row.clear();
            for (auto item : object) {
                ondemand::field field;
                std::string_view key;
                if (const auto error = readField(item, field, key))
                    return error;
                JsonScalar scalar;
                ondemand::value value = field.value();
                const char start = valueStart(value);
                if (start == '{' || start == '[') {
                    if (const auto error = readRaw(value, scalar.text))
                        return error;
                } else if (const auto error = readScalar(value, scalar)) {
                    return error;
                }
                const bool isNull = !scalar.isString && scalar.text == "null";
                m_row.add(statementColumn(key), key, {scalar.text, isNull, scalar.isString});
            }
            return simdjson::SUCCESS;
        };
        if (parser.parse(record.bytes, record.hasEscape, visit) != simdjson::SUCCESS) {
            skip("bad-json", "the row is no JSON object");
            continue;
        }
        takeRow({record.offset, record.bytes.size(), record.bytes}, sink, report);
    }
    if (framer.error())
        return fail(*framer.error());
    return {};
}

void StatementReader::takeRow(const Place &place, RowSink &sink, ImportReport &report)
{
    const auto skip = [&](std::string_view kind, std::string_view reason) {
        report.skip(kind, place.offset, place.length, reason, place.raw);
    };
    if (const std::string_view problem = StatementRows::problemOf(m_row); !problem.empty())
        return skip("bad-row", problem);
    Nanos time = kUnknownNanos;
    if (const StatementValue &text = m_row.at(Column::Time); !text.isNull) {
        const std::optional<TimeText::Time> parsed = m_time.parse(trimmed(text.text), place.offset, report);
        if (!parsed)
            return skip("bad-time", "the time is neither a date nor a number since 1970");
        if (!m_hasTimes) {
            m_hasTimes = true;
            setSource(sink, m_time.askedTimezone());
        }
        time = parsed->ns;
    }
    m_rows->write(m_row, time, serverOf(sink), place.offset);
    report.rowRead();
}

RecordRef StatementReader::serverOf(RowSink &sink)
{
    const StatementValue &value = m_row.at(Column::Server);
    std::string name = value.isNull ? std::string() : sanitizedUtf8(trimmed(value.text));
    if (const auto known = m_servers.find(name); known != m_servers.end())
        return known->second;
    if (m_servers.size() >= kMaxServers)
        return RecordRef::None;
    std::vector<RecordField> fields{{"kind", std::string_view("postgresql")}};
    if (!name.empty())
        fields.push_back({"name", std::string_view(name)});
    const RecordRef server = sink.record({RecordTable::Server, {}, {}, {}, {}, fields});
    m_servers.emplace(std::move(name), server);
    return server;
}

} // namespace tailscope::import
