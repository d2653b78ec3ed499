// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/tracediffmodel.h"

#include "items/waterfalltext.h"

#include <algorithm>

namespace tailscope::items {

using analysis::kNoRow;
using analysis::TraceDiffRow;

namespace {

using PairPointer = std::shared_ptr<const TraceDiffModel::Pair>;

Result<PairPointer> compare(const store::Workspace &workspace,
    const std::shared_ptr<const analysis::SpanColumns> &columns, std::uint32_t a, std::uint32_t b,
    const Progress &progress)
{
    auto pair = std::make_shared<TraceDiffModel::Pair>();
    auto first = WaterfallTrace::load(workspace, columns, nullptr, a, true, progress);
    if (!first)
        return tl::unexpected(first.error());
    auto second = WaterfallTrace::load(workspace, columns, (*first)->classes, b, true, progress);
    if (!second)
        return tl::unexpected(second.error());
    pair->a = *first;
    pair->b = *second;
    pair->diff
        = analysis::diffTraces(*columns, {pair->a->spans, pair->a->path}, {pair->b->spans, pair->b->path});
    return PairPointer(pair);
}

} // namespace

TraceDiffModel *TraceDiffModel::of(session::Session *session)
{
    auto *model = session->findChild<TraceDiffModel *>(QString(), Qt::FindDirectChildrenOnly);
    return model ? model : new TraceDiffModel(session);
}

TraceDiffModel::TraceDiffModel(session::Session *session)
    : QAbstractTableModel(session)
    , m_session(session)
    , m_list(TraceListModel::of(session))
    , m_job(session->jobs())
    , m_keyJob(session->jobs())
{
    connect(session->context(), &session::SessionContext::dataChanged, this, &TraceDiffModel::load);
    connect(m_list, &TraceListModel::listChanged, this, [this] {
        if (!m_baseline || !m_other)
            load();
    });
    connect(m_list, &TraceListModel::busyChanged, this, &TraceDiffModel::busyChanged);
}

void TraceDiffModel::setActive(const QObject *user, bool active)
{
    if (active && !m_users.contains(user)) {
        m_users.insert(user);
        connect(user, &QObject::destroyed, this, [this, user] { m_users.remove(user); });
    } else if (!active && m_users.remove(user)) {
        disconnect(user, &QObject::destroyed, this, nullptr);
    }
    m_list->setActive(this, !m_users.isEmpty());
    load();
}

bool TraceDiffModel::isBusy() const
{
    return m_job.isRunning() || m_keyJob.isRunning() || (!m_users.isEmpty() && m_list->isListing());
}

void TraceDiffModel::setBaseline(qint64 traceId)
{
    m_baseline = traceId;
    if (m_other == m_baseline)
        m_other.reset();
    load();
}

void TraceDiffModel::setOther(qint64 traceId)
{
    m_other = traceId;
    load();
}

void TraceDiffModel::swap()
{
    const auto [a, b] = wanted();
    m_baseline = b;
    m_other = a;
    load();
}

void TraceDiffModel::setKeys(const QString &a, const QString &b)
{
    using Ids = std::pair<std::optional<std::int64_t>, std::optional<std::int64_t>>;
    const auto workspace = m_session->workspacePtr();
    m_keyJob.start<Ids>(
        this, {},
        [workspace, a, b](const Progress &) -> Result<Ids> {
            auto first = traceIdOfKey(*workspace, a);
            if (!first)
                return tl::unexpected(first.error());
            auto second = traceIdOfKey(*workspace, b);
            if (!second)
                return tl::unexpected(second.error());
            return Ids{*first, *second};
        },
        [this](Result<Ids> ids) {
            if (ids && ids->first && ids->second) {
                m_baseline = *ids->first;
                m_other = *ids->second;
                load();
            }
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

// What is not chosen: the median and the slowest of the list by duration.
std::pair<std::optional<qint64>, std::optional<qint64>> TraceDiffModel::wanted() const
{
    std::optional<qint64> a = m_baseline, b = m_other;
    const auto table = m_list->table();
    const auto pick = [&](std::optional<qint64> &side, const std::vector<std::uint32_t> &entries,
                          const std::optional<qint64> &other) {
        for (const std::uint32_t entry : entries) {
            if (!side && (!other || table->id(entry) != *other))
                side = table->id(entry);
        }
    };
    if (table) {
        pick(b, m_list->listing()->slowest, a);
        pick(a, m_list->listing()->middle, b);
    }
    return {a, b};
}

void TraceDiffModel::load()
{
    if (m_users.isEmpty())
        return;
    const auto columns = m_session->context()->columns();
    const auto [a, b] = wanted();
    const std::uint32_t first = columns && a ? analysis::traceIndexOf(*columns, *a) : kNoRow;
    const std::uint32_t second = columns && b ? analysis::traceIndexOf(*columns, *b) : kNoRow;
    if (first == kNoRow || second == kNoRow) {
        m_job.cancel();
        if (m_pair && !m_list->isListing()) {
            beginResetModel();
            m_pair.reset();
            m_order.clear();
            endResetModel();
            Q_EMIT pairChanged();
        }
        Q_EMIT busyChanged();
        return;
    }
    if (m_pair && m_pair->a->columns == columns && m_pair->a->id == *a && m_pair->b->id == *b) {
        m_job.cancel();
        Q_EMIT busyChanged();
        return;
    }
    const auto workspace = m_session->workspacePtr();
    m_job.start<PairPointer>(
        this, {},
        [workspace, columns, first, second](
            const Progress &progress) { return compare(*workspace, columns, first, second, progress); },
        [this](Result<PairPointer> pair) {
            m_error = pair ? QString() : QString::fromStdString(pair.error().toText());
            beginResetModel();
            m_pair = pair ? *pair : nullptr;
            applyOrder();
            endResetModel();
            Q_EMIT pairChanged();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

Nanos TraceDiffModel::nanos(std::uint32_t diffRow, int column) const
{
    const TraceDiffRow &row = m_pair->diff.rows[diffRow];
    switch (column) {
    case TotalA:
        return row.totalA;
    case TotalB:
        return row.totalB;
    case TotalDelta:
        return row.totalDelta();
    case SelfA:
        return row.selfA;
    case SelfB:
        return row.selfB;
    case SelfDelta:
        return row.selfDelta();
    default:
        return saturatingSub(row.criticalB, row.criticalA);
    }
}

// Deltas by their size: what changed most comes first, whichever way.
void TraceDiffModel::applyOrder()
{
    m_order.clear();
    if (!m_pair)
        return;
    for (std::uint32_t i = 0; i < m_pair->diff.rows.size(); ++i)
        m_order.push_back(i);
    const int column = m_sortColumn;
    const bool isDelta = column == TotalDelta || column == SelfDelta || column == CriticalDelta;
    const auto value = [&](std::uint32_t i) {
        const Nanos ns = nanos(i, column);
        return ns == kUnknownNanos ? Nanos(-1) : isDelta && ns < 0 ? -ns : ns;
    };
    std::stable_sort(m_order.begin(), m_order.end(), [&](std::uint32_t x, std::uint32_t y) {
        if (m_sortOrder == Qt::DescendingOrder)
            std::swap(x, y);
        switch (column) {
        case Operation:
            return nameOf(x) < nameOf(y);
        case Service:
            return serviceOf(x) < serviceOf(y);
        case In: {
            const auto kind = [&](std::uint32_t i) {
                const TraceDiffRow &row = m_pair->diff.rows[i];
                return row.isBoth() ? 0 : row.a != kNoRow ? 1 : 2;
            };
            return kind(x) < kind(y);
        }
        default:
            return value(x) < value(y);
        }
    });
}

void TraceDiffModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= ColumnCount)
        return;
    beginResetModel();
    m_sortColumn = column;
    m_sortOrder = order;
    applyOrder();
    endResetModel();
}

std::optional<int> TraceDiffModel::rowOfDiff(std::uint32_t diffRow) const
{
    const auto found = std::find(m_order.begin(), m_order.end(), diffRow);
    return found == m_order.end() ? std::nullopt : std::optional(int(found - m_order.begin()));
}

QString TraceDiffModel::nameOf(std::uint32_t diffRow) const
{
    const TraceDiffRow &row = m_pair->diff.rows[diffRow];
    const WaterfallTrace &trace = row.b != kNoRow ? *m_pair->b : *m_pair->a;
    return QString::fromStdString(trace.operation(row.b != kNoRow ? row.b : row.a));
}

QString TraceDiffModel::serviceOf(std::uint32_t diffRow) const
{
    const TraceDiffRow &row = m_pair->diff.rows[diffRow];
    const WaterfallTrace &trace = row.b != kNoRow ? *m_pair->b : *m_pair->a;
    return QString::fromStdString(trace.serviceName(row.b != kNoRow ? row.b : row.a));
}

qint64 TraceDiffModel::spanIdOf(std::uint32_t diffRow) const
{
    const TraceDiffRow &row = m_pair->diff.rows[diffRow];
    return row.b != kNoRow ? m_pair->b->spanId(row.b) : m_pair->a->spanId(row.a);
}

QString TraceDiffModel::sql() const
{
    if (!m_pair)
        return m_list->sql();
    // The n-th of a path needs recursion; by operation is what a query shows best.
    return QStringLiteral(
        "SELECT service, operation,\n"
        "  count(*) FILTER (WHERE trace_id = %1) AS a_n, count(*) FILTER (WHERE trace_id = %2) AS b_n,\n"
        "  sum(duration_ns) FILTER (WHERE trace_id = %1) AS a_ns,\n"
        "  sum(duration_ns) FILTER (WHERE trace_id = %2) AS b_ns,\n"
        "  sum(iif(trace_id = %2, self_ns, -self_ns)) AS self_delta_ns\n"
        "FROM span WHERE trace_id IN (%1, %2)\n"
        "GROUP BY service, operation ORDER BY abs(self_delta_ns) DESC LIMIT 1000;")
        .arg(m_pair->a->id)
        .arg(m_pair->b->id);
}

} // namespace tailscope::items
