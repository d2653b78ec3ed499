// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"
#include "import/common/consoletime.h"
#include "import/common/linereader.h"
#include "import/common/timetext.h"
#include "import/queuelag/queuelag.h"
#include "import/queuelag/queuerow.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "kafka-consumer-groups",
    "Kafka consumer groups",
    "*.txt *.log",
    SourceKind::Metrics,
    "Printed by kafka-consumer-groups --describe, once or in a loop that prints the time before.",
};

constexpr std::size_t kMaxLine = 64 * 1024;
constexpr std::size_t kMaxWaiting = 100'000; ///< partitions of one output

std::vector<std::string_view> words(std::string_view text)
{
    std::vector<std::string_view> list;
    for (std::size_t at = text.find_first_not_of(" \t"); at != std::string_view::npos;) {
        std::size_t end = text.find_first_of(" \t", at);
        end = end == std::string_view::npos ? text.size() : end;
        list.push_back(text.substr(at, end - at));
        at = text.find_first_not_of(" \t", end);
    }
    return list;
}

/// Places of the columns of a header; -1 = not there. Versions add columns (GROUP, LEADER-EPOCH).
struct Columns
{
    int group = -1, topic = -1, partition = -1, current = -1, end = -1, lag = -1, consumer = -1;
    std::size_t count = 0;

    static std::optional<Columns> parse(std::string_view line)
    {
        const std::vector<std::string_view> names = words(line);
        Columns columns;
        columns.count = names.size();
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto at = static_cast<int>(i);
            const std::string_view name = names[i];
            (name == "GROUP"                   ? columns.group
                    : name == "TOPIC"          ? columns.topic
                    : name == "PARTITION"      ? columns.partition
                    : name == "CURRENT-OFFSET" ? columns.current
                    : name == "LOG-END-OFFSET" ? columns.end
                    : name == "LAG"            ? columns.lag
                    : name == "CONSUMER-ID"    ? columns.consumer
                                               : columns.other)
                = at;
        }
        if (columns.topic < 0 || columns.partition < 0 || columns.lag < 0)
            return std::nullopt;
        return columns;
    }

private:
    int other = -1;
};

/// The name in "Consumer group 'orders' has no active members."
std::string quotedGroup(std::string_view line)
{
    constexpr std::string_view kMark = "onsumer group '";
    const std::size_t at = line.find(kMark);
    if (at == std::string_view::npos)
        return {};
    const std::string_view rest = line.substr(at + kMark.size());
    const std::size_t end = rest.find('\'');
    return end == std::string_view::npos ? std::string() : sanitizedUtf8(rest.substr(0, end));
}

class KafkaGroupsReader final : public Reader
{
public:
    explicit KafkaGroupsReader(const ReadOptions &options)
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
        flush(sink);
        setSource(sink, m_timed ? m_time.clock() : ClockKind::None, m_timed ? m_time.timezone() : "");
        TS_TRY(lines.result());
        if (!m_sawHeader && report.rowsSkipped() == 0)
            return fail(ErrorCode::BadInput, source.name(),
                "no line names the columns TOPIC, PARTITION and LAG",
                "Print it with: kafka-consumer-groups --bootstrap-server HOST:9092 --describe --all-groups");
        return {};
    }

