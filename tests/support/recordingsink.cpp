// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/recordingsink.h"

#include "base/text.h"
#include "store/recordcolumns.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace tailscope::testing {

namespace {

std::string number(double value)
{
    if (std::isnan(value))
        return "nan";
    std::array<char, 40> buffer{};
    return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr};
}

/// Builds " name=value" lists without the fields that are unset.
class Fields
{
public:
    Fields &text(const char *name, std::string_view value)
    {
        if (!value.empty())
            raw(name, jsonQuoted(value));
        return *this;
    }
    Fields &json(const char *name, std::string_view value)
    {
        if (!value.empty())
            raw(name, value);
        return *this;
    }
    Fields &integer(const char *name, std::int64_t value, std::int64_t unset = 0)
    {
        if (value != unset)
            raw(name, std::to_string(value));
        return *this;
    }
    Fields &nanos(const char *name, Nanos value) { return integer(name, value, kUnknownNanos); }
    Fields &real(const char *name, double value)
    {
        if (!std::isnan(value))
            raw(name, number(value));
        return *this;
    }
    Fields &real(const char *name, const std::optional<double> &value)
    {
        if (value)
            raw(name, number(*value));
        return *this;
    }
    Fields &integer(const char *name, const std::optional<std::int64_t> &value)
    {
        if (value)
            raw(name, std::to_string(*value));
        return *this;
    }
    Fields &key(const char *name, const SpanKey &key)
    {
        static constexpr char kHex[] = "0123456789abcdef";
        if (key.kind == SpanKey::Kind::Text)
            return text(name, key.text);
        if (key.kind == SpanKey::Kind::Hex64) {
            std::string hex(16, '0');
            for (std::size_t i = 0; i < 16; ++i)
                hex[i] = kHex[key.hex >> (60 - 4 * i) & 15];
            raw(name, hex);
        }
        return *this;
    }
    template<typename Ref>
    Fields &ref(const char *name, Ref value)
    {
        return integer(name, static_cast<std::int64_t>(value));
    }
    template<typename Enum>
    Fields &word(const char *name, Enum value, std::initializer_list<const char *> words, bool always = false)
    {
        const auto index = static_cast<std::size_t>(value);
        if (index != 0 || always)
            raw(name, index < words.size() ? words.begin()[index] : "?");
        return *this;
    }
    void raw(const char *name, std::string_view value)
    {
        m_text += ' ';
        m_text += name;
        m_text += '=';
        m_text += value;
    }
    const std::string &str() const { return m_text; }

private:
    std::string m_text;
};

std::string trackFields(const TrackRow &row)
{
    return Fields()
        .text("process", row.process)
        .text("thread", row.thread)
        .text("service", row.service)
        .text("instance", row.instance)
        .integer("process_sort", row.processSort)
        .integer("thread_sort", row.threadSort)
        .word("shape", row.shape, {"nested", "linked", "async"})
        .str();
}

} // namespace

std::string toText(AttributeList attributes)
{
    if (attributes.empty())
        return {};
    static constexpr const char *kTypes[] = {"null", "text", "integer", "real", "boolean", "json"};
    std::string out = "{";
    for (const Attribute &attribute : attributes) {
        if (out.size() > 1)
            out += ',';
        out += jsonQuoted(attribute.key) + ':' + kTypes[static_cast<std::size_t>(attribute.type)];
        switch (attribute.type) {
        case AttributeType::Null:
            break;
        case AttributeType::Text:
            out += ' ' + jsonQuoted(attribute.text);
            break;
        case AttributeType::Json:
            out += ' ' + std::string(attribute.text);
            break;
        case AttributeType::Integer:
        case AttributeType::Boolean:
            out += ' ' + std::to_string(attribute.integer);
            break;
        case AttributeType::Real:
            out += ' ' + number(attribute.real);
            break;
        }
    }
    return out + '}';
}

std::string RecordingSink::text() const
{
    std::string out;
    for (const std::string &line : lines) {
        if (!out.empty())
            out += '\n';
        out += line;
    }
    return out;
}

std::vector<std::string> RecordingSink::linesOf(std::string_view word) const
{
    std::vector<std::string> found;
    for (const std::string &line : lines) {
        if (line.size() > word.size() && line.compare(0, word.size(), word) == 0 && line[word.size()] == ' ')
            found.push_back(line);
    }
    return found;
}

