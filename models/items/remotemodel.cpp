// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/remotemodel.h"

#include "base/text.h"
#include "live/remote/remotefetch.h"

#include <QFile>

#include <algorithm>

namespace tailscope::items {

namespace {

using live::RemoteStore;

constexpr std::size_t kMaxShownRuns = 300;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

Result<live::Target> targetOf(const QString &conninfo, const QString &password)
{
    auto target = live::parseTarget(conninfo.toStdString(), live::TargetKind::Postgres);
    if (target && !password.isEmpty())
        target->password = password.toStdString();
    return target;
}

QString textOf(const Error &error) { return QString::fromStdString(error.toText()); }

std::optional<Nanos> momentOf(const QString &text)
{
    bool ok = false;
    const qint64 ns = text.trimmed().toLongLong(&ok);
    if (ok)
        return ns;
    const auto parsed = parseTimestamp(text.trimmed().toStdString());
    return parsed ? std::optional(parsed->ns) : std::nullopt;
}

} // namespace

bool parseRemoteRange(const QString &text, std::optional<TimeRange> &range, bool &isAll)
{
    const QString plain = text.trimmed();
    isAll = plain == QLatin1String("all");
    range.reset();
    if (plain.isEmpty() || isAll)
        return true;
    const QStringList ends = plain.split(QStringLiteral(".."));
    const auto begin = ends.size() == 2 ? momentOf(ends.at(0)) : std::nullopt;
    const auto end = ends.size() == 2 ? momentOf(ends.at(1)) : std::nullopt;
    if (!begin || !end || *end <= *begin)
        return false;
    range = TimeRange{*begin, *end};
    return true;
}

RemoteModel::RemoteModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_listJob(session->jobs())
    , m_percentiles(new CellTable(
          {{tr("Percentile"), tr("Nearest rank over the spans with a known duration"), false},
              {tr("Duration"), tr("Bounds of the bucket it lies in (at most 1.6 % wide), or the exact value"),
                  true},
              {tr("Rank"), tr("Its place among the sorted durations"), true}},
          this))
    , m_groups(new CellTable({{tr("Value"), tr("What the spans are grouped by"), false},
                                 {tr("Spans"), tr("Spans of this value"), true},
                                 {tr("Failed"), tr("Spans whose status says so"), true},
                                 {tr("Total"), tr("Sum of the known durations"), true},
                                 {tr("P50"), tr("Bounds of the bucket the median lies in"), true},
                                 {tr("P99"), tr("Bounds of the bucket the percentile lies in"), true}},
          this))
    , m_cohort(new CellTable(
          {{tr("What"), tr("Values that are more frequent among the slow spans"), false},
              {tr("Slow"), tr("Share of the slow spans that have it"), true},
              {tr("All"), tr("Share of all spans that have it"), true},
              {tr("Lift"), tr("Share of the slow / share of all"), true},
              {tr("Chance"), tr("p-value after correction for everything compared (Bonferroni)"), true}},
          this))
    , m_traces(new CellTable({{tr("Start"), tr("When the span began"), false},
                                 {tr("Duration"), tr("Of the slowest span of the trace that passes"), true},
                                 {tr("Service"), tr("Of that span"), false},
                                 {tr("Operation"), tr("Of that span"), false},
                                 {tr("Trace"), tr("Its key in the store"), false}},
          this))
    , m_queries(new CellTable({{tr("Asked for"), tr("What the query answers"), false},
                                  {tr("Time"), tr("From sending to the complete answer"), true},
                                  {tr("Rows"), tr("Rows that came back"), true},
                                  {tr("SQL"), tr("With constants in place, to be run elsewhere"), false}},
          this))
{}

void RemoteModel::setActive(bool active)
{
    if (active && !m_read)
        readStores({});
}

void RemoteModel::readStores(const QString &choose)
{
    m_read = true;
    using Stores = std::vector<live::SavedStore>;
    m_listJob.start<Stores>(
        this, {},
        [workspace = m_session->workspacePtr()](const Progress &) { return live::savedStores(*workspace); },
        [this, choose](Result<Stores> stores) {
            if (stores)
                m_stores = std::move(*stores);
            else
                m_error = textOf(stores.error());
            int chosen = m_stores.empty() ? -1 : 0;
            for (std::size_t i = 0; i < m_stores.size(); ++i) {
                if (fromUtf8(m_stores[i].mapping.name) == choose)
                    chosen = int(i);
            }
            m_current = -1;
            chooseStore(chosen);
            Q_EMIT storesChanged();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void RemoteModel::chooseStore(int index)
{
    if (index == m_current || index >= int(m_stores.size()))
        return;
    m_current = index;
    m_store.reset();
    m_keys.clear();
    reset();
    Q_EMIT changed();
}

void RemoteModel::reset()
{
    m_job.cancel();
    m_answer = {};
    m_error.clear();
    fill();
}

QString RemoteModel::define(const QString &conninfo, const QString &password, const QString &mappingToml)
{
    const auto target = targetOf(conninfo, password);
    if (!target)
        return textOf(target.error());
    const auto mapping = live::parseRemoteMapping(mappingToml.toStdString(), "mapping");
    if (!mapping)
        return textOf(mapping.error());
    const QString safe = QString::fromStdString(target->conninfo);
    // The field is empty when a mapping is changed: the password that was typed before stays.
    if (!target->password.empty())
        m_passwords.insert(safe, QString::fromStdString(target->password));
    const QString name = fromUtf8(mapping->name);
    m_listJob.start<bool>(
        this, tr("Remembering %1").arg(name),
        [workspace = m_session->workspacePtr(), conninfo = target->conninfo, mapping = *mapping](
            const Progress &) -> Result<bool> {
            TS_TRY(live::saveStore(*workspace, conninfo, mapping));
            return true;
        },
        [this, name](Result<bool> done) {
            if (!done)
                m_error = textOf(done.error());
            readStores(name);
        });
    Q_EMIT busyChanged();
    return {};
}

void RemoteModel::forget(int index)
{
    if (index < 0 || index >= int(m_stores.size()))
        return;
    m_listJob.start<bool>(
        this, {},
        [workspace = m_session->workspacePtr(), name = m_stores[std::size_t(index)].mapping.name](
            const Progress &) -> Result<bool> {
            TS_TRY(live::forgetStore(*workspace, name));
            return true;
        },
        [this](Result<bool> done) {
            if (!done)
                m_error = textOf(done.error());
            readStores({});
        });
    Q_EMIT busyChanged();
}

void RemoteModel::listTables(const QString &conninfo, const QString &password)
{
    const auto target = targetOf(conninfo, password);
    if (!target) {
        Q_EMIT tablesListed({}, textOf(target.error()));
        return;
    }
    using Tables = std::vector<live::RemoteTableName>;
    m_listJob.start<Tables>(
        this, tr("Listing tables"),
        [target = *target](const Progress &progress) { return RemoteStore::tables(target, progress); },
        [this](Result<Tables> tables) {
            QStringList names;
            for (const live::RemoteTableName &table : tables.value_or(Tables()))
                names << fromUtf8(table.schema) + QLatin1Char('.') + fromUtf8(table.table);
            Q_EMIT tablesListed(names, tables ? QString() : textOf(tables.error()));
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void RemoteModel::guessMapping(const QString &conninfo, const QString &password, const QString &schema,
    const QString &table)
{
    const auto target = targetOf(conninfo, password);
    if (!target) {
        Q_EMIT mappingFound({}, textOf(target.error()));
        return;
    }
    m_listJob.start<live::RemoteMapping>(
        this, tr("Reading columns"),
        [target = *target, schema = schema.toStdString(), table = table.toStdString()](
            const Progress &progress) { return RemoteStore::guess(target, schema, table, progress); },
        [this](Result<live::RemoteMapping> mapping) {
            Q_EMIT mappingFound(mapping ? QString::fromStdString(live::toToml(*mapping)) : QString(),
                mapping ? QString() : textOf(mapping.error()));
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void RemoteModel::readMappingFile(const QString &path)
{
    QFile file(path);
    constexpr qint64 kMost = 1 << 18; // a bounded read
    if (!file.open(QIODevice::ReadOnly)) {
        Q_EMIT mappingFound({}, tr("%1: %2").arg(path, file.errorString()));
        return;
    }
    const std::string text = file.read(kMost + 1).toStdString();
    const auto mapping = live::parseRemoteMapping(text, path.toStdString());
    Q_EMIT mappingFound(mapping ? QString::fromStdString(text) : QString(),
        mapping ? QString() : textOf(mapping.error()));
}

QString RemoteModel::setRange(const QString &text)
{
    return parseRemoteRange(text, m_range, m_all)
        ? QString()
        : tr("The range is BEGIN..END (UTC times or nanoseconds), all, or empty for the last hour.");
}

QString RemoteModel::setFilter(const QString &text)
{
    auto parsed = analysis::parseFilter(text.toStdString());
    if (!parsed)
        return textOf(parsed.error());
    m_filter = std::move(*parsed);
    return {};
}

void RemoteModel::cancel()
{
    m_held = true;
    m_job.cancel();
    m_listJob.cancel();
    if (m_fetchId != 0)
        m_session->jobs()->cancel(m_fetchId);
    m_phase.clear();
    Q_EMIT busyChanged();
}

QString RemoteModel::sql() const
{
    QString out = QStringLiteral("SELECT id, name, target, mapping FROM remote_store ORDER BY name;\n");
    for (const live::QueryRun &run : m_runs) {
        out += QStringLiteral("\n-- asked of the server: %1\n").arg(fromUtf8(run.what));
        for (const QString &line : fromUtf8(run.sql).split(QLatin1Char('\n')))
            out += QStringLiteral("-- ") + line + QLatin1Char('\n');
    }
    return out;
}

void RemoteModel::addRuns(const std::vector<live::QueryRun> &runs)
{
    m_runs.insert(m_runs.end(), runs.begin(), runs.end());
    if (m_runs.size() > kMaxShownRuns)
        m_runs.erase(m_runs.begin(), m_runs.end() - std::ptrdiff_t(kMaxShownRuns));
    QVector<TableRow> rows;
    for (std::size_t i = m_runs.size(); i-- > 0;) {
        const live::QueryRun &run = m_runs[i];
        TableCell what, ms, count, sql;
        what.text = fromUtf8(run.what);
        ms.text = fromUtf8(humanMillis(run.ms));
        ms.value = run.ms;
        count.text = fromUtf8(groupedCount(std::int64_t(run.rows)));
        count.value = qint64(run.rows);
        count.toolTip = fromUtf8(humanBytes(run.bytes));
        sql.text = fromUtf8(run.sql).simplified().left(500);
        sql.value = sql.toolTip = fromUtf8(run.sql);
        rows << TableRow{qint64(i), {what, ms, count, sql}};
    }
    m_queries->setRows(std::move(rows));
}

} // namespace tailscope::items
