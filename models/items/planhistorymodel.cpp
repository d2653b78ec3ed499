// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/planhistorymodel.h"

#include "analysis/quantiles.h"
#include "base/text.h"

#include <QHash>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::items {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

/// A, B, ... Z, AA, AB, ...
QString letters(int number)
{
    QString text;
    for (++number; number > 0; number = (number - 1) / 26)
        text.prepend(QChar(u'A' + (number - 1) % 26));
    return text;
}

double nearest(const std::vector<double> &sorted, analysis::Quantile q)
{
    return sorted.empty() ? kUnknown
                          : sorted[std::size_t(analysis::nearestRank(std::int64_t(sorted.size()), q) - 1)];
}

/// Reads what the stored analysis found of one statement.
class HistoryReader
{
public:
    HistoryReader(store::Database &reader, const QList<PlanEntry> &entries, qint64 statement)
        : m_reader(reader)
        , m_plans(plansOfStatement(entries, statement))
        , m_statement(statement)
    {}

    Result<std::shared_ptr<const PlanHistory>> run()
    {
        TS_TRY(readShapes());
        m_history->isTimed = !m_plans.isEmpty()
            && std::all_of(m_plans.begin(), m_plans.end(),
                [](const PlanEntry &plan) { return plan.capturedAtNs; });
        for (const PlanEntry &plan : std::as_const(m_plans))
            takeCapture(plan);
        finishShapes();
        TS_TRY(readRoots());
        TS_TRY(readChanges());
        return std::shared_ptr<const PlanHistory>(m_history);
    }

private:
    Result<void> readShapes()
    {
        Result<store::Statement> query
            = m_reader.prepare("SELECT plan_id, shape FROM plan_shape WHERE statement_id = ?1");
        if (!query)
            return fail(std::move(query.error()));
        query->bind(0, std::int64_t(m_statement));
        while (true) {
            const Result<bool> row = query->step();
            if (!row)
                return fail(row.error());
            if (!*row)
                return {};
            m_hashes.insert(query->integer(0), fromUtf8(query->text(1)));
        }
    }

    void takeCapture(const PlanEntry &plan)
    {
        const QString hash = m_hashes.value(plan.id);
        int index = -1;
        if (!hash.isEmpty()) {
            const auto known = m_indexes.constFind(hash);
            index = known != m_indexes.constEnd() ? *known : int(m_history->shapes.size());
            if (known == m_indexes.constEnd()) {
                PlanHistory::Shape shape;
                shape.letter = letters(index);
                shape.hash = hash;
                shape.firstSeen = plan.capturedAtNs;
                shape.firstPlan = plan.id;
                m_history->shapes.push_back(shape);
                m_times.emplace_back();
                m_indexes.insert(hash, index);
            }
            PlanHistory::Shape &shape = m_history->shapes[std::size_t(index)];
            ++shape.captures;
            shape.lastSeen = plan.capturedAtNs;
            shape.lastPlan = plan.id;
            shape.savedGood = shape.savedGood || plan.savedGood;
            if (!std::isnan(plan.timeMs))
                m_times[std::size_t(index)].push_back(plan.timeMs);
        }
        m_history->captures.push_back({plan, index});
    }

    void finishShapes()
    {
        for (std::size_t i = 0; i < m_times.size(); ++i) {
            std::vector<double> &times = m_times[i];
            std::sort(times.begin(), times.end());
            PlanHistory::Shape &shape = m_history->shapes[i];
            shape.executed = int(times.size());
            shape.medianMs = nearest(times, analysis::kP50);
            shape.p99Ms = nearest(times, analysis::kP99);
            shape.isP99Weak = std::int64_t(times.size()) < analysis::minimumSamples(analysis::kP99);
        }
    }

    /// The first scan of a shape says most about it; without one its root.
    Result<void> readRoots()
    {
        Result<store::Statement> query = m_reader.prepare(
            "SELECT node_type || coalesce(' using ' || index_name, '') || coalesce(' on ' || relation, '')"
            " FROM plan_node WHERE plan_id = ?1 ORDER BY relation IS NULL, self_ms DESC, node LIMIT 1");
        if (!query)
            return fail(std::move(query.error()));
        for (PlanHistory::Shape &shape : m_history->shapes) {
            query->reset();
            query->bind(0, std::int64_t(shape.firstPlan));
            const Result<bool> row = query->step();
            if (!row)
                return fail(row.error());
            if (*row)
                shape.root = fromUtf8(query->text(0));
        }
        return {};
    }

    Result<void> readChanges()
    {
        Result<store::Statement> query = m_reader.prepare(
            "SELECT other_plan_id, factor, summary FROM plan_change WHERE statement_id = ?1");
        if (!query)
            return fail(std::move(query.error()));
        query->bind(0, std::int64_t(m_statement));
        QHash<qint64, int> captures;
        for (std::size_t i = 0; i < m_history->captures.size(); ++i)
            captures.insert(m_history->captures[i].plan.id, int(i));
        while (true) {
            const Result<bool> row = query->step();
            if (!row)
                return fail(row.error());
            if (!*row)
                break;
            const auto capture = captures.constFind(query->integer(0));
            if (capture != captures.constEnd())
                m_history->changes.push_back({*capture, query->real(1), fromUtf8(query->text(2))});
        }
        std::sort(m_history->changes.begin(), m_history->changes.end(),
            [](const auto &x, const auto &y) { return x.capture < y.capture; });
        return {};
    }

    store::Database &m_reader;
    QList<PlanEntry> m_plans;
    qint64 m_statement;
    QHash<qint64, QString> m_hashes;
    QHash<QString, int> m_indexes;
    std::vector<std::vector<double>> m_times; ///< by shape
    std::shared_ptr<PlanHistory> m_history = std::make_shared<PlanHistory>();
};

} // namespace

