// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/csvlogreader.h"

#include "base/text.h"
#include "import/pglog/lineprefix.h"

#include <algorithm>

namespace tailscope::import::pglog {

namespace {

enum Column : std::size_t {
    LogTime,
    UserName,
    DatabaseName,
    ProcessId,
    ConnectionFrom,
    Severity = 11,
    SqlState,
    Message,
    Detail,
    Hint,
    InternalQuery,
    Context = 18,
    Query,
    Location = 21,
    ApplicationName,
    BackendType,
    LeaderPid,
    QueryId,
};

/// Lines that look like the first of a record until the open quote is taken for broken: a text may hold one.
constexpr std::size_t kMaxHeads = 2;
constexpr std::size_t kMaxLines = 1'000'000;

} // namespace

bool looksLikeCsvHead(std::string_view line)
{
    const std::optional<WallTime> time = scanWallTime(line);
    if (!time || !line.substr(time->length).starts_with(','))
        return false;
    // user, database, pid: the third is a number.
    std::string_view rest = line.substr(time->length + 1);
    for (int column = 0; column < 2; ++column) {
        if (rest.starts_with('"')) {
            const std::size_t close = rest.find("\",");
            if (close == std::string_view::npos)
                return false;
            rest.remove_prefix(close + 1);
        }
        const std::size_t comma = rest.find(',');
        if (comma == std::string_view::npos || comma > 200)
            return false;
        rest.remove_prefix(comma + 1);
    }
    return parseInt64(rest.substr(0, rest.find(','))).has_value();
}

bool splitCsvRecord(std::string_view record, std::vector<std::string_view> &fields, std::string &scratch)
{
    fields.clear();
    scratch.clear();
    // Views into it: it must not move.
    scratch.reserve(record.size());
    for (std::size_t at = 0;;) {
        if (at < record.size() && record[at] == '"') {
            const std::size_t begin = scratch.size();
            std::size_t from = ++at;
            std::string_view field;
            bool copied = false;
            for (;;) {
                const std::size_t quote = record.find('"', at);
                if (quote == std::string_view::npos)
                    return false;
                if (quote + 1 < record.size() && record[quote + 1] == '"') {
                    scratch.append(record.substr(from, quote + 1 - from));
                    copied = true;
                    at = from = quote + 2;
                    continue;
                }
                if (copied) {
                    scratch.append(record.substr(from, quote - from));
                    field = std::string_view(scratch).substr(begin);
                } else {
                    field = record.substr(from, quote - from);
                }
                at = quote + 1;
                break;
            }
            fields.push_back(field);
            if (at < record.size() && record[at] != ',')
                return false;
        } else {
            const std::size_t end = std::min(record.find(',', at), record.size());
            const std::string_view field = record.substr(at, end - at);
            if (field.find('"') != std::string_view::npos)
                return false;
            fields.push_back(field);
            at = end;
        }
        if (at >= record.size())
            return true;
        ++at;
    }
}

Result<void> CsvLogReader::records(ByteSource &source, RecordTaker &taker, ImportReport &report)
{
    LineReader lines(source, LogRecord::kMaxBytes);
    Line line;
    while (lines.next(line)) {
        if (line.tooLong) {
            giveUp("a line of it is longer than 16 MiB", taker, report);
            report.skip("line-too-long", line.offset, line.length, "the line is longer than 16 MiB",
                line.text);
            continue;
        }
        takeLine(line.text, line.offset, line.length, taker, report);
    }
    const Result<void> read = lines.result();
    if (!read && read.error().code == ErrorCode::Cancelled)
        return read; // the record goes on when the import is resumed
    while (!m_pieces.empty())
        giveUp("the file ends inside of its quotes", taker, report);
    return read;
}

void CsvLogReader::takeLine(std::string_view text, std::uint64_t offset, std::uint64_t length,
    RecordTaker &taker, ImportReport &report)
{
    if (!isValidUtf8(text) || text.find('\0') != std::string_view::npos) {
        m_clean = sanitizedUtf8(text);
        text = m_clean;
        report.note(IssueSeverity::Notice, "bad-utf8", offset, "bytes that are not UTF-8 became U+FFFD");
    }
    if (m_pieces.empty() && trimmed(text).empty())
        return;
    add({std::string(text), offset, length}, taker, report);
}

void CsvLogReader::add(Piece piece, RecordTaker &taker, ImportReport &report)
{
    const bool isHead = !m_pieces.empty() && looksLikeCsvHead(piece.text);
    m_heads += isHead ? 1 : 0;
    m_quotes += static_cast<std::size_t>(std::count(piece.text.begin(), piece.text.end(), '"'));
    m_bytes += piece.text.size() + 1;
    m_pieces.push_back(std::move(piece));
    if (m_quotes % 2 == 0) {
        if (!finish(taker, report))
            giveUp("its quotes or columns are not those of a record", taker, report);
    } else if (m_heads >= kMaxHeads) {
        giveUp("a quote is not closed", taker, report);
    } else if (m_bytes > LogRecord::kMaxBytes || m_pieces.size() > kMaxLines) {
        giveUp("it is longer than 16 MiB", taker, report);
    }
}

/// Rejects the lines up to the next one that can begin a record, and reads on from there.
void CsvLogReader::giveUp(std::string_view reason, RecordTaker &taker, ImportReport &report)
{
    if (m_pieces.empty())
        return;
    std::vector<Piece> pieces = std::move(m_pieces);
    m_pieces.clear();
    m_bytes = m_quotes = m_heads = 0;
    std::size_t next = 1;
    while (next < pieces.size() && !looksLikeCsvHead(pieces[next].text))
        ++next;
    const std::uint64_t end = pieces[next - 1].offset + pieces[next - 1].length;
    report.skip("bad-csv", pieces[0].offset, end - pieces[0].offset,
        "the record cannot be read: " + std::string(reason), pieces[0].text);
    for (; next < pieces.size(); ++next)
        add(std::move(pieces[next]), taker, report);
}

bool CsvLogReader::finish(RecordTaker &taker, ImportReport &report)
{
    m_text.clear();
    for (const Piece &piece : m_pieces) {
        if (!m_text.empty())
            m_text += '\n';
        m_text += piece.text;
    }
    if (!splitCsvRecord(m_text, m_fields, m_scratch) || m_fields.size() < kColumns)
        return false;
    if (!fill(report))
        return false;
    m_pieces.clear();
    m_bytes = m_quotes = m_heads = 0;
    taker.take(m_record);
    m_record.clear();
    return true;
}

/// The record of the fields; false when level or time are none.
bool CsvLogReader::fill(ImportReport &report)
{
    const auto field = [this](std::size_t column) {
        return column < m_fields.size() ? m_fields[column] : std::string_view();
    };
    const std::uint64_t offset = m_pieces.front().offset;
    m_record.clear();
    m_record.level = levelOf(field(Severity));
    const std::optional<LogClock::Time> time = m_clock.parse(field(LogTime), offset, report);
    if (m_record.level == Word::None || !time)
        return false;
    m_record.offset = offset;
    m_record.length = m_pieces.back().offset + m_pieces.back().length - offset;
    m_record.tsNs = time->ns;
    m_record.offsetSeconds = time->offsetSeconds;
    m_record.pid = parseInt64(field(ProcessId));
    if (const auto id = parseInt64(field(QueryId)); id && *id != 0)
        m_record.queryId = id;
    m_record.user = field(UserName);
    m_record.db = field(DatabaseName);
    m_record.client = withoutPort(field(ConnectionFrom));
    m_record.application = field(ApplicationName);
    m_record.backendType = field(BackendType);
    m_record.sqlstate = field(SqlState);
    m_record.message = field(Message);
    m_record.detail = field(Detail);
    m_record.hint = field(Hint);
    m_record.query = field(InternalQuery);
    m_record.context = field(Context);
    m_record.statement = field(Query);
    m_record.location = field(Location);
    return true;
}

} // namespace tailscope::import::pglog
