// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"
#include "import/common/jsontext.h"
#include "import/common/linereader.h"
#include "import/common/timetext.h"
#include "import/pglog/logpattern.h"
#include "import/poollog/poollog.h"

#include <algorithm>
#include <array>
#include <vector>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "pgbouncer-log",
    "PgBouncer log",
    "*.log",
    SourceKind::Log,
    "Written by PgBouncer to its logfile; with stats lines every stats_period.",
};

constexpr std::size_t kMaxLine = 64 * 1024;
constexpr int kSniffLines = 20;
constexpr double kMicrosPerMilli = 1000.0, kMicrosPerSecond = 1e6;
/// Until this version the wait of a stats line is summed per second, from it on it is the mean of a wait.
constexpr double kMeanWaitVersion = 1.023;

/// One line taken apart; views into the line.
struct LogLine
{
    std::string_view time; ///< without the zone
    std::string_view zone, level, socket, user, db, client, message;
    std::optional<std::int64_t> pid;
    bool isServerSide = false;

    static std::optional<LogLine> parse(std::string_view text);

private:
    void takeSocket();
};

bool isLevel(std::string_view word)
{
    static constexpr std::array<std::string_view, 8> kLevels{"LOG", "WARNING", "ERROR", "FATAL", "DEBUG",
        "NOISE", "DETAIL", "HINT"};
    return std::find(kLevels.begin(), kLevels.end(), word) != kLevels.end();
}

/// With a capital until 1.7.
bool isStats(std::string_view message)
{
    return message.starts_with("stats: ") || message.starts_with("Stats: ");
}

std::string_view takeWord(std::string_view &text)
{
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(' ')));
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    return word;
}

/// "2026-11-22 19:07:14.851 UTC [27982] LOG message"; before 1.10 "... 27982 LOG message" without a zone.
std::optional<LogLine> LogLine::parse(std::string_view text)
{
    LogLine line;
    std::string_view rest = text;
    const std::string_view date = takeWord(rest), clock = takeWord(rest);
    if (date.size() != 10 || date[4] != '-' || clock.size() < 8 || clock[2] != ':')
        return std::nullopt;
    line.time = text.substr(static_cast<std::size_t>(date.data() - text.data()),
        static_cast<std::size_t>(clock.data() + clock.size() - date.data()));
    std::string_view word = takeWord(rest);
    if (!word.empty() && word.front() != '[' && (word.front() < '0' || word.front() > '9')) {
        line.zone = word;
        word = takeWord(rest);
    }
    if (word.starts_with('[') && word.ends_with(']'))
        word = word.substr(1, word.size() - 2);
    line.pid = parseInt64(word);
    line.level = takeWord(rest);
    if (!line.pid || !isLevel(line.level))
        return std::nullopt;
    line.message = trimmed(rest);
    line.takeSocket();
    return line;
}

/// "C-0x562b0d0b8b90: bench/app@127.0.0.1:38674 closing because: ..."
void LogLine::takeSocket()
{
    if (!message.starts_with("C-0x") && !message.starts_with("S-0x"))
        return;
    const std::size_t colon = message.find(": ");
    if (colon == std::string_view::npos || colon > 24)
        return;
    std::string_view rest = message.substr(colon + 2);
    const std::string_view peer = rest.substr(0, rest.find(' '));
    const std::size_t slash = peer.find('/'), at = peer.rfind('@');
    if (slash == std::string_view::npos || at == std::string_view::npos || at < slash)
        return;
    isServerSide = message.front() == 'S';
    socket = message.substr(0, colon);
    db = peer.substr(0, slash);
    user = peer.substr(slash + 1, at - slash - 1);
    client = peer.substr(at + 1);
    client = client.substr(0, client.rfind(':'));
    // Before its login a client has neither.
    db = db == "(nodb)" ? std::string_view() : db;
    user = user == "(nouser)" ? std::string_view() : user;
    rest.remove_prefix(peer.size());
    message = trimmed(rest);
}

/// Figures of "stats: 20 xacts/s, 20 queries/s, in 540 B/s, out 1300 B/s, xact 992776 us, query 992776 us,
/// wait 16237578 us"; parts are found by their names, versions add some.
struct Stats
{
    std::optional<double> xacts, queries, in, out, xactUs, queryUs, waitUs, logins;