double RecordingSink::weight(ProfileRef profile) const
{
    double sum = 0;
    for (const auto &[id, weight] : m_weights) {
        if (profile == ProfileRef::None || static_cast<std::uint32_t>(profile) == id)
            sum += weight;
    }
    return sum;
}

void RecordingSink::add(std::string line)
{
    if (lines.size() < maxLines)
        lines.push_back(std::move(line));
    else
        ++dropped;
}

std::uint32_t RecordingSink::entity(const char *word, const std::string &fields)
{
    const auto [found, isNew] = m_entities.try_emplace(word + fields, 0);
    if (isNew) {
        found->second = ++m_counts[word];
        add(std::string(word) + ' ' + std::to_string(found->second) + fields);
    }
    return found->second;
}

void RecordingSink::setSource(const SourceInfo &info)
{
    add("source"
        + Fields()
              .word("kind", info.kind,
                  {"trace", "profile", "plan", "log", "metrics", "access_log", "load_test", "catalog",
                      "config", "recording"},
                  true)
              .word("clock", info.clock, {"utc", "monotonic", "relative", "none"}, true)
              .text("timezone", info.timezone)
              .str());
}

TrackRef RecordingSink::track(const TrackRow &row) { return TrackRef(entity("track", trackFields(row))); }

void RecordingSink::updateTrack(TrackRef track, const TrackRow &row)
{
    add("update_track" + Fields().ref("track", track).str() + trackFields(row));
}

TraceRef RecordingSink::trace(const unsigned char (&key)[16])
{
    static constexpr char kHex[] = "0123456789abcdef";
    std::string hex;
    for (const unsigned char byte : key) {
        hex += kHex[byte >> 4];
        hex += kHex[byte & 15];
    }
    return TraceRef(entity("trace", " key=" + hex));
}

TraceRef RecordingSink::trace(std::string_view key)
{
    return TraceRef(entity("trace", " key=" + jsonQuoted(key)));
}

SetRef RecordingSink::attributeSet(AttributeList attributes)
{
    return SetRef(entity("set", ' ' + toText(attributes)));
}

SpanRef RecordingSink::span(const SpanRow &row)
{
    add("span " + std::to_string(++m_spans)
        + Fields()
              .ref("track", row.track)
              .ref("trace", row.trace)
              .key("key", row.key)
              .key("parent", row.parentKey)
              .text("operation", row.operation)
              .text("category", row.category)
              .word("kind", row.kind, {"internal", "server", "client", "producer", "consumer", "async"})
              .word("status", row.status, {"unset", "ok", "error"})
              .integer("http", std::int64_t{row.httpStatus})
              .integer("start", row.startNs, kUnknownNanos)
              .nanos("duration", row.durationNs)
              .ref("resource", row.resource)
              .ref("scope", row.scope)
              .json("attributes", toText(row.attributes))
              .integer("quality", std::int64_t{row.quality})
              .str());
    return SpanRef(m_spans);
}

void RecordingSink::spanEvent(const SpanEventRow &row)
{
    add("span_event"
        + Fields()
              .ref("span", row.span)
              .ref("track", row.track)
              .nanos("ts", row.tsNs)
              .text("name", row.name)
              .json("attributes", toText(row.attributes))
              .str());
}

void RecordingSink::spanLink(const SpanLinkRow &row)
{
    add("span_link"
        + Fields()
              .ref("span", row.span)
              .text("trace_key", row.linkedTraceKey)
              .key("span_key", row.linkedSpanKey)
              .json("attributes", toText(row.attributes))
              .str());
}

void RecordingSink::flow(const FlowRow &row)
{
    add("flow"
        + Fields()
              .word("phase", row.phase, {"start", "step", "finish"}, true)
              .integer("binds_next", row.bindEnclosing ? 0 : 1)
              .ref("track", row.track)
              .nanos("ts", row.tsNs)
              .text("key", row.flowKey)
              .ref("span", row.span)
              .str());
}

ProfileRef RecordingSink::profile(const ProfileRow &row)
{
    return ProfileRef(entity("profile",
        Fields()
            .text("name", row.name)
            .word("kind", row.kind, {"on_cpu", "wall", "alloc", "lock", "threads"}, true)
            .text("sample_type", row.sampleType)
            .text("unit", row.unit)
            .integer("period", row.period)
            .nanos("start", row.startNs)
            .nanos("duration", row.durationNs)
            .str()));
}