private:
    struct Waiting
    {
        QueueRow row;
        std::string consumer;
    };

    static void setSource(RowSink &sink, ClockKind clock, const std::string &timezone)
    {
        SourceInfo info;
        info.kind = SourceKind::Metrics;
        info.clock = clock;
        info.timezone = timezone;
        sink.setSource(info);
    }

    void takeLine(const Line &line, RowSink &sink, ImportReport &report)
    {
        if (line.tooLong)
            return report.skip("line-too-long", line.offset, line.length, "the line is longer than 64 KiB",
                line.text);
        const std::string_view text = trimmed(line.text);
        if (text.empty())
            return;
        if (const std::optional<std::string> time = consoleTime(text)) {
            flush(sink);
            m_columns.reset();
            const std::optional<TimeText::Time> parsed = m_time.parse(*time, line.offset, report);
            m_ts = parsed ? parsed->ns : kUnknownNanos;
            m_timed = m_timed || parsed;
            return;
        }
        if (std::optional<Columns> columns = Columns::parse(text)) {
            flush(sink);
            m_columns = *columns;
            m_sawHeader = true;
            return;
        }
        if (const std::string group = quotedGroup(text); !group.empty())
            return takeRemark(group, text, line, sink, report);
        if (m_columns)
            return takeRow(text, line, sink, report);
        report.note(IssueSeverity::Notice, "other-lines", line.offset,
            "lines that belong to no table were left out: " + sanitizedUtf8(utf8Prefix(text, 80)));
    }

    void takeRemark(const std::string &group, std::string_view text, const Line &line, RowSink &sink,
        ImportReport &report)
    {
        flush(sink);
        m_columns.reset();
        m_group = group;
        m_idle = text.find("no active members") != std::string_view::npos;
        m_rebalancing = text.find("rebalanc") != std::string_view::npos;
        if (m_rebalancing)
            report.note(IssueSeverity::Info, "rebalancing", line.offset,
                "a group was rebalancing: who has which partition is unknown");
    }

    void takeRow(std::string_view text, const Line &line, RowSink &sink, ImportReport &report)
    {
        const std::vector<std::string_view> cells = words(text);
        const auto cell = [&](int at) {
            return at >= 0 && static_cast<std::size_t>(at) < cells.size()
                ? cells[static_cast<std::size_t>(at)]
                : std::string_view();
        };
        // A cut line has no lag; hosts and client names at its end may be missing or have blanks.
        if (cell(m_columns->lag).empty())
            return report.skip("wrong-field-count", line.offset, line.length,
                std::to_string(cells.size()) + " fields where the header has "
                    + std::to_string(m_columns->count),
                line.text);
        Waiting waiting;
        bool good = true;
        const auto number = [&](int at) -> std::optional<std::int64_t> {
            if (cell(at).empty() || cell(at) == "-")
                return std::nullopt;
            const std::optional<std::int64_t> value = parseInt64(cell(at));
            good = good && value && *value >= 0;
            return value;
        };
        const std::optional<std::int64_t> partition = number(m_columns->partition);
        waiting.row.position = number(m_columns->current);
        waiting.row.end = number(m_columns->end);
        const std::optional<std::int64_t> lag = number(m_columns->lag);
        // A topic whose partitions are not known is printed with "-" throughout.
        if (!good)
            return report.skip("bad-value", line.offset, line.length,
                "a partition, an offset or a lag is no number from 0 on", line.text);
        waiting.row.queue = sanitizedUtf8(cell(m_columns->topic));
        waiting.row.partition = partition ? std::to_string(*partition) : "";
        waiting.row.group = m_columns->group >= 0 ? sanitizedUtf8(cell(m_columns->group)) : m_group;
        waiting.row.tsNs = m_ts;
        if (lag)
            waiting.row.depth = static_cast<double>(*lag);
        waiting.consumer = cell(m_columns->consumer);
        if (m_columns->consumer >= 0 && !m_rebalancing)
            waiting.row.assigned = std::int64_t{!waiting.consumer.empty() && waiting.consumer != "-"};
        if (m_ts == kUnknownNanos)
            report.note(IssueSeverity::Notice, "no-time", line.offset,
                "nothing says when it was printed: samples have no time; print one with \"date -u +%FT%TZ\" "
                "before");
        m_waiting.push_back(std::move(waiting));
        report.rowRead();
        if (m_waiting.size() >= kMaxWaiting)
            flush(sink);
    }

    /// Members are counted over all topics of a group.
    void flush(RowSink &sink)
    {
        if (m_waiting.empty())
            return;
        std::map<std::string, std::set<std::string>> members;
        for (const Waiting &waiting : m_waiting) {
            std::set<std::string> &list = members[waiting.row.group];
            if (!waiting.consumer.empty() && waiting.consumer != "-")
                list.insert(waiting.consumer);
        }
        for (Waiting &waiting : m_waiting) {
            const bool known = m_columns && m_columns->consumer >= 0 && !m_rebalancing;
            if (known || m_idle)
                waiting.row.members = static_cast<double>(members[waiting.row.group].size());
            writeQueue(sink, waiting.row);
        }
        m_waiting.clear();
        // What was said of this group is not said of the next.
        m_idle = m_rebalancing = false;
        m_group.clear();
    }

    TimeText m_time;
    std::optional<Columns> m_columns;
    std::vector<Waiting> m_waiting;
    std::string m_group;
    Nanos m_ts = kUnknownNanos;
    bool m_timed = false, m_sawHeader = false, m_idle = false, m_rebalancing = false;
};

class KafkaGroupsImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        while (!prefix.empty()) {
            const std::size_t end = prefix.find('\n');
            if (Columns::parse(trimmed(prefix.substr(0, end))))
                return Confidence::Strong;
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
        }
        return Confidence::No;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<KafkaGroupsReader>(options);
    }
};

} // namespace

const Importer &kafkaGroupsImporter()
{
    static const KafkaGroupsImporter importer;
    return importer;
}

} // namespace tailscope::import