    static Stats parse(std::string_view text)
    {
        Stats stats;
        for (std::string_view part : split(text, ',')) {
            part = trimmed(part);
            const std::string_view first = takeWord(part), second = takeWord(part);
            const std::optional<double> before = parseDouble(first), after = parseDouble(second);
            if (before && second == "xacts/s")
                stats.xacts = before;
            else if (before && second == "queries/s")
                stats.queries = before;
            else if (before && second.starts_with("client") && part.find("/s") != std::string_view::npos)
                stats.logins = before;
            else if (before && second == "req/s")
                stats.queries = before; // until 1.7
            else if (first == "in")
                stats.in = after;
            else if (first == "out")
                stats.out = after;
            else if (first == "xact")
                stats.xactUs = after;
            else if (first == "query")
                stats.queryUs = after;
            else if (first == "wait")
                stats.waitUs = after;
        }
        return stats;
    }
};

struct Gauge
{
    std::string_view metric, unit;
};
constexpr std::array<Gauge, 7> kGauges{{{"pgbouncer.log.transaction_rate", "1/s"},
    {"pgbouncer.log.query_rate", "1/s"}, {"pgbouncer.log.received_rate", "bytes/s"},
    {"pgbouncer.log.sent_rate", "bytes/s"}, {"pgbouncer.log.transaction_time", "us"},
    {"pgbouncer.log.query_time", "us"}, {"pgbouncer.log.wait_time", "us"}}};

class PgbouncerLogReader final : public Reader
{
public:
    explicit PgbouncerLogReader(const ReadOptions &options)
        : m_time(options)
    {}

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        TS_TRY(m_time.check(source.name()));
        setSource(sink, m_time.askedTimezone());
        LineReader lines(source, kMaxLine);
        Line line;
        while (lines.next(line))
            takeLine(line, sink, report);
        setSource(sink, m_time.timezone());
        TS_TRY(lines.result());
        if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
            return fail(ErrorCode::BadInput, source.name(), "no line is one of PgBouncer's log",
                "A line begins with a date, a time, the process id and LOG or WARNING.");
        return {};
    }