QList<PlanStatement> planStatements(const QList<PlanEntry> &entries)
{
    QList<PlanStatement> statements;
    QHash<qint64, qsizetype> known;
    for (const PlanEntry &entry : entries) {
        if (entry.statementId <= 0)
            continue;
        const auto found = known.constFind(entry.statementId);
        if (found == known.constEnd()) {
            known.insert(entry.statementId, statements.size());
            statements.append({entry.statementId, entry.statement, 0, 0});
        }
        PlanStatement &statement = statements[known.value(entry.statementId)];
        ++statement.plans;
        statement.totalMs += std::isnan(entry.timeMs) ? 0 : entry.timeMs;
    }
    std::stable_sort(statements.begin(), statements.end(),
        [](const PlanStatement &x, const PlanStatement &y) { return x.totalMs > y.totalMs; });
    return statements;
}

PlanHistoryModel::PlanHistoryModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_listJob(session->jobs())
    , m_historyJob(session->jobs())
    , m_lookupJob(session->jobs())
{
    connect(session, &session::Session::loaded, this, &PlanHistoryModel::reload);
    connect(session->context(), &session::SessionContext::selectionChanged, this,
        &PlanHistoryModel::followSelection);
    reload();
}

void PlanHistoryModel::reload()
{
    const auto workspace = m_session->workspacePtr();
    m_listJob.start<QList<PlanEntry>>(
        this, {}, [workspace](const Progress &) { return readPlanEntries(*workspace); },
        [this](Result<QList<PlanEntry>> entries) {
            m_error = entries ? QString() : QString::fromStdString(entries.error().toText());
            m_entries = entries ? std::move(*entries) : QList<PlanEntry>();
            m_statements = planStatements(m_entries);
            const bool isThere = std::any_of(m_statements.begin(), m_statements.end(),
                [this](const PlanStatement &statement) { return statement.id == m_statement; });
            if (!isThere)
                m_statement = m_statements.isEmpty() ? 0 : m_statements.first().id;
            load();
            followSelection();
        });
}

void PlanHistoryModel::followSelection()
{
    using Kind = session::Selection::Kind;
    const session::Selection selection = m_session->context()->selection();
    if (selection.kind == Kind::Plan) {
        m_lookupJob.cancel();
        select(selection.id);
    } else if (selection.kind == Kind::PlanNode) {
        const auto workspace = m_session->workspacePtr();
        m_lookupJob.start<qint64>(
            this, {},
            [workspace, node = selection.id](const Progress &) { return planOfNode(*workspace, node); },
            [this](Result<qint64> plan) {
                if (plan && *plan > 0)
                    select(*plan);
                else
                    Q_EMIT selectedPlanChanged();
            });
    }
}

void PlanHistoryModel::select(qint64 planId)
{
    m_selectedPlan = planId;
    for (const PlanEntry &entry : std::as_const(m_entries)) {
        if (entry.id == planId && entry.statementId > 0 && entry.statementId != m_statement) {
            setStatement(entry.statementId);
            return;
        }
    }
    Q_EMIT selectedPlanChanged();
}

void PlanHistoryModel::setStatement(qint64 id)
{
    if (id == m_statement)
        return;
    m_statement = id;
    load();
}

void PlanHistoryModel::load()
{
    const auto workspace = m_session->workspacePtr();
    using History = std::shared_ptr<const PlanHistory>;
    m_historyJob.start<History>(
        this, {},
        [workspace, entries = m_entries, statement = m_statement](const Progress &) -> Result<History> {
            if (statement <= 0)
                return std::make_shared<const PlanHistory>();
            Result<store::Database> reader = workspace->connectReader();
            if (!reader)
                return fail(std::move(reader.error()));
            return HistoryReader(*reader, entries, statement).run();
        },
        [this](Result<History> history) {
            if (!history)
                m_error = QString::fromStdString(history.error().toText());
            m_history = history ? *history : std::make_shared<const PlanHistory>();
            Q_EMIT changed();
        });
    Q_EMIT changed();
}

QString PlanHistoryModel::summary() const
{
    if (m_history->captures.empty())
        return {};
    const auto count = [](std::size_t n, const char *one, const char *many) {
        return n == 1
            ? QStringLiteral("1 ") + QLatin1String(one)
            : QString::fromStdString(groupedCount(std::int64_t(n))) + QLatin1Char(' ') + QLatin1String(many);
    };
    QStringList parts{count(m_history->captures.size(), "captured plan", "captured plans"),
        count(m_history->shapes.size(), "shape", "shapes"),
        count(m_history->changes.size(), "change", "changes")};
    const PlanHistory::Change *worst = nullptr;
    for (const PlanHistory::Change &change : m_history->changes) {
        if (!std::isnan(change.factor) && (!worst || change.factor > worst->factor))
            worst = &change;
    }
    if (worst && worst->factor > 1)
        parts << QStringLiteral("worst change: %1 times as long: %2")
                     .arg(QString::number(worst->factor, 'g', 3), worst->summary);
    if (!m_history->isTimed)
        parts << QStringLiteral("capture times are unknown: plans stand in the order of their import");
    return parts.join(QStringLiteral(" · "));
}

QString PlanHistoryModel::sql() const
{
    return QStringLiteral("SELECT s.plan_id, s.ts_ns, s.time_ms, s.shape, c.factor, c.summary\n"
                          "FROM plan_shape AS s LEFT JOIN plan_change AS c ON c.other_plan_id = s.plan_id\n"
                          "WHERE s.statement_id = %1 ORDER BY s.ts_ns, s.plan_id")
        .arg(m_statement);
}

} // namespace tailscope::items
