// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/serieslistquery.h"

#include "base/text.h"
#include "items/seriestext.h"

#include <QHash>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>

#include <algorithm>
#include <cmath>

namespace tailscope::items {

namespace {

constexpr int kMostSeries = 100'000;
constexpr int kMostFound = 2'000;

QString toQString(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString labelText(std::string_view json)
{
    const QJsonObject object
        = QJsonDocument::fromJson(QByteArray(json.data(), qsizetype(json.size()))).object();
    QStringList parts;
    for (auto it = object.begin(); it != object.end(); ++it)
        parts << it.key() + QLatin1Char('=') + it.value().toVariant().toString();
    return parts.join(QStringLiteral(", "));
}

QString duration(qint64 ns) { return QString::fromStdString(humanDuration(ns)); }

template<typename Take>
Result<void> each(store::Database &reader, const char *sql, qint64 bound, Take take)
{
    auto query = reader.prepare(sql);
    if (!query)
        return tl::unexpected(query.error());
    if (query->parameterIndex(":most") >= 0)
        query->bind(query->parameterIndex(":most"), std::int64_t(bound));
    if (query->parameterIndex(":id") >= 0)
        query->bind(query->parameterIndex(":id"), std::int64_t(bound));
    for (;;) {
        const auto more = query->step();
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            return {};
        take(*query);
    }
}

constexpr const char *kCeilings
    = "SELECT series_id, subject, start_ns, end_ns, value, unit, setting, limit_value, verdict, driver,"
      " driver_before, driver_after FROM ceiling WHERE series_id IS NOT NULL";
constexpr const char *kDepartures
    = "SELECT d.series_id, d.subject, d.start_ns, d.end_ns, d.expected, d.kind, d.value, d.share, d.is_open,"
      " d.metric = 'rate', s.unit FROM series_departure AS d LEFT JOIN series AS s ON s.id = d.series_id";
constexpr const char *kChanges
    = "SELECT c.series_id, c.subject, c.ts_ns, c.median_before, c.median_after, c.p_value, s.unit,"
      " c.metric = 'rate', e.kind, coalesce(e.title, e.detail) FROM change_point AS c"
      " LEFT JOIN series AS s ON s.id = c.series_id LEFT JOIN event AS e ON e.id = c.event_id"
      " WHERE c.series_id IS NOT NULL";
constexpr const char *kPeriods
    = "SELECT p.series_id, p.subject, t.start_ns, t.end_ns, p.period_ns, p.excursions, p.matches, t.ratio"
      " FROM periodicity AS p LEFT JOIN tail_shape AS t ON t.series_id = p.series_id"
      " WHERE p.series_id IS NOT NULL";
constexpr const char *kPlateaus = "SELECT series_id, subject, start_ns, end_ns, ratio FROM tail_shape"
                                  " WHERE series_id IS NOT NULL AND kind = 'plateau'";

SeriesFound ceiling(const store::Statement &row)
{
    SeriesFound out{SeriesFound::Kind::Ceiling, row.integer(0), toQString(row.text(1)), {}, row.integer(2),
        row.integer(3), row.real(4)};
    const QString unit = toQString(row.text(5));
    const QString value = seriesValue(row.real(4), unit);
    const QString setting = toQString(row.text(6));
    QString limit;
    if (setting.isEmpty())
        limit = QStringLiteral("%1, a round number").arg(value);
    else if (std::abs(row.real(7) - row.real(4)) <= 0.005 * row.real(7))
        limit = QStringLiteral("%1 = %2").arg(value, setting);
    else
        limit = QStringLiteral("%1 = %2 (%3) less the reserved ones")
                    .arg(value, setting, seriesValue(row.real(7), unit));
    out.text = row.text(8) == "flat"
        ? QStringLiteral("flat at %1; nothing tells whether demand grew").arg(limit)
        : QStringLiteral("ceiling at %1, while %2 goes from %3 to %4")
              .arg(limit, toQString(row.text(9)), seriesValue(row.real(10), {}),
                  seriesValue(row.real(11), {}));
    return out;
}

SeriesFound departure(const store::Statement &row)
{
    SeriesFound out{SeriesFound::Kind::Departure, row.integer(0), toQString(row.text(1)), {}, row.integer(2),
        row.integer(3), row.real(4)};
    const QString unit = toQString(row.text(10));
    const bool isRate = row.integer(9) != 0;
    const QString what = row.text(5) == "high" ? QStringLiteral("above twice the usual")
        : row.text(5) == "zero"                ? QStringLiteral("nothing at all")
                                               : QStringLiteral("below half of the usual");
    out.text = QStringLiteral("%1 for %2: %3 instead of %4%5")
                   .arg(what, duration(out.endNs - out.startNs), seriesValue(row.real(6), unit, isRate),
                       seriesValue(row.real(4), unit, isRate),
                       row.integer(8) != 0 ? QStringLiteral(", to the end") : QString());
    return out;
}

SeriesFound change(const store::Statement &row)
{
    SeriesFound out{SeriesFound::Kind::Change, row.integer(0), toQString(row.text(1)), {}, row.integer(2), 0,
        row.real(4)};
    const QString unit = toQString(row.text(6));
    const bool isRate = row.integer(7) != 0;
    out.text = QStringLiteral("level %1 to %2 (p = %3)")
                   .arg(seriesValue(row.real(3), unit, isRate), seriesValue(row.real(4), unit, isRate),
                       QString::number(row.real(5), 'g', 2));
    if (!row.isNull(8))
        out.text += QStringLiteral(", near %1 %2").arg(toQString(row.text(8)), toQString(row.text(9)));
    return out;
}

SeriesFound period(const store::Statement &row)
{
    SeriesFound out{SeriesFound::Kind::Period, row.integer(0), toQString(row.text(1)), {}, row.integer(2),
        row.integer(3), 0};
    out.text = QStringLiteral("%1 peaks, each %2 apart%3")
                   .arg(row.integer(5))
                   .arg(duration(row.integer(4)),
                       row.isNull(6) ? QString() : QStringLiteral(": as long as ") + toQString(row.text(6)));
    return out;
}

SeriesFound plateau(const store::Statement &row)
{
    SeriesFound out{SeriesFound::Kind::Shape, row.integer(0), toQString(row.text(1)), {}, row.integer(2),
        row.integer(3), 0};
    out.text = QStringLiteral("a plateau of %1, %2 times the median at most")
                   .arg(duration(out.endNs - out.startNs), QString::number(row.real(4), 'g', 3));
    return out;
}

struct FoundQuery
{
    const char *sql;
    SeriesFound (*make)(const store::Statement &);
    const char *order;
};
const FoundQuery kFound[]{
    {kCeilings, ceiling, " ORDER BY confidence DESC, start_ns"},
    {kDepartures, departure, " ORDER BY is_open DESC, hours DESC"},
    {kChanges, change, " ORDER BY c.p_value, c.ts_ns"},
    {kPeriods, period, " ORDER BY p.excursions DESC, p.subject"},
    {kPlateaus, plateau, " ORDER BY ratio DESC"},
};

QString wordOf(SeriesFound::Kind kind)
{
    switch (kind) {
    case SeriesFound::Kind::Ceiling:
        return QStringLiteral("ceiling");
    case SeriesFound::Kind::Departure:
        return QStringLiteral("unusual");
    case SeriesFound::Kind::Change:
        return QStringLiteral("step");
    case SeriesFound::Kind::Period:
        return QStringLiteral("periodic");
    case SeriesFound::Kind::Shape:
        break;
    }
    return QStringLiteral("plateau");
}

SeriesListItem itemOf(const store::Statement &row)
{
    SeriesListItem item;
    item.id = row.integer(0);
    item.metric = toQString(row.text(1));
    item.service = toQString(row.text(2));
    item.labels = labelText(row.text(4));
    item.unit = toQString(row.text(5));
    item.kind = toQString(row.text(6));
    QStringList parts;
    for (const QString &part : {item.service, toQString(row.text(3)), item.labels}) {
        if (!part.isEmpty())
            parts << part;
    }
    item.name = parts.isEmpty() ? item.metric : parts.join(QStringLiteral(" · "));
    item.n = row.integer(7);
    item.gaps = row.integer(8);
    item.isRate = row.text(9) == "rate";
    item.last = row.optionalReal(10);
    item.min = row.optionalReal(11);
    item.max = row.optionalReal(12);
    item.p50 = row.optionalReal(13);
    item.p99 = row.optionalReal(14);
    return item;
}

constexpr const char *kList
    = "SELECT s.id, s.metric, s.service, s.instance, s.labels, s.unit, s.kind, t.n, t.gaps, t.measure, "
      "t.last,"
      " t.min, t.max, t.p50, t.p99 FROM series AS s LEFT JOIN series_stat AS t ON t.series_id = s.id"
      " WHERE s.kind <> 'histogram' ORDER BY s.metric, s.service, s.instance, s.labels, s.id LIMIT :most";

} // namespace

Result<SeriesList> readSeriesList(const store::Workspace &workspace, const Progress &progress)
{
    auto reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(reader.error());
    reader->setCancel(progress.cancel);
    SeriesList list;
    const auto all = reader->integer("SELECT count(*) FROM series WHERE kind <> 'histogram'");
    if (!all)
        return tl::unexpected(all.error());
    list.all = all->value_or(0);
    TS_TRY(each(*reader, kList, kMostSeries,
        [&](const store::Statement &row) { list.items.push_back(itemOf(row)); }));
    QHash<qint64, int> place;
    for (int i = 0; i < list.items.size(); ++i)
        place.insert(list.items[i].id, i);
    for (const FoundQuery &found : kFound) {
        const std::string sql = std::string(found.sql) + found.order + " LIMIT :most";
        TS_TRY(each(*reader, sql.c_str(), kMostFound, [&](const store::Statement &row) {
            list.found.push_back(found.make(row));
            const auto at = place.constFind(list.found.back().seriesId);
            if (at == place.constEnd())
                return;
            SeriesListItem &item = list.items[*at];
            const QString word = wordOf(list.found.back().kind);
            if (!item.found.contains(word))
                item.found += (item.found.isEmpty() ? QString() : QStringLiteral(", ")) + word;
            item.level = std::max(item.level, found.make == ceiling || found.make == departure ? 2 : 1);
        }));
    }
    return list;
}

Result<QVector<SeriesFound>> readSeriesFound(const store::Workspace &workspace, const QVector<qint64> &ids)
{
    auto reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(reader.error());
    QVector<SeriesFound> out;
    for (const FoundQuery &found : kFound) {
        const std::string of(found.sql);
        const char *alias = found.make == departure ? "d."
            : found.make == change                  ? "c."
            : found.make == period                  ? "p."
                                                    : "";
        const std::string sql
            = of + (of.find("WHERE") == std::string::npos ? " WHERE " : " AND ") + alias + "series_id = :id";
        for (const qint64 id : ids)
            TS_TRY(each(*reader, sql.c_str(), id,
                [&](const store::Statement &row) { out.push_back(found.make(row)); }));
    }
    return out;
}

QString seriesListSql()
{
    return QStringLiteral(
        "SELECT s.id, s.metric, s.service, s.instance, s.labels, s.unit, t.measure, t.n, t.last,\n"
        "  t.min, t.max, t.p50, t.p99\n"
        "FROM series AS s LEFT JOIN series_stat AS t ON t.series_id = s.id\n"
        "WHERE s.kind <> 'histogram' ORDER BY s.metric, s.service, s.instance LIMIT 10000;");
}

} // namespace tailscope::items
