// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"
#include "import/common/linereader.h"
#include "import/common/timetext.h"
#include "import/dbconfig/configrow.h"
#include "import/pglog/logpattern.h"
#include "import/poollog/hikariline.h"
#include "import/poollog/poollog.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "hikari-log",
    "HikariCP log lines",
    "*.log",
    SourceKind::Log,
    "Lines of HikariCP in the log of a Java service: pool stats (DEBUG), time-outs, leaks; other lines are "
    "passed by.",
};

constexpr std::size_t kMaxLine = 256 * 1024;
constexpr std::size_t kMaxPools = 10'000;
constexpr int kMaxFrames = 20; ///< of the stack of a leak

class HikariLogReader final : public Reader
{
public:
    explicit HikariLogReader(const ReadOptions &options)
        : m_time(options)
    {}

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        TS_TRY(m_time.check(source.name()));
        setSource(sink, ClockKind::Utc, m_time.askedTimezone());
        LineReader lines(source, kMaxLine);
        Line line;
        while (lines.next(line))
            takeLine(line, sink, report);
        flushLeak(sink);
        setSource(sink, m_timed ? m_time.clock() : ClockKind::None, m_timed ? m_time.timezone() : "");
        TS_TRY(lines.result());
        if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
            return fail(ErrorCode::BadInput, source.name(), "no line is HikariCP's",
                "Pool stats are logged at DEBUG: logging.level.com.zaxxer.hikari=DEBUG.");
        return {};
    }

