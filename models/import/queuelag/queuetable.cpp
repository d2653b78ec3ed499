// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"
#include "import/common/consoletables.h"
#include "import/common/timetext.h"
#include "import/queuelag/queuelag.h"
#include "import/queuelag/queuerow.h"

#include <algorithm>
#include <array>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "queue-table",
    "Depths of queues (table)",
    "*.csv *.tsv *.txt",
    SourceKind::Metrics,
    "CSV with ts,group,topic,partition,current_offset,log_end_offset,lag; SQS attributes or BullMQ counts by "
    "queue; "
    "rabbitmqctl list_queues.",
};

constexpr int kSniffLines = 10;
constexpr double kMillisPerSecond = 1000.0;

enum class Field : std::uint8_t {
    Depth,
    Arrived,
    Completed,
    InFlight,
    Delayed,
    Failed,
    Members,
    OldestMs,
    RetentionMs,
    Assigned,
    Position,
    End,
    Waiting, ///< one of several that make up the depth
};

/// Names of columns, without '_', '-' and blanks, in lower case.
struct Known
{
    std::string_view name;
    Field field;
    double scale = 1;
};
constexpr std::array<Known, 37> kColumns{{
    // Kafka
    {"lag", Field::Depth},
    {"consumerlag", Field::Depth},
    {"currentoffset", Field::Position},
    {"committedoffset", Field::Position},
    {"position", Field::Position},
    {"logendoffset", Field::End},
    {"endoffset", Field::End},
    {"endposition", Field::End},
    {"members", Field::Members},
    {"consumers", Field::Members},
    {"assigned", Field::Assigned},
    // SQS: as attributes and as metrics of CloudWatch; ages and retention in seconds
    {"approximatenumberofmessages", Field::Depth},
    {"approximatenumberofmessagesvisible", Field::Depth},
    {"approximatenumberofmessagesnotvisible", Field::InFlight},
    {"approximatenumberofmessagesdelayed", Field::Delayed},
    {"approximateageofoldestmessage", Field::OldestMs, kMillisPerSecond},
    {"messageretentionperiod", Field::RetentionMs, kMillisPerSecond},
    // BullMQ: what waits is spread over several lists
    {"waiting", Field::Waiting},
    {"wait", Field::Waiting},
    {"prioritized", Field::Waiting},
    {"paused", Field::Waiting},
    {"active", Field::InFlight},
    {"delayed", Field::Delayed},
    {"completed", Field::Completed},
    {"failed", Field::Failed},
    // RabbitMQ
    {"messagesready", Field::Depth},
    {"messagesunacknowledged", Field::InFlight},
    // our own names
    {"depth", Field::Depth},
    {"arrived", Field::Arrived},
    {"published", Field::Arrived},
    {"enqueued", Field::Arrived},
    {"dequeued", Field::Completed},
    {"inflight", Field::InFlight},
    {"oldestagems", Field::OldestMs},
    {"oldestages", Field::OldestMs, kMillisPerSecond},
    {"retentionms", Field::RetentionMs},
    {"workers", Field::Members},
}};

std::string plain(std::string_view name)
{
    std::string out;
    for (const char c : name) {
        if (c != '_' && c != '-' && c != ' ')
            out += c;
    }
    return out;
}

const Known *knownColumn(std::string_view name)
{
    const std::string wanted = plain(name);
    const auto *found = std::find_if(kColumns.begin(), kColumns.end(),
        [&](const Known &column) { return column.name == wanted; });
    return found == kColumns.end() ? nullptr : found;
}

constexpr std::string_view kQueueNames = "topic|queue|queue_name|queuename|name|queueurl|queue_url";
constexpr std::string_view kTimeNames = "ts|time|timestamp|now|at|sampled_at|datetime|date";

bool hasName(std::span<const std::string> names, std::string_view wanted)
{
    const std::vector<std::string_view> list = split(wanted, '|');
    return std::any_of(names.begin(), names.end(),
        [&](const std::string &name) { return std::find(list.begin(), list.end(), name) != list.end(); });
}

/// A queue's name and what is in it. A column "name" is common: it needs RabbitMQ's own beside it.
bool isKnown(std::span<const std::string> names)
{
    if (!hasName(names, kQueueNames))
        return false;
    int figures = 0;
    bool own = false;
    for (const std::string &name : names) {
        const std::string word = plain(name);
        figures += knownColumn(name) != nullptr || word == "messages" ? 1 : 0;
        own = own || word == "lag" || word == "depth" || word == "messagesready" || word == "messages"
            || word.starts_with("approximatenumberofmessages");
    }
    const bool bull
        = hasName(names, "waiting|wait") && hasName(names, "active") && hasName(names, "completed|failed");
    const bool unnamed
        = hasName(names, "name") && !hasName(names, "topic|queue|queue_name|queuename|queueurl|queue_url");
    if (unnamed)
        return hasName(names, "messages|messages_ready") && names.size() <= 12;
    return (own && figures >= 1) || bull;
}

