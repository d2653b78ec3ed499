// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/sessiontables.h"

#include "analysis/analyses.h"
#include "base/text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <array>
#include <string>

namespace tailscope::session {

namespace {

QString toQString(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

Result<void> readMarkers(store::Database &database, SmallTables &tables)
{
    auto statement = database.prepare("SELECT id, ts_ns, end_ns, kind, service, title, detail, source_id "
                                      "FROM event ORDER BY ts_ns, id LIMIT 100000");
    if (!statement)
        return tl::unexpected(statement.error());
    while (true) {
        auto row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        Marker marker{statement->integer(0), statement->integer(1), std::nullopt,
            toQString(statement->text(3)), toQString(statement->text(4)), toQString(statement->text(5)),
            toQString(statement->text(6))};
        if (!statement->isNull(2))
            marker.endNs = statement->integer(2);
        if (statement->isNull(7) && marker.kind == QLatin1String("note"))
            tables.notes.append({marker.id, marker.tsNs, marker.endNs, marker.title});
        tables.markers.append(std::move(marker));
    }
}

/// The longest pauses of processes lie over traces and series like any other marker. Their ids are negative:
/// they are no events.
Result<void> readPauses(store::Database &database, SmallTables &tables)
{
    auto statement = database.prepare("SELECT ts_ns, duration_ns, instance, kind, cause FROM pause"
                                      " WHERE duration_ns >= 10000000 AND ts_ns IS NOT NULL"
                                      " ORDER BY duration_ns DESC, ts_ns LIMIT 500");
    if (!statement)
        return tl::unexpected(statement.error());
    for (qint64 id = -1;; --id) {
        const auto row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        const Nanos start = statement->integer(0), length = statement->integer(1);
        tables.markers.append({id, start, saturatingAdd(start, length), QStringLiteral("pause"),
            toQString(statement->text(2)),
            toQString(statement->text(3)) + QLatin1Char(' ') + QString::fromStdString(humanDuration(length)),
            toQString(statement->text(4))});
    }
    std::stable_sort(tables.markers.begin(), tables.markers.end(),
        [](const Marker &a, const Marker &b) { return a.tsNs < b.tsNs; });
    return {};
}

/// Extends the range by min and max of a table that has a time column.
Result<void> extendRange(store::Database &database, TimeRange &range, const char *sql)
{
    auto statement = database.prepare(sql);
    if (!statement)
        return tl::unexpected(statement.error());
    auto row = statement->step();
    if (!row)
        return tl::unexpected(row.error());
    if (!*row || statement->isNull(0))
        return {};
    const Nanos low = statement->integer(0);
    const Nanos high = saturatingAdd(statement->integer(1), 1);
    if (range.isEmpty()) {
        range = {low, high};
    } else {
        range.begin = std::min(range.begin, low);
        range.end = std::max(range.end, high);
    }
    return {};
}

/// Times of samples lie beside those of series; times of a relative clock only where nothing else is.
Result<void> extendBySamples(store::Database &database, TimeRange &range, bool anyAbsolute)
{
    static constexpr std::array<const char *, 5> kTables{"pool_sample_raw", "replica_sample_raw",
        "queue_sample_raw", "pause_raw", "session_sample_raw"};
    for (const char *table : kTables) {
        const std::string sql
            = std::string("SELECT min(p.ts_ns + s.offset_ns), max(p.ts_ns + s.offset_ns) FROM ") + table
            + " AS p JOIN source AS s ON s.id = p.source_id"
              " AND s.id IN (SELECT id FROM source_raw WHERE state IN (1, 2))"
            + (anyAbsolute ? " WHERE s.clock = 'utc' OR s.offset_method <> 'none'" : "");
        TS_TRY(extendRange(database, range, sql.c_str()));
    }
    return extendRange(database, range,
        anyAbsolute
            ? "SELECT min(p.start_ns), max(p.end_ns) FROM run AS p JOIN source AS s ON s.id = p.source_id"
              " WHERE p.start_ns IS NOT NULL AND p.end_ns IS NOT NULL AND (s.clock = 'utc' OR "
              "s.offset_method "
              "<> 'none')"
            : "SELECT min(start_ns), max(end_ns) FROM run WHERE start_ns IS NOT NULL AND end_ns IS NOT NULL");
}

} // namespace

Result<QStringList> readContents(store::Database &database, const QStringList &known)
{
    struct Content
    {
        const char *name, *view;
    };
    static constexpr auto kContents = std::to_array<Content>({{"span", "span"}, {"trace", "trace"},
        {"profile", "profile"}, {"plan", "plan"}, {"statement", "statement"}, {"log", "log_entry"},
        {"lock", "deadlock_member"}, {"lock", "lock_edge"}, {"series", "series"}, {"pool", "pool_sample"},
        {"replica", "replica_sample"}, {"replica", "slot_sample"}, {"queue", "queue_sample"},
        {"pause", "pause"}, {"session", "session_sample"}, {"budget", "budget"}, {"run", "run"},
        {"event", "event"}, {"config", "config"}, {"table", "db_table"}, {"table", "table_sample"},
        {"recording", "source WHERE kind = 'recording'"}});
    QStringList found;
    for (const Content &content : kContents) {
        const QString name = QString::fromLatin1(content.name);
        if (found.contains(name) || known.contains(name))
            continue;
        const auto any = database.integer(std::string("SELECT EXISTS (SELECT 1 FROM ") + content.view + ")");
        if (!any)
            return tl::unexpected(any.error());
        if (*any == std::optional<std::int64_t>(1))
            found << name;
    }
    return found;
}

Result<SmallTables> readSmallTables(const store::Workspace &workspace)
{
    SmallTables tables;
    Result<std::vector<store::SourceRecord>> sources = workspace.sources();
    if (!sources)
        return tl::unexpected(sources.error());
    bool anyAbsolute = false;
    bool anyTimed = false;
    for (store::SourceRecord &source : *sources) {
        if (source.kind != "profile" && source.kind != "plan" && source.kind != "catalog"
            && source.kind != "config") {
            anyTimed = true;
            anyAbsolute = anyAbsolute || source.clock == "utc";
        }
        tables.sources.append(std::move(source));
    }
    tables.absolute = anyAbsolute || !anyTimed;
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    TS_TRY(readMarkers(*database, tables));
    TS_TRY(readPauses(*database, tables));
    // A relative clock starts near 1970: beside absolute ones it would stretch the axis over half a century.
    TS_TRY(extendRange(*database, tables.fullRange,
        anyAbsolute ? "SELECT min(e.ts_ns), max(coalesce(e.end_ns, e.ts_ns)) FROM event AS e"
                      " LEFT JOIN source AS s ON s.id = e.source_id WHERE s.clock = 'utc' OR s.offset_method "
                      "<> 'none' OR s.id IS NULL"
                    : "SELECT min(ts_ns), max(coalesce(end_ns, ts_ns)) FROM event"));
    TS_TRY(extendRange(*database, tables.fullRange,
        anyAbsolute ? "SELECT min(p.ts_ns), max(p.ts_ns) FROM source AS s JOIN series AS r"
                      " ON r.source_id = s.id JOIN point AS p ON p.series_id = r.id WHERE s.clock = 'utc' OR "
                      "s.offset_method <> 'none'"
                    : "SELECT min(ts_ns), max(ts_ns) FROM point"));
    TS_TRY(extendBySamples(*database, tables.fullRange, anyAbsolute));
    Result<QStringList> contents = readContents(*database, {});
    if (!contents)
        return tl::unexpected(std::move(contents.error()));
    tables.contents = std::move(*contents);
    if (!workspace.isReadOnly()) {
        Result<std::vector<std::int64_t>> unready = analysis::unreadySources(workspace);
        if (!unready)
            return tl::unexpected(std::move(unready.error()));
        tables.unready = std::move(*unready);
    }
    const Result<std::optional<std::string>> properties = workspace.property("session");
    if (properties && *properties) {
        const QJsonObject object = QJsonDocument::fromJson(QByteArray::fromStdString(**properties)).object();
        for (auto it = object.begin(); it != object.end(); ++it)
            tables.properties.insert(it.key(), it.value().toString());
    }
    return tables;
}

Result<void> storeNote(const store::Workspace &workspace, const Note &note, bool remove)
{
    auto database = workspace.connectWriter();
    if (!database)
        return tl::unexpected(database.error());
    auto statement = database->prepare(remove
            ? "DELETE FROM event_raw WHERE id = ?1 AND source_id IS NULL"
            : "INSERT OR REPLACE INTO event_raw(id, source_id, ts_ns, end_ns, kind, title)"
              " VALUES(?1, NULL, ?2, ?3, 'note', ?4)");
    if (!statement)
        return tl::unexpected(statement.error());
    const std::string text = note.text.toStdString();
    statement->bind(0, std::int64_t(note.id));
    if (!remove) {
        statement->bind(1, note.tsNs);
        statement->bindNanos(2, note.endNs.value_or(kUnknownNanos));
        statement->bind(3, std::string_view(text));
    }
    return statement->run();
}

Result<void> storeAlignment(const store::Workspace &workspace, const Alignment &alignment)
{
    auto database = workspace.connectWriter();
    if (!database)
        return tl::unexpected(database.error());
    TS_TRY(database->begin());
    const auto write = [&]() -> Result<void> {
        auto update = database->prepare("UPDATE source_raw SET offset_ns = ?2, offset_method = ?3"
                                        " WHERE id = ?1 OR duplicate_of = ?1");
        if (!update)
            return tl::unexpected(update.error());
        update->bind(0, std::int64_t(alignment.sourceId));
        update->bind(1, alignment.offsetNs);
        update->bind(2, std::string_view(alignment.method));
        TS_TRY(update->run());
        if (database->changes() == 0)
            return fail(ErrorCode::NotFound, workspace.path().string(),
                "there is no source " + std::to_string(alignment.sourceId),
                "It may have been removed meanwhile");
        return store::bumpGenerationsOf(*database, alignment.sourceId);
    };
    Result<void> written = write();
    if (!written) {
        database->rollback();
        return written;
    }
    return database->commit();
}

} // namespace tailscope::session