private:
    struct Pool
    {
        std::optional<double> capacity, acquireTimeoutMs;
        std::int64_t timeouts = 0;
    };
    struct Leak
    {
        bool open = false;
        std::string message, stack, level, logger;
        Nanos tsNs = kUnknownNanos;
        std::int32_t offsetSeconds = 0;
        int frames = 0;
    };

    static void setSource(RowSink &sink, ClockKind clock, const std::string &timezone)
    {
        SourceInfo info;
        info.kind = SourceKind::Log;
        info.clock = clock;
        info.timezone = timezone;
        sink.setSource(info);
    }

    void takeLine(const Line &line, RowSink &sink, ImportReport &report)
    {
        if (line.tooLong)
            return report.skip("line-too-long", line.offset, line.length, "the line is longer than 256 KiB",
                line.text);
        if (m_leak.open && takeFrame(line.text))
            return;
        const std::optional<HikariLine> parsed = HikariLine::parse(line.text);
        if (!parsed) {
            if (trimmed(line.text).empty())
                return; // stands between a leak and its stack
            flushLeak(sink);
            return report.note(IssueSeverity::Info, "other-lines", line.offset,
                "lines of others were passed by");
        }
        flushLeak(sink);
        report.rowRead();
        if (parsed->kind == HikariLine::Kind::Setting)
            return takeSetting(*parsed, sink);
        std::optional<TimeText::Time> time;
        if (!parsed->time.empty())
            time = m_time.parse(parsed->time, line.offset, report);
        m_timed = m_timed || time;
        if (!time)
            report.note(IssueSeverity::Notice, "no-time", line.offset,
                "lines that do not begin with a date and a time make samples without a time");
        const Nanos tsNs = time ? time->ns : kUnknownNanos;
        const std::string name = sanitizedUtf8(parsed->pool);
        Pool none;
        Pool &pool = m_pools.size() < kMaxPools || m_pools.contains(name) ? m_pools[name] : none;
        if (parsed->kind == HikariLine::Kind::Timeout) {
            ++pool.timeouts;
            // What was waited is the limit, and a little.
            if (!pool.acquireTimeoutMs && parsed->timedOutMs)
                pool.acquireTimeoutMs = std::floor(*parsed->timedOutMs / 10) * 10;
        }
        if (parsed->maxTotal)
            pool.capacity = parsed->maxTotal;
        if (parsed->active || parsed->kind == HikariLine::Kind::Timeout)
            writeSample(*parsed, name, pool, tsNs, sink);
        if (parsed->kind != HikariLine::Kind::Stats)
            openEntry(*parsed, name, time);
    }

    /// Printed for each pool before it starts; the name comes among the others.
    void takeSetting(const HikariLine &line, RowSink &sink)
    {
        const std::string name = sanitizedUtf8(line.settingName), value = sanitizedUtf8(line.settingValue);
        if (name == "maximumPoolSize")
            m_setting.capacity = parseDouble(value);
        else if (name == "connectionTimeout")
            m_setting.acquireTimeoutMs = parseDouble(value);
        if (name != "poolName" || m_pools.size() >= kMaxPools)
            return;
        m_pools[value] = m_setting;
        const auto put = [&](std::string_view key, std::optional<double> figure, std::string_view unit) {
            if (figure)
                writeConfig(sink,
                    {"pool", value, {}, key, std::to_string(static_cast<std::int64_t>(*figure)), unit});
        };
        put("size", m_setting.capacity, {});
        put("acquire_timeout_ms", m_setting.acquireTimeoutMs, "ms");
        m_setting = {};
    }

    static void writeSample(const HikariLine &line, const std::string &name, const Pool &pool, Nanos tsNs,
        RowSink &sink)
    {
        std::vector<RecordField> fields{{"kind", std::string_view("connection")}};
        if (!name.empty())
            fields.push_back({"pool", std::string_view(name)});
        if (tsNs != kUnknownNanos)
            fields.push_back({"ts_ns", tsNs});
        const auto put = [&](std::string_view column, std::optional<double> value) {
            if (value)
                fields.push_back({column, *value});
        };
        put("capacity", pool.capacity);
        put("active", line.active);
        put("idle", line.idle);
        put("waiting", line.waiting);
        put("acquire_timeout_ms", pool.acquireTimeoutMs);
        put("timeouts", static_cast<double>(pool.timeouts));
        const std::string extra = line.total
            ? R"({"total":)" + std::to_string(static_cast<std::int64_t>(std::min(*line.total, 1e15))) + '}'
            : std::string();
        if (!extra.empty())
            fields.push_back({"extra", std::string_view(extra)});
        RecordRow record{};
        record.table = RecordTable::PoolSample;
        record.fields = fields;
        sink.record(record);
    }

    /// Kept until its stack is read.
    void openEntry(const HikariLine &line, const std::string &name, const std::optional<TimeText::Time> &time)
    {
        m_leak.open = true;
        m_leak.message = sanitizedUtf8(line.message);
        m_leak.level = line.level;
        m_leak.logger = name;
        m_leak.tsNs = time ? time->ns : kUnknownNanos;
        m_leak.offsetSeconds = time ? time->offsetSeconds : 0;
        m_kind = line.kind == HikariLine::Kind::Timeout ? "pool_timeout"
            : line.kind == HikariLine::Kind::Leak       ? "pool_leak"
            : line.kind == HikariLine::Kind::Unleaked   ? "pool_unleaked"
            : line.kind == HikariLine::Kind::Starvation ? "pool_starvation"
                                                        : "other";
    }

    /// The stack below a leak says who holds the connection.
    bool takeFrame(std::string_view text)
    {
        const std::string_view frame = trimmed(text);
        const bool indented = !text.empty() && (text.front() == '\t' || text.front() == ' ');
        const bool belongs = (indented && (frame.starts_with("at ") || frame.starts_with("... ")))
            || frame.starts_with("java.lang.Exception: Apparent connection leak detected")
            || frame.starts_with("Caused by: ")
            || frame.starts_with("java.sql.SQLTransientConnectionException: ");
        if (!belongs)
            return false;
        // A time-out's exception repeats the figures of its line: it is the same time-out.
        if (m_leak.frames++ < kMaxFrames)
            m_leak.stack += (m_leak.stack.empty() ? "" : "\n") + sanitizedUtf8(utf8Prefix(frame, 500));
        return true;
    }

    void flushLeak(RowSink &sink)
    {
        if (!m_leak.open)
            return;
        const std::string pattern = pglog::logPattern(m_leak.message);
        LogRow row;
        row.tsNs = m_leak.tsNs;
        row.offsetSeconds = m_leak.offsetSeconds;
        row.severity = m_leak.level;
        row.kind = m_kind;
        row.logger = m_leak.logger;
        row.message = m_leak.message;
        row.context = m_leak.stack;
        row.pattern = pattern;
        sink.logEntry(row);
        m_leak = {};
    }

    TimeText m_time;
    std::map<std::string, Pool> m_pools;
    Pool m_setting;
    Leak m_leak; ///< the entry that waits for its stack
    std::string_view m_kind;
    bool m_timed = false;
};

class HikariLogImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        while (!prefix.empty()) {
            const std::size_t end = prefix.find('\n');
            const std::optional<HikariLine> line = HikariLine::parse(prefix.substr(0, end));
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
            if (line && line->kind != HikariLine::Kind::Other)
                return Confidence::Strong;
        }
        return Confidence::No;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<HikariLogReader>(options);
    }
};

} // namespace

const Importer &hikariLogImporter()
{
    static const HikariLogImporter importer;
    return importer;
}

} // namespace tailscope::import