class QueueTableReader final : public Reader
{
public:
    explicit QueueTableReader(const ReadOptions &options)
        : m_time(options)
    {}

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        TS_TRY(m_time.check(source.name()));
        setSource(sink, ClockKind::Utc, m_time.askedTimezone());
        ConsoleTables tables(source, report, isKnown);
        ConsoleItem item;
        bool tabled = false;
        while (tables.next(item)) {
            if (item.kind == ConsoleItem::Kind::Time) {
                m_ts = timeOf(item.text, item.offset, report).value_or(kUnknownNanos);
            } else if (item.kind == ConsoleItem::Kind::Row) {
                tabled = true;
                takeRow(item, sink, report);
            }
        }
        setSource(sink, m_timed ? m_time.clock() : ClockKind::None, m_timed ? m_time.timezone() : "");
        TS_TRY(tables.result());
        if (!tabled && report.rowsSkipped() == 0)
            return fail(ErrorCode::BadInput, source.name(), "no row tells how deep a queue is",
                "The first line must name the columns: ts,group,topic,partition,lag or ts,queue,depth.");
        return {};
    }

private:
    static void setSource(RowSink &sink, ClockKind clock, const std::string &timezone)
    {
        SourceInfo info;
        info.kind = SourceKind::Metrics;
        info.clock = clock;
        info.timezone = timezone;
        sink.setSource(info);
    }

    std::optional<Nanos> timeOf(std::string_view text, std::uint64_t offset, ImportReport &report)
    {
        const std::optional<TimeText::Time> time = m_time.parse(text, offset, report);
        m_timed = m_timed || time;
        return time ? std::optional(time->ns) : std::nullopt;
    }

    void takeRow(const ConsoleItem &item, RowSink &sink, ImportReport &report)
    {
        QueueRow row;
        row.queue = queueName(sanitizedUtf8(item.cell(kQueueNames).value_or("")));
        if (row.queue.empty())
            return report.skip("no-name", item.offset, item.length, "the row names no queue", item.text);
        row.partition = sanitizedUtf8(item.cell("partition").value_or(""));
        row.group = sanitizedUtf8(item.cell("group|consumer_group|consumergroup|group_id").value_or(""));
        row.tsNs = m_ts;
        if (const auto time = item.cell(kTimeNames)) {
            const std::optional<Nanos> ns = timeOf(*time, item.offset, report);
            if (!ns)
                return report.skip("bad-time", item.offset, item.length,
                    "the time is neither a date nor a number since 1970", item.text);
            row.tsNs = *ns;
        }
        if (row.tsNs == kUnknownNanos)
            report.note(IssueSeverity::Notice, "no-time", item.offset,
                "rows without a time make samples without a time: add a column ts");
        for (std::size_t i = 0; i < item.names.size(); ++i)
            takeCell(item, i, row, report);
        // RabbitMQ: all messages where those that are ready are not listed.
        if (!row.depth && !row.inFlight) {
            if (const auto all = item.cell("messages"))
                row.depth = parseDouble(*all);
        }
        if (!row.depth && row.end && row.position && *row.end >= *row.position)
            row.depth = static_cast<double>(*row.end - *row.position);
        writeQueue(sink, row);
        report.rowRead();
    }

    /// The last part of an SQS address: https://sqs.eu-west-1.amazonaws.com/123456789012/mail
    static std::string queueName(std::string name)
    {
        const std::size_t slash = name.rfind('/');
        return name.starts_with("http") && slash != std::string::npos ? name.substr(slash + 1) : name;
    }

    static void takeCell(const ConsoleItem &item, std::size_t at, QueueRow &row, ImportReport &report)
    {
        const Known *known = knownColumn(item.names[at]);
        const std::string_view text = item.cells[at];
        if (known == nullptr || text.empty() || text == "-")
            return;
        std::optional<double> value = parseDouble(text);
        if (known->field == Field::Assigned && !value) {
            const std::string word = toLowerAscii(text);
            value = word == "true" || word == "t" || word == "yes" ? std::optional(1.0)
                : word == "false" || word == "f" || word == "no"   ? std::optional(0.0)
                                                                   : std::nullopt;
        }
        if (!value || *value < 0) {
            report.note(IssueSeverity::Notice, "bad-value", item.offset,
                item.names[at] + " is no number from 0 on: it was left unknown ("
                    + sanitizedUtf8(utf8Prefix(text, 60)) + ")");
            return;
        }
        set(*known, *value, row);
    }

    static void set(const Known &known, double value, QueueRow &row)
    {
        const double scaled = value * known.scale;
        const std::int64_t whole = value < 9e18 ? static_cast<std::int64_t>(value) : 0;
        switch (known.field) {
        case Field::Depth:
            row.depth = scaled;
            break;
        case Field::Waiting:
            row.depth = row.depth.value_or(0) + scaled;
            break;
        case Field::Arrived:
            row.arrived = scaled;
            break;
        case Field::Completed:
            row.completed = scaled;
            break;
        case Field::InFlight:
            row.inFlight = scaled;
            break;
        case Field::Delayed:
            row.delayed = scaled;
            break;
        case Field::Failed:
            row.failed = scaled;
            break;
        case Field::Members:
            row.members = scaled;
            break;
        case Field::OldestMs:
            row.oldestMs = scaled;
            break;
        case Field::RetentionMs:
            row.retentionMs = scaled;
            break;
        case Field::Assigned:
            row.assigned = std::int64_t{whole != 0};
            break;
        case Field::Position:
            row.position = whole;
            break;
        case Field::End:
            row.end = whole;
            break;
        }
    }

    TimeText m_time;
    Nanos m_ts = kUnknownNanos;
    bool m_timed = false;
};

class QueueTableImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        return hasConsoleTable(prefix, kSniffLines, isKnown) ? Confidence::Strong : Confidence::No;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<QueueTableReader>(options);
    }
};

} // namespace

const Importer &queueTableImporter()
{
    static const QueueTableImporter importer;
    return importer;
}

} // namespace tailscope::import
