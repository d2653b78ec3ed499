// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/textlog.h"

#include "base/text.h"
#include "import/pglog/prefixguess.h"

#include <algorithm>

namespace tailscope::import::pglog {

namespace {

constexpr int kMaxGuesses = 32; ///< a hostile file may change its prefix on every line
constexpr std::size_t kAgain = 64; ///< lines that a changed prefix is looked for in

} // namespace

TextLog::TextLog(TextLines &lines, LogClock &clock, RecordTaker &taker, ImportReport &report)
    : m_lines(lines)
    , m_clock(clock)
    , m_report(report)
    , m_window(taker)
{}

bool TextLog::lookAhead(std::size_t lines)
{
    std::size_t bytes = 0;
    for (const Stored &stored : m_ahead)
        bytes += stored.text.size();
    TextLine line;
    while (m_ahead.size() < lines && bytes < kLookAheadBytes && m_lines.next(line)) {
        bytes += line.text.size();
        m_ahead.push_back({std::string(line.text), std::string(line.host), line});
    }
    return !m_ahead.empty();
}

bool TextLog::next(TextLine &line)
{
    if (m_ahead.empty())
        return m_lines.next(line);
    m_current = std::move(m_ahead.front());
    m_ahead.pop_front();
    line = m_current.line;
    line.text = m_current.text;
    line.host = m_current.host;
    return true;
}

/// Adds the prefix of the line and the ones ahead; false when there is none that is new.
bool TextLog::guess(const TextLine *line)
{
    if (m_prefixes.size() >= kMaxPrefixes || ++m_guesses > kMaxGuesses)
        return false;
    std::vector<std::string_view> texts;
    if (line != nullptr)
        texts.push_back(line->text);
    PrefixMatch match;
    for (const Stored &stored : m_ahead) {
        const bool known = std::any_of(m_prefixes.begin(), m_prefixes.end(),
            [&](const LinePrefix &prefix) { return prefix.match(stored.text, match); });
        if (!known)
            texts.push_back(stored.text);
    }
    std::optional<PrefixGuess> found = guessPrefix(texts, 1);
    if (!found || (line != nullptr && !found->prefix.match(line->text, match)))
        return false;
    m_report.note(IssueSeverity::Info, m_prefixes.empty() ? "line-prefix" : "line-prefix-changed",
        line != nullptr ? line->offset : 0, "read as log_line_prefix = '" + found->prefix.format() + "'");
    m_prefixes.push_back(std::move(found->prefix));
    m_prefix = m_prefixes.size() - 1;
    return true;
}

void TextLog::run()
{
    lookAhead(kLookAhead);
    m_tabs = std::any_of(m_ahead.begin(), m_ahead.end(),
        [](const Stored &stored) { return stored.text.starts_with('\t'); });
    guess(nullptr);
    // Cancelled: the open records would get further lines, and resuming takes what was given for whole.
    TextLine line;
    while (!wasCancelled() && next(line))
        take(line);
    if (!wasCancelled())
        m_window.flush();
}

bool TextLog::wasCancelled() const
{
    const Result<void> read = m_lines.result();
    return !read && read.error().code == ErrorCode::Cancelled;
}

bool TextLog::matches(const TextLine &line, PrefixMatch &match)
{
    for (std::size_t i = 0; i < m_prefixes.size(); ++i) {
        const std::size_t at = (m_prefix + i) % m_prefixes.size();
        if (m_prefixes[at].match(line.text, match)) {
            m_prefix = at;
            return true;
        }
    }
    return false;
}

void TextLog::take(TextLine &line)
{
    if (!isValidUtf8(line.text) || line.text.find('\0') != std::string_view::npos) {
        m_clean = sanitizedUtf8(line.text);
        line.text = m_clean;
        m_report.note(IssueSeverity::Notice, "bad-utf8", line.offset,
            "bytes that are not UTF-8 became U+FFFD");
    }
    if (line.tooLong)
        m_report.note(IssueSeverity::DataLoss, "record-cut", line.offset,
            "a line of " + groupedCount(static_cast<std::int64_t>(line.length))
                + " bytes: only its beginning was kept");
    if (line.text.starts_with('\t')) {
        m_tabs = true;
        line.text.remove_prefix(1);
        if (!goOn(line, true))
            m_report.skip("orphan-line", line.offset, line.length,
                "the line goes on with a record whose beginning is not there", line.text);
        return;
    }
    PrefixMatch match;
    if (matches(line, match))
        takeHead(line, match);
    else
        takeOther(line);
}

/// A line without a prefix that is known.
void TextLog::takeOther(TextLine &line)
{
    if (line.text.empty() && !m_lines.isSyslog()) {
        if (!m_tabs && m_last != nullptr)
            goOn(line, true);
        return;
    }
    // Inside of texts a level is nothing new: "RAISE NOTICE" of a function.
    const bool indented = line.text.starts_with(' ');
    if (!indented && m_guesses < kMaxGuesses && findLevel(line.text).word != Word::None) {
        // Reading ahead takes the bytes of the line away.
        std::string text(line.text), host(line.host);
        m_current.text = std::move(text);
        m_current.host = std::move(host);
        line.text = m_current.text;
        line.host = m_current.host;
        lookAhead(kAgain);
        PrefixMatch match;
        if (guess(&line) && matches(line, match))
            return takeHead(line, match);
    }
    if (m_lines.isSyslog()) {
        // A piece of a line that was too long for one message.
        if (goOn(line, false))
            return;
    } else if ((indented || !m_tabs) && goOn(line, true)) {
        return;
    }
    m_report.skip("no-log-line", line.offset, line.length,
        m_last == nullptr ? "the line has no level, and no record is open"
                          : "the line has neither the prefix of the log nor the tab of a further line",
        line.text);
}

/// The line goes on with the record before it, of the same process where the log says which.
bool TextLog::goOn(const TextLine &line, bool newLine)
{
    LogRecord *record = line.key >= 0 ? m_window.ofKey(line.key) : m_last;
    if (record == nullptr)
        return false;
    append(*record, record->field, line.text, newLine, line);
    return true;
}

void TextLog::append(LogRecord &record, Word word, std::string_view text, bool newLine, const TextLine &line)
{
    const bool wasCut = record.cut;
    // Only a new record makes room: lines of fields must not fill all that are open.
    const bool full = record.bytes + text.size() > RecordWindow::kMaxBytes / RecordWindow::kRecords
        && m_window.bytes() + text.size() > RecordWindow::kMaxBytes + LogRecord::kMaxBytes;
    if (full)
        record.cut = true;
    else
        record.append(word, text, newLine);
    record.length = line.offset + line.length - record.offset;
    if (record.cut && !wasCut)
        m_report.note(IssueSeverity::DataLoss, "record-cut", record.offset,
            "a record of more than 16 MiB: only its beginning was kept");
}

LogRecord *TextLog::recordOf(const TextLine &line, const PrefixMatch &match)
{
    if (const std::optional<std::int64_t> pid = parseInt64(match[PrefixField::Pid]))
        return m_window.ofPid(*pid);
    return line.key >= 0 ? m_window.ofKey(line.key) : m_last;
}

void TextLog::takeHead(const TextLine &line, const PrefixMatch &match)
{
    const Word word = match.word.word;
    const std::string_view text = line.text.substr(std::min(match.word.text, line.text.size()));
    if (isLevel(word)) {
        LogRecord &record = m_window.open();
        record.offset = line.offset;
        setHead(record, line, match);
        record.level = record.field = word;
        m_last = &record;
        append(record, word, text, false, line);
        // log_error_verbosity = verbose.
        if (record.message.size() > 6 && record.message.compare(5, 2, ": ") == 0
            && isSqlState(text.substr(0, 5))) {
            record.sqlstate = record.message.substr(0, 5);
            record.message.erase(0, 7);
        }
        return;
    }
    LogRecord *record = recordOf(line, match);
    if (record == nullptr) {
        m_report.skip("orphan-line", line.offset, line.length,
            "the line belongs to a record that is not there", line.text);
        return;
    }
    m_last = record;
    record->field = word;
    append(*record, word, text, !record->textOf(word).empty(), line);
}

void TextLog::setHead(LogRecord &record, const TextLine &line, const PrefixMatch &match)
{
    const auto set = [&](std::string &to, PrefixField field) {
        if (const std::string_view value = match[field]; value != "[unknown]")
            to = value;
    };
    set(record.user, PrefixField::User);
    set(record.db, PrefixField::Database);
    set(record.application, PrefixField::Application);
    set(record.backendType, PrefixField::BackendType);
    set(record.sqlstate, PrefixField::SqlState);
    set(record.client, PrefixField::Client);
    if (const std::string_view client = match[PrefixField::ClientPort]; !client.empty())
        record.client = withoutPort(client);
    record.host = sanitizedUtf8(line.host);
    record.key = line.key;
    record.pid = parseInt64(match[PrefixField::Pid]);
    if (const std::string_view id = match[PrefixField::SessionId]; !record.pid && !id.empty()) {
        if (const auto pid = parseHex64(id.substr(id.find('.') + 1)))
            record.pid = static_cast<std::int64_t>(*pid);
    }
    if (!record.pid && line.key >= 0)
        record.pid = line.key;
    if (const auto id = parseInt64(match[PrefixField::QueryId]); id && *id != 0)
        record.queryId = id;
    std::string_view time = match[PrefixField::TimeMillis];
    time = time.empty() ? match[PrefixField::Time] : time;
    if (const std::string_view epoch = match[PrefixField::Epoch]; !epoch.empty()) {
        record.tsNs = parseScaledDecimal(epoch, kNanosPerSecond).value_or(kUnknownNanos);
    } else if (const auto parsed = time.empty() ? std::nullopt : m_clock.parse(time, line.offset, m_report)) {
        record.tsNs = parsed->ns;
        record.offsetSeconds = parsed->offsetSeconds;
    } else if (line.headNs != kUnknownNanos && !line.headIsUtc) {
        const LogClock::Time local = m_clock.local(line.headNs, line.offset, m_report);
        record.tsNs = local.ns;
        record.offsetSeconds = local.offsetSeconds;
    } else {
        record.tsNs = line.headNs;
        record.offsetSeconds = line.offsetSeconds;
    }
}

} // namespace tailscope::import::pglog