FrameRef RecordingSink::frame(const FrameRow &row)
{
    return FrameRef(entity("frame",
        Fields()
            .text("function", row.function)
            .text("module", row.module)
            .text("file", row.file)
            .integer("line", row.line)
            .str()));
}

CallNodeRef RecordingSink::callNode(ProfileRef profile, CallNodeRef parent, FrameRef frame)
{
    return CallNodeRef(entity("call_node",
        Fields().ref("profile", profile).ref("parent", parent).ref("frame", frame).str()));
}

void RecordingSink::sample(const SampleRow &row)
{
    m_weights[static_cast<std::uint32_t>(row.profile)] += row.weight;
    add("sample"
        + Fields()
              .ref("profile", row.profile)
              .ref("node", row.node)
              .nanos("ts", row.tsNs)
              .text("thread", row.thread)
              .text("state", row.state)
              .real("weight", row.weight)
              .integer("count", row.count, 1)
              .str());
}

SeriesRef RecordingSink::series(const SeriesRow &row)
{
    return SeriesRef(entity("series",
        Fields()
            .text("metric", row.metric)
            .text("foreign_name", row.foreignName)
            .text("service", row.service)
            .text("instance", row.instance)
            .text("role", row.role)
            .json("labels", row.labelsJson)
            .text("unit", row.unit)
            .word("kind", row.kind, {"gauge", "counter", "delta", "histogram", "unknown"}, true)
            .ref("track", row.track)
            .str()));
}

void RecordingSink::point(SeriesRef series, Nanos tsNs, double value)
{
    add("point" + Fields().ref("series", series).nanos("ts", tsNs).str() + " value=" + number(value));
}

void RecordingSink::event(const EventRow &row)
{
    add("event"
        + Fields()
              .nanos("ts", row.tsNs)
              .nanos("end", row.endNs)
              .text("kind", row.kind)
              .text("service", row.service)
              .text("title", row.title)
              .text("detail", row.detail)
              .integer("utc_offset", std::int64_t{row.offsetSeconds})
              .str());
}

PlanRef RecordingSink::plan(const PlanRow &row)
{
    add("plan " + std::to_string(++m_plans)
        + Fields()
              .text("engine", row.engine)
              .text("server_version", row.serverVersion)
              .text("query", row.queryText)
              .json("settings", row.settingsJson)
              .integer("source_bytes", static_cast<std::int64_t>(row.sourceText.size()))
              .text("format", row.format)
              .nanos("captured_at", row.capturedAtNs)
              .real("planning_ms", row.planningMs)
              .real("execution_ms", row.executionMs)
              .real("duration_ms", row.durationMs)
              .real("total_cost", row.totalCost)
              .json("extra", row.extraJson)
              .str());
    return PlanRef(m_plans);
}

void RecordingSink::planNode(PlanRef plan, const PlanNodeRow &row)
{
    add("plan_node"
        + Fields()
              .ref("plan", plan)
              .integer("id", std::int64_t{row.id}, -1)
              .integer("parent", std::int64_t{row.parent}, -1)
              .integer("position", std::int64_t{row.position})
              .integer("depth", std::int64_t{row.depth})
              .text("type", row.nodeType)
              .text("relationship", row.parentRelationship)
              .text("subplan", row.subplanName)
              .text("join_type", row.joinType)
              .text("relation", row.relation)
              .text("schema", row.schema)
              .text("alias", row.alias)
              .text("index", row.indexName)
              .text("condition", row.condition)
              .text("filter", row.filter)
              .real("plan_rows", row.planRows)
              .real("actual_rows", row.actualRows)
              .real("loops", row.loops)
              .integer("plan_width", row.planWidth)
              .real("startup_cost", row.startupCost)
              .real("total_cost", row.totalCost)
              .real("startup_ms", row.startupMs)
              .real("total_ms", row.totalMs)
              .real("wall_ms", row.wallMs)
              .real("self_ms", row.selfMs)
              .real("doubt_ms", row.doubtMs)
              .real("removed_by_filter", row.rowsRemovedByFilter)
              .real("removed_by_join_filter", row.rowsRemovedByJoinFilter)
              .real("removed_by_index_recheck", row.rowsRemovedByIndexRecheck)
              .integer("shared_hit", row.sharedHit)
              .integer("shared_read", row.sharedRead)
              .integer("shared_dirtied", row.sharedDirtied)
              .integer("shared_written", row.sharedWritten)
              .integer("local_hit", row.localHit)
              .integer("local_read", row.localRead)
              .integer("local_dirtied", row.localDirtied)
              .integer("local_written", row.localWritten)
              .integer("temp_read", row.tempRead)
              .integer("temp_written", row.tempWritten)
              .integer("self_shared_hit", row.selfSharedHit)
              .integer("self_shared_read", row.selfSharedRead)
              .real("io_read_ms", row.ioReadMs)
              .real("io_write_ms", row.ioWriteMs)
              .integer("wal_bytes", row.walBytes)
              .integer("sort_kb", row.sortKb)
              .integer("sort_disk", row.sortDisk)
              .integer("hash_batches", row.hashBatches)
              .integer("heap_fetches", row.heapFetches)
              .integer("exact_blocks", row.exactBlocks)
              .integer("lossy_blocks", row.lossyBlocks)
              .integer("workers_planned", row.workersPlanned)
              .integer("workers_launched", row.workersLaunched)
              .integer("line", row.sourceLine)
              .json("extra", row.extraJson)
              .str());
}

