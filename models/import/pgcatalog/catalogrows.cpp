// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pgcatalog/catalogrows.h"

#include "base/text.h"
#include "import/common/jsontext.h"

#include <algorithm>
#include <array>

namespace tailscope::import {

namespace {

using Type = CatalogCell::Type;
using Kind = CatalogKind;

/// Settings whose value may hold a password or a command with one.
constexpr std::array<std::string_view, 6> kSecretSettings{"primary_conninfo", "ssl_passphrase_command",
    "archive_command", "restore_command", "archive_cleanup_command", "recovery_end_command"};

std::string_view kindName(Kind kind)
{
    switch (kind) {
    case Kind::Integer:
        return "integer";
    case Kind::Real:
        return "number";
    case Kind::Boolean:
    case Kind::NotBoolean:
        return "boolean";
    case Kind::Time:
        return "time";
    case Kind::Millis:
        return "interval";
    case Kind::Lsn:
        return "WAL location";
    case Kind::Numbers:
        return "list of numbers";
    case Kind::Bytes:
        return "size";
    default:
        return "text";
    }
}

bool isInfinite(std::string_view text) { return text == "infinity" || text == "-infinity"; }

} // namespace

CatalogValue *CatalogRows::Values::find(std::string_view target)
{
    for (std::size_t i = 0; i < view->columns.size(); ++i) {
        if (view->columns[i].target == target)
            return &list[i];
    }
    return nullptr;
}

std::optional<std::int64_t> CatalogRows::Values::integer(std::string_view target)
{
    const CatalogValue *value = find(target);
    const auto *whole = value ? std::get_if<std::int64_t>(value) : nullptr;
    return whole ? std::optional(*whole) : std::nullopt;
}

std::string CatalogRows::Values::text(std::string_view target)
{
    const CatalogValue *value = find(target);
    const auto *words = value ? std::get_if<std::string>(value) : nullptr;
    return words ? *words : std::string();
}

void CatalogRows::Values::set(std::string_view target, CatalogValue value)
{
    if (CatalogValue *place = find(target))
        *place = std::move(value);
}

bool CatalogRows::Values::isKnown(std::string_view target)
{
    const CatalogValue *value = find(target);
    return value && !std::holds_alternative<std::monostate>(*value);
}

CatalogRows::CatalogRows(RowSink &sink, ImportReport &report, TimeText &time)
    : m_sink(sink)
    , m_report(report)
    , m_time(time)
    , m_standby(sink, report)
{}

void CatalogRows::header(const CatalogShape *shape, std::uint64_t offset)
{
    const bool receives = shape != nullptr
        && std::any_of(shape->views().begin(), shape->views().end(),
            [](const CatalogShape::View &view) { return view.view->rule == CatalogRule::Receiver; });
    if (receives)
        m_standby.receiverHeader(offset);
    else
        m_standby.header();
}

void CatalogRows::setTime(std::string_view text, std::uint64_t offset)
{
    m_headTime = timeOf(text, offset).value_or(kUnknownNanos);
}

void CatalogRows::take(const CatalogShape &shape, const CatalogRow &row)
{
    m_rowTime = rowTime(shape, row);
    bool taken = false, replays = false, receives = false;
    for (const CatalogShape::View &view : shape.views()) {
        taken = takeView(shape, view, row) || taken;
        replays = replays || view.view->rule == CatalogRule::Standby;
        receives = receives || view.view->rule == CatalogRule::Receiver;
    }
    if (replays && receives) // both halves in one row
        m_standby.finish();
    for (const CatalogShape::Counters &counters : shape.counters())
        taken = takeCounters(counters, row) || taken;
    if (taken)
        m_report.rowRead();
    else
        m_report.skip("no-name", row.offset, row.length, "the row does not name what it is about", row.raw);
}

std::optional<Nanos> CatalogRows::timeOf(std::string_view text, std::uint64_t offset)
{
    const std::optional<TimeText::Time> time = m_time.parse(text, offset, m_report);
    m_sawTime = m_sawTime || time;
    return time ? std::optional(time->ns) : std::nullopt;
}

Nanos CatalogRows::rowTime(const CatalogShape &shape, const CatalogRow &row)
{
    if (shape.timeColumn() < 0)
        return m_headTime;
    const CatalogCell &cell = row.cells[static_cast<std::size_t>(shape.timeColumn())];
    if (cell.type == Type::Null)
        return m_headTime;
    if (const std::optional<Nanos> ns = timeOf(cell.text, row.offset))
        return *ns;
    m_report.note(IssueSeverity::Notice, "bad-time", row.offset,
        "the time of the snapshot is neither a date nor a number since 1970: it is unknown");
    return kUnknownNanos;
}

CatalogValue CatalogRows::valueOf(const CatalogCell &cell, const CatalogColumn &column, const CatalogRow &row,
    std::string_view view)
{
    const bool isText = column.kind == Kind::Text;
    const std::string_view text = isText ? cell.text : trimmed(cell.text);
    if (cell.type == Type::Null || (!isText && (text.empty() || isInfinite(text))))
        return {};
    if (column.kind == Kind::Time) {
        if (const std::optional<Nanos> ns = timeOf(text, row.offset))
            return CatalogValue(*ns);
    } else if (std::optional<CatalogValue> value = catalogValue(text, column.kind, m_decimalComma)) {
        return std::move(*value);
    }
    m_report.note(IssueSeverity::Notice, "bad-value", row.offset,
        std::string(column.names.substr(0, column.names.find('|'))) + " of " + std::string(view) + " is no "
            + std::string(kindName(column.kind)) + ": it was left unknown ("
            + std::string(utf8Prefix(text, 60)) + ")");
    return {};
}

bool CatalogRows::takeView(const CatalogShape &shape, const CatalogShape::View &view, const CatalogRow &row)
{
    const CatalogView &known = *view.view;
    if (known.rule == CatalogRule::NotKept) {
        m_report.note(IssueSeverity::Notice, "not-kept", row.offset,
            std::string(known.name) + ": " + std::string(known.hint));
        return true;
    }
    Values &values = m_values;
    values.view = &known;
    values.list.assign(known.columns.size(), {});
    for (std::size_t i = 0; i < known.columns.size(); ++i) {
        if (view.inputs[i] >= 0)
            values.list[i] = valueOf(row.cells[static_cast<std::size_t>(view.inputs[i])], known.columns[i],
                row, known.name);
    }
    nameRelations(values);
    if (!known.key.empty() && !values.isKnown(known.key))
        return false;
    switch (known.rule) {
    case CatalogRule::Server:
        return takeServer(values);
    case CatalogRule::Locks:
        return takeLocks(values);
    case CatalogRule::WaitProfile:
        return takeWaits(values);
    case CatalogRule::Table:
        return takeTable(values, row);
    case CatalogRule::Standby:
        return takeStandby(values, row);
    case CatalogRule::Receiver:
        return takeReceiver(values, row);
    case CatalogRule::Index: {
        const IndexDefinition definition = readIndexDefinition(values.text("indexdef"));
        if (!values.isKnown("amname") && !definition.method.empty())
            values.set("amname", definition.method);
        if (!values.isKnown("indisunique") && values.isKnown("indexdef"))
            values.set("indisunique", std::int64_t{definition.unique});
        // Of pg_index itself it is a tree of nodes that nobody reads.
        if (!definition.predicate.empty()
            && (!values.isKnown("indpred") || values.text("indpred").starts_with('{')))
            values.set("indpred", definition.predicate);
        break;
    }
    case CatalogRule::Setting:
        completeSetting(values, row);
        break;
    case CatalogRule::Session:
        completeSession(values);
        break;
    case CatalogRule::Replica:
        completeReplica(values, row);
        break;
    case CatalogRule::Slot:
        if (!values.isKnown("retained_bytes") && values.integer("@current") && values.integer("@restart"))
            values.set("retained_bytes",
                saturatingSub(*values.integer("@current"), *values.integer("@restart")));
        break;
    case CatalogRule::Progress:
        completeProgress(values, shape, row);
        break;
    default:
        break;
    }
    emit(values);
    return true;
}

/// An oid that was printed as ::regclass names the relation.
void CatalogRows::nameRelations(Values &values)
{
    for (std::size_t i = 0; i < values.list.size(); ++i) {
        const CatalogColumn &column = values.view->columns[i];
        auto *words = std::get_if<std::string>(&values.list[i]);
        if (column.kind != Kind::Relation || column.target == "relname" || !words)
            continue;
        QualifiedName name = catalogName(*words);
        values.list[i] = {};
        if (column.target == "confrelid" || name.name.empty() || name.name == "-")
            continue;
        const std::string_view target = column.target == "indexrelid" ? "indexrelname" : "relname";
        if (!values.isKnown(target))
            values.set(target, std::move(name.name));
        if (!values.isKnown("schemaname") && !name.schema.empty())
            values.set("schemaname", std::move(name.schema));
    }
}

bool CatalogRows::takeServer(Values &values)
{
    m_headTime = m_rowTime;
    m_database = values.text("dbname");
    std::string host = values.text("host");
    const std::optional<std::int64_t> port = values.integer("port");
    // The address comes with the length of its network; a folder of sockets begins with the sign.
    if (const std::size_t slash = host.find('/'); slash != std::string::npos && slash > 0) {
        host.resize(slash);
        values.set("host", host);
    }
    m_instance = host.empty() && !port ? "" : host + (port ? ':' + std::to_string(*port) : "");
    const std::string key = m_instance + '\x1F' + m_database + '\x1F' + values.text("system_identifier")
        + '\x1F' + values.text("server_version");
    const auto known = m_servers.find(key);
    if (known != m_servers.end()) {
        m_server = known->second;
        return true;
    }
    m_server = RecordRef::None;
    m_server = emit(values);
    if (m_servers.size() < kMaxCached)
        m_servers.emplace(key, m_server);
    return true;
}

/// Figures without a column of their own, as JSON by their names; empty where there are none.
std::string CatalogRows::extraOf(const Values &values)
{
    JsonText json;
    json.startObject();
    bool any = false;
    for (std::size_t i = 0; i < values.list.size(); ++i) {
        const std::string_view target = values.view->columns[i].target;
        const auto *whole = std::get_if<std::int64_t>(&values.list[i]);
        const auto *real = std::get_if<double>(&values.list[i]);
        if (!target.starts_with('@') || (!whole && !real))
            continue;
        any = true;
        json.key(target.substr(1));
        if (whole)
            json.number(std::to_string(*whole));
        else
            json.real(*real);
    }
    json.endObject();
    return any ? json.text() : std::string();
}

bool CatalogRows::takeTable(Values &values, const CatalogRow &row)
{
    if (values.view->table == RecordTable::DbTable) {
        const std::string kind = values.text("relkind");
        if (kind == "i" || kind == "I") {
            m_report.note(IssueSeverity::Info, "index-in-pg-class", row.offset,
                "rows of pg_class that are indexes were left out: pg_index tells of them");
            return true;
        }
    }
    if (values.isKnown("@nullable") && !values.isKnown("attnotnull"))
        values.set("attnotnull", *values.find("@nullable"));
    m_rest = values.view->table == RecordTable::TableSample ? extraOf(values) : std::string();
    if (!m_rest.empty())
        m_fields.assign(1, {"extra", std::string_view(m_rest)});
    emit(values);
    return true;
}

void CatalogRows::completeSetting(Values &values, const CatalogRow &row)
{
    const std::string name = values.text("name");
    for (const std::string_view secret : kSecretSettings) {
        if (name != secret || values.text("setting").empty())
            continue;
        values.set("setting", {});
        values.set("boot_val", {});
        values.set("reset_val", {});
        m_report.note(IssueSeverity::Info, "secret-setting", row.offset,
            "values of settings that may hold a password were left out");
    }
}

bool CatalogRows::takeCounters(const CatalogShape::Counters &counters, const CatalogRow &row)
{
    if (m_rowTime == kUnknownNanos) {
        m_report.note(IssueSeverity::Notice, "no-time", row.offset,
            "counters need the time at which they were read: rows of " + std::string(counters.view->name)
                + " without one were left out");
        return true;
    }
    JsonText labels;
    labels.startObject();
    for (std::size_t i = 0; i < counters.labels.size(); ++i) {
        const CatalogCell &cell = row.cells[static_cast<std::size_t>(counters.labels[i])];
        labels.key(counters.labelNames[i] == "datname" ? "database" : counters.labelNames[i]);
        labels.string(cell.type == Type::Null ? "(shared objects)" : sanitizedUtf8(cell.text));
    }
    labels.endObject();
    for (std::size_t i = 0; i < counters.inputs.size(); ++i) {
        if (counters.inputs[i] < 0)
            continue;
        const CatalogCounter &counter = counters.view->counters[i];
        const CatalogColumn column{counter.column, counter.column, Kind::Real};
        const CatalogValue value = valueOf(row.cells[static_cast<std::size_t>(counters.inputs[i])], column,
            row, counters.view->name);
        const auto *number = std::get_if<double>(&value);
        if (!number)
            continue;
        std::string foreign = std::string(counters.view->name) + '.' + std::string(counter.column);
        const std::string key = m_instance + '\x1F' + foreign + '\x1F' + labels.text();
        auto found = m_series.find(key);
        if (found == m_series.end()) {
            const std::string metric = "postgresql." + std::string(counter.metric);
            SeriesRow series;
            series.metric = metric;
            series.foreignName = foreign;
            series.instance = m_instance;
            series.labelsJson = labels.text();
            series.unit = counter.unit;
            series.kind = counter.gauge ? SeriesKind::Gauge : SeriesKind::Counter;
            if (m_series.size() >= kMaxCached)
                m_series.clear();
            found = m_series.emplace(key, m_sink.series(series)).first;
        }
        m_sink.point(found->second, m_rowTime, *number);
    }
    return true;
}

RecordRef CatalogRows::emit(Values &values)
{
    // Fields that a rule has put there come first, and only for this row.
    std::vector<RecordField> fields = std::move(m_fields);
    m_fields.clear();
    const bool isServer = values.view->table == RecordTable::Server;
    if (isServer)
        fields.push_back({"kind", std::string_view("postgresql")});
    if (values.view->sampled && m_rowTime != kUnknownNanos)
        fields.push_back({"ts_ns", m_rowTime});
    if (values.view->perDatabase && !isServer && !values.isKnown("dbname") && !m_database.empty())
        fields.push_back({"dbname", std::string_view(m_database)});
    for (std::size_t i = 0; i < values.list.size(); ++i) {
        const std::string_view target = values.view->columns[i].target;
        if (target.starts_with('@'))
            continue;
        const CatalogValue &value = values.list[i];
        if (const auto *words = std::get_if<std::string>(&value))
            fields.push_back({target, std::string_view(*words)});
        else if (const auto *whole = std::get_if<std::int64_t>(&value))
            fields.push_back({target, *whole});
        else if (const auto *real = std::get_if<double>(&value))
            fields.push_back({target, *real});
    }
    RecordRow record{};
    record.table = values.view->table;
    record.server = m_server;
    record.fields = fields;
    return m_sink.record(record);
}

IndexDefinition readIndexDefinition(std::string_view text)
{
    IndexDefinition result;
    result.unique = text.starts_with("CREATE UNIQUE ");
    // Words outside quotes and brackets.
    int depth = 0;
    char quote = '\0';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
            continue;
        }
        if (c == '"' || c == '\'')
            quote = c;
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (depth != 0 || c != ' ')
            continue;
        const std::string_view rest = text.substr(i);
        constexpr std::string_view kUsing = " USING ", kWhere = " WHERE ";
        if (result.method.empty() && rest.starts_with(kUsing)) {
            result.method = rest.substr(kUsing.size(), rest.substr(kUsing.size()).find(' '));
        } else if (rest.starts_with(kWhere)) {
            result.predicate = rest.substr(kWhere.size());
            break;
        }
    }
    return result;
}

} // namespace tailscope::import
