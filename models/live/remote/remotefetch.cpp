// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/remote/remotefetch.h"

#include "base/text.h"
#include "store/bulkwriter.h"

#include <algorithm>
#include <chrono>
#include <deque>

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace tailscope::live {

namespace {

constexpr std::size_t kTracesAtOnce = 200, kMaxText = 8192, kMaxAttributes = 200;
constexpr Nanos kMargin = 3600 * kNanosPerSecond;

/// Digits of a hexadecimal id as bytea, uuid or text write it: without "\x" and dashes.
std::string hexDigits(std::string_view text)
{
    if (text.starts_with("\\x"))
        text.remove_prefix(2);
    std::string out;
    for (const char c : toLowerAscii(text)) {
        if (c != '-')
            out += c;
    }
    return out;
}

bool isHex(const std::string &text, std::size_t digits)
{
    return text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

SpanKey spanKey(std::string_view text)
{
    SpanKey key;
    const std::string digits = hexDigits(text);
    if (text.empty() || digits.find_first_not_of('0') == std::string::npos)
        return key;
    if (isHex(digits, 16)) {
        key.kind = SpanKey::Kind::Hex64;
        key.hex = parseHex64(digits).value_or(0);
    } else {
        key.kind = SpanKey::Kind::Text;
        key.text = utf8Prefix(text, kMaxText);
    }
    return key;
}

/// Attributes of one row; the texts live as long as it.
class RowAttributes
{
public:
    void addText(std::string_view key, std::string text)
    {
        Attribute attribute;
        attribute.key = m_texts.emplace_back(key);
        attribute.type = AttributeType::Text;
        attribute.text = m_texts.emplace_back(sanitizedUtf8(utf8Prefix(text, kMaxText)));
        add(attribute);
    }
    void addObject(std::string_view json)
    {
        const QJsonObject object
            = QJsonDocument::fromJson(QByteArray::fromRawData(json.data(), qsizetype(json.size()))).object();
        for (auto entry = object.begin(); entry != object.end(); ++entry)
            addValue(entry.key().toStdString(), entry.value());
    }
    AttributeList list() const { return m_list; }

private:
    void addValue(const std::string &key, const QJsonValue &value)
    {
        Attribute attribute;
        attribute.key = m_texts.emplace_back(key);
        switch (value.type()) {
        case QJsonValue::Bool:
            attribute.type = AttributeType::Boolean;
            attribute.integer = value.toBool() ? 1 : 0;
            break;
        case QJsonValue::Double: {
            const double real = value.toDouble();
            attribute.integer = value.toInteger();
            attribute.type = double(attribute.integer) == real ? AttributeType::Integer : AttributeType::Real;
            attribute.real = real;
            break;
        }
        case QJsonValue::String:
            return addText(key, value.toString().toStdString());
        case QJsonValue::Array:
        case QJsonValue::Object: {
            const QJsonDocument document
                = value.isArray() ? QJsonDocument(value.toArray()) : QJsonDocument(value.toObject());
            attribute.type = AttributeType::Json;
            attribute.text = m_texts.emplace_back(document.toJson(QJsonDocument::Compact).toStdString());
            if (attribute.text.size() > kMaxText)
                return; // a part of a JSON text is none
            break;
        }
        default:
            return;
        }
        add(attribute);
    }
    void add(const Attribute &attribute)
    {
        if (m_list.size() < kMaxAttributes)
            m_list.push_back(attribute);
    }

    std::deque<std::string> m_texts; ///< never moves what it holds
    std::vector<Attribute> m_list;
};

class SpanWriter
{
public:
    SpanWriter(const RemoteTable &table, RowSink &sink)
        : m_table(table)
        , m_sink(sink)
    {}

    void write(const ResultSet &rows)
    {
        for (std::size_t row = 0; row < rows.rows(); ++row) {
            if (!writeRow(rows, row))
                ++skipped;
        }
    }
    std::int64_t spans = 0, skipped = 0;

private:
    bool writeRow(const ResultSet &rows, std::size_t row)
    {
        const RemoteMapping &mapping = m_table.mapping;
        const auto cell = [&](std::string_view column) { return rows.cell(row, column).value_or(""); };
        const auto start = PushdownSql::readTime(cell("start"), mapping.startUnit);
        if (!start)
            return false;
        const std::string service = sanitizedUtf8(cell("service")),
                          operation = sanitizedUtf8(cell("operation"));
        TrackRow track;
        track.service = track.process = utf8Prefix(service, kMaxText);
        track.shape = TrackRow::Shape::Linked;
        RowAttributes attributes;
        if (!mapping.attributes.empty())
            attributes.addObject(cell("attributes"));
        for (std::size_t i = 0; i < mapping.attributeColumns.size(); ++i) {
            if (const auto value = rows.cell(row, "attribute_" + std::to_string(i)))
                attributes.addText(mapping.attributeColumns[i], std::string(*value));
        }
        for (std::size_t i = 0; i < mapping.shard.size(); ++i) {
            if (const auto value = rows.cell(row, "shard_" + std::to_string(i)))
                attributes.addText(mapping.shard[i], std::string(*value));
        }
        SpanRow span;
        span.track = m_sink.track(track);
        span.trace = traceOf(cell("trace"));
        span.key = spanKey(cell("span"));
        span.parentKey = spanKey(cell("parent"));
        span.operation = utf8Prefix(operation, kMaxText);
        span.startNs = *start;
        span.status = cell("failed").starts_with('t') ? SpanStatus::Error : SpanStatus::Unset;
        span.attributes = attributes.list();
        const auto duration = parseInt64(cell("duration"));
        if (!duration)
            span.quality |= SpanNoEnd;
        else if (*duration < 0)
            span.quality |= SpanNegativeDuration;
        else
            span.durationNs = *duration;
        if (span.key.kind == SpanKey::Kind::None)
            span.quality |= SpanNoId;
        m_sink.span(span);
        ++spans;
        return true;
    }

    TraceRef traceOf(std::string_view text)
    {
        if (text.empty())
            return TraceRef::None;
        const std::string digits = hexDigits(text);
        if (!isHex(digits, 32))
            return m_sink.trace(utf8Prefix(text, kMaxText));
        unsigned char bytes[16];
        for (std::size_t i = 0; i < 16; ++i)
            bytes[i] = static_cast<unsigned char>(parseHex64(digits.substr(i * 2, 2)).value_or(0));
        return m_sink.trace(bytes);
    }

    const RemoteTable &m_table;
    RowSink &m_sink;
};

Nanos nowNs()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// The trace of a source that has one. What cannot be read is only not opened: the spans are there.
std::optional<std::int64_t> onlyTrace(const store::Workspace &workspace, std::int64_t sourceId)
{
    auto database = workspace.connectReader();
    if (!database)
        return std::nullopt;
    const auto id
        = database->integer("SELECT min(trace_id) FROM span WHERE source_id = " + std::to_string(sourceId)
            + " AND trace_id IS NOT NULL GROUP BY source_id" + " HAVING count(DISTINCT trace_id) = 1");
    return id ? *id : std::nullopt;
}

} // namespace

Result<RemoteFetch> fetchTraces(RemoteStore &remote, const store::Workspace &workspace,
    const std::vector<std::string> &traces, const std::optional<TimeRange> &range, const Progress &progress)
{
    const RemoteTable &table = remote.table();
    const std::string subject = table.mapping.name;
    if (traces.empty())
        return fail(ErrorCode::NotFound, subject, "there is no trace to fetch",
            "Widen the range or the filter");
    if (traces.size() > kMaxFetchTraces)
        return fail(ErrorCode::LimitExceeded, subject,
            "at most " + groupedCount(std::int64_t(kMaxFetchTraces)) + " traces are fetched at once",
            "Choose fewer");
    std::optional<TimeRange> wide = range;
    if (wide)
        *wide = {saturatingSub(range->begin, kMargin), saturatingAdd(range->end, kMargin)};
    auto created = store::BulkWriter::create(workspace,
        {subject + " (" + safeText(remote.target()) + ")", "remote-store", std::nullopt}, progress);
    if (!created)
        return tl::unexpected(created.error());
    store::BulkWriter &writer = **created;
    writer.setSource({SourceKind::Trace, ClockKind::Utc, "UTC"});
    SpanWriter rows(table, writer);
    Result<void> read;
    for (std::size_t at = 0; at < traces.size() && read; at += kTracesAtOnce) {
        const std::size_t end = std::min(traces.size(), at + kTracesAtOnce);
        const std::vector<std::string> some(traces.begin() + std::ptrdiff_t(at),
            traces.begin() + std::ptrdiff_t(end));
        const auto answer = remote.spans(some, wide, kMaxFetchSpans - std::size_t(rows.spans), progress);
        if (answer)
            rows.write(*answer);
        else
            read = fail(answer.error());
        progress.update({"fetching traces", end, traces.size(), std::uint64_t(rows.spans)});
    }
    if (read && rows.spans == 0)
        read = fail(ErrorCode::NotFound, subject, "the store has no span of these traces",
            "They may have been removed");
    store::BulkWriter::Ending ending;
    ending.state = read ? store::SourceState::Complete : store::SourceState::Cancelled;
    ending.rowsRead = rows.spans + rows.skipped;
    ending.rowsSkipped = rows.skipped;
    ending.importedAtNs = nowNs();
    const auto finished = writer.finish(ending);
    const std::int64_t sourceId = writer.sourceId();
    created->reset();
    if (!read) {
        // Half a fetch is of no use, and can be asked for again.
        const auto removed = workspace.removeSource(sourceId, {});
        return removed ? fail(read.error()) : fail(removed.error());
    }
    if (!finished)
        return tl::unexpected(finished.error());
    return RemoteFetch{sourceId, rows.spans, std::int64_t(traces.size()), rows.skipped,
        traces.size() == 1 ? onlyTrace(workspace, sourceId) : std::nullopt};
}

} // namespace tailscope::live