private:
    void setSource(RowSink &sink, const std::string &timezone) const
    {
        SourceInfo info;
        info.kind = SourceKind::Log;
        info.clock = ClockKind::Utc;
        info.timezone = timezone;
        sink.setSource(info);
    }

    void takeLine(const Line &line, RowSink &sink, ImportReport &report)
    {
        if (line.tooLong)
            return report.skip("line-too-long", line.offset, line.length, "the line is longer than 64 KiB",
                line.text);
        if (trimmed(line.text).empty())
            return;
        const std::optional<LogLine> parsed = LogLine::parse(line.text);
        if (!parsed)
            return report.skip("bad-line", line.offset, line.length,
                "the line has no date, time, process id and level of PgBouncer", line.text);
        std::string text(parsed->time);
        if (parsed->zone == "UTC" || parsed->zone == "GMT")
            text += 'Z';
        else if (parsed->zone.starts_with('+') || parsed->zone.starts_with('-'))
            text += parsed->zone;
        const std::optional<TimeText::Time> time = m_time.parse(text, line.offset, report);
        if (!time)
            return report.skip("bad-time", line.offset, line.length, "the date or the time is none",
                line.text);
        report.rowRead();
        writeEntry(*parsed, *time, sink);
        const std::string_view message = parsed->message;
        if (isStats(message))
            takeStats(Stats::parse(message.substr(7)), time->ns, sink);
        else if (message.starts_with("closing because: query_wait_timeout"))
            ++m_timeouts;
        else if (message.starts_with("closing because: no more connections allowed"))
            ++m_refused;
        else if (message.starts_with("process up: "))
            started(message, time->ns, sink);
        else if (message.starts_with("got SIGHUP") || message.starts_with("RELOAD command"))
            event(sink, time->ns, "config", message);
        else if (message.starts_with("got SIGTERM") || message.starts_with("got SIGINT"))
            event(sink, time->ns, "note", message);
    }

    static void event(RowSink &sink, Nanos tsNs, std::string_view kind, std::string_view message)
    {
        const std::string title = "PgBouncer: " + sanitizedUtf8(utf8Prefix(message, 200));
        EventRow row;
        row.tsNs = tsNs;
        row.kind = kind;
        row.title = title;
        sink.event(row);
    }

    void started(std::string_view message, Nanos tsNs, RowSink &sink)
    {
        const std::size_t at = message.find("PgBouncer ");
        if (at != std::string_view::npos) {
            const std::string_view rest = message.substr(at + 10);
            const std::size_t dot = std::min(rest.find('.'), rest.size());
            const std::string_view behind = rest.substr(std::min(dot + 1, rest.size()));
            const auto major = parseInt64(rest.substr(0, dot));
            const auto minor = parseInt64(behind.substr(0, behind.find_first_not_of("0123456789")));
            // 1.9 is older than 1.23: thousandths.
            if (major && minor)
                m_version = double(*major) + double(*minor) / 1000;
        }
        // Counters begin anew with the process.
        m_timeouts = m_refused = 0;
        event(sink, tsNs, "note", message);
    }

    static std::string_view kindOf(const LogLine &line)
    {
        if (line.message.find("query_wait_timeout") != std::string_view::npos)
            return "pool_timeout";
        if (isStats(line.message))
            return "statistics";
        if (line.message.starts_with("login attempt") || line.message.starts_with("new connection")
            || line.message.starts_with("closing because") || line.message.starts_with("no more connections"))
            return "connection";
        return line.level == "LOG" || line.level.size() < 5 ? "other" : "error";
    }

    static void writeEntry(const LogLine &line, const TimeText::Time &time, RowSink &sink)
    {
        const std::string message = sanitizedUtf8(line.message);
        const std::string pattern = pglog::logPattern(message);
        const std::string user = sanitizedUtf8(line.user), db = sanitizedUtf8(line.db),
                          peer = sanitizedUtf8(line.client);
        LogRow row;
        row.tsNs = time.ns;
        row.offsetSeconds = time.offsetSeconds;
        row.pid = line.pid;
        row.user = user;
        row.db = db;
        if (!line.isServerSide)
            row.client = peer;
        row.service = "pgbouncer";
        row.severity = line.level;
        row.kind = kindOf(line);
        row.message = message;
        row.pattern = pattern;
        sink.logEntry(row);
    }

    /// Means of the period before the line, over all pools.
    void takeStats(const Stats &stats, Nanos tsNs, RowSink &sink)
    {
        const std::array<std::optional<double>, 7> values{stats.xacts, stats.queries, stats.in, stats.out,
            stats.xactUs, stats.queryUs, stats.waitUs};
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!values[i])
                continue;
            if (m_series[i] == SeriesRef::None) {
                SeriesRow row;
                row.metric = kGauges[i].metric;
                row.foreignName = kGauges[i].metric;
                row.labelsJson = "{}";
                row.unit = kGauges[i].unit;
                row.kind = SeriesKind::Gauge;
                m_series[i] = sink.series(row);
            }
            sink.point(m_series[i], tsNs, *values[i]);
        }
        std::vector<RecordField> fields{{"pool", std::string_view("pgbouncer (all pools)")},
            {"kind", std::string_view("connection")}, {"ts_ns", tsNs},
            {"timeouts", static_cast<double>(m_timeouts)}};
        if (stats.xacts)
            fields.push_back({"throughput", *stats.xacts});
        // Seconds waited a second are the mean number of waiters (Little); a mean wait says nothing without a
        // finer rate than the line has.
        if (stats.waitUs && m_version && *m_version < kMeanWaitVersion)
            fields.push_back({"waiting", *stats.waitUs / kMicrosPerSecond});
        JsonText extra;
        extra.startObject();
        extra.key("refused_clients");
        extra.integer(m_refused);
        if (stats.xactUs) {
            extra.key("mean_transaction_ms_with_wait");
            extra.real(*stats.xactUs / kMicrosPerMilli);
        }
        extra.endObject();
        fields.push_back({"extra", std::string_view(extra.text())});
        RecordRow record{};
        record.table = RecordTable::PoolSample;
        record.fields = fields;
        sink.record(record);
    }

    TimeText m_time;
    std::optional<double> m_version; ///< 1.018 is 1.18; unknown until the process says it
    std::int64_t m_timeouts = 0, m_refused = 0;
    std::array<SeriesRef, 7> m_series{};
};

class PgbouncerLogImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        int own = 0;
        for (int i = 0; i < kSniffLines && !prefix.empty(); ++i) {
            const std::size_t end = prefix.find('\n');
            const std::optional<LogLine> line = LogLine::parse(prefix.substr(0, end));
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
            if (line
                && (!line->socket.empty() || isStats(line->message)
                    || line->message.find("PgBouncer ") != std::string_view::npos))
                ++own;
        }
        return own > 0 ? Confidence::Strong : Confidence::No;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<PgbouncerLogReader>(options);
    }
};

} // namespace

const Importer &pgbouncerLogImporter()
{
    static const PgbouncerLogImporter importer;
    return importer;
}

} // namespace tailscope::import