void RecordingSink::planWorker(PlanRef plan, const PlanWorkerRow &row)
{
    add("plan_worker"
        + Fields()
              .ref("plan", plan)
              .integer("node", std::int64_t{row.nodeId}, -1)
              .integer("worker", std::int64_t{row.worker}, -1)
              .real("startup_ms", row.startupMs)
              .real("total_ms", row.totalMs)
              .real("rows", row.rows)
              .real("loops", row.loops)
              .json("extra", row.extraJson)
              .str());
}

void RecordingSink::planTrigger(PlanRef plan, const PlanTriggerRow &row)
{
    add("plan_trigger"
        + Fields()
              .ref("plan", plan)
              .text("name", row.name)
              .text("relation", row.relation)
              .text("constraint", row.constraintName)
              .real("time_ms", row.timeMs)
              .real("calls", row.calls)
              .str());
}

LogRef RecordingSink::logEntry(const LogRow &row)
{
    add("log_entry"
        + Fields()
              .nanos("ts", row.tsNs)
              .integer("utc_offset", std::int64_t{row.offsetSeconds})
              .integer("pid", row.pid)
              .text("user", row.user)
              .text("db", row.db)
              .text("application", row.application)
              .text("client", row.client)
              .text("service", row.service)
              .text("instance", row.instance)
              .text("logger", row.logger)
              .text("severity", row.severity)
              .text("sqlstate", row.sqlstate)
              .text("kind", row.kind)
              .text("message", row.message)
              .text("detail", row.detail)
              .text("hint", row.hint)
              .text("context", row.context)
              .text("pattern", row.pattern)
              .ref("server", row.server)
              .text("statement", row.statement)
              .integer("query_id", row.queryId)
              .real("duration_ms", row.durationMs)
              .text("trace", row.traceKey)
              .key("span", row.spanKey)
              .ref("resource", row.resource)
              .json("attributes", toText(row.attributes))
              .str());
    return LogRef(++m_logs);
}

RecordRef RecordingSink::record(const RecordRow &row)
{
    const std::int64_t number = ++m_records[row.table];
    Fields fields;
    fields.ref("server", row.server).ref("run", row.run).ref("series", row.series).ref("log", row.log);
    const std::vector<store::RecordColumn> &columns = store::recordColumns(row.table);
    for (const RecordField &field : row.fields) {
        const std::string name(field.column);
        const bool known = std::any_of(columns.begin(), columns.end(),
            [&](const store::RecordColumn &column) { return column.name == field.column; });
        if (!known)
            fields.text(name.c_str(), "UNKNOWN COLUMN");
        else if (const auto *text = std::get_if<std::string_view>(&field.value))
            fields.text(name.c_str(), *text);
        else if (const auto *integer = std::get_if<std::int64_t>(&field.value))
            fields.integer(name.c_str(), std::optional(*integer));
        else if (const auto *real = std::get_if<double>(&field.value))
            fields.real(name.c_str(), *real);
    }
    add(std::string(store::recordView(row.table)) + ' ' + std::to_string(number) + fields.str());
    return RecordRef(number);
}

} // namespace tailscope::testing
