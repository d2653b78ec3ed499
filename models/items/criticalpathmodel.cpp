// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/criticalpathmodel.h"

#include "analysis/rowscan.h"
#include "analysis/spanfilter.h"
#include "base/text.h"

#include <algorithm>
#include <numeric>

namespace tailscope::items {

using analysis::CriticalOperation;
using analysis::SpanColumns;
using analysis::SpanSelection;
using analysis::TimeClass;
using analysis::WhatIfEdit;

/// Rows by trace and classes of spans, built once for loaded columns.
struct CriticalPathModel::Base
{
    explicit Base(std::shared_ptr<const SpanColumns> spanColumns)
        : columns(std::move(spanColumns))
        , classes(*columns)
    {}
    std::shared_ptr<const SpanColumns> columns;
    std::shared_ptr<const analysis::TraceRows> rows;
    analysis::SpanClasses classes;
};

namespace {

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString count(std::int64_t n) { return fromUtf8(groupedCount(n)); }

QString percent(double share)
{
    return QStringLiteral("%1 %").arg(QString::number(share * 100, 'f', share >= 0.0995 ? 1 : 2));
}

/// Traces with a span in the selection, ascending.
std::vector<std::uint32_t> tracesOf(const SpanColumns &columns, const analysis::TraceRows &rows,
    const SpanSelection &selection, const CancelToken &cancel)
{
    std::vector<bool> chosen(rows.traces(), false);
    const analysis::RowScan scan(columns, selection);
    for (int part = 0; part < scan.parts(); ++part) {
        scan.forEachBlock(part, cancel, [&](const std::uint32_t *block, std::size_t n) {
            for (std::size_t i = 0; i < n; ++i) {
                if (const std::uint32_t trace = columns.trace[block[i]]; trace < chosen.size())
                    chosen[trace] = true;
            }
        });
    }
    std::vector<std::uint32_t> traces;
    for (std::uint32_t trace = 0; trace < chosen.size(); ++trace) {
        if (chosen[trace])
            traces.push_back(trace);
    }
    return traces;
}

} // namespace

CriticalPathModel::CriticalPathModel(session::Session *session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_whatIfJob(session->jobs())
{
    const session::SessionContext *context = session->context();
    connect(context, &session::SessionContext::dataChanged, this, &CriticalPathModel::invalidate);
    connect(context, &session::SessionContext::rangeChanged, this, &CriticalPathModel::invalidate);
    connect(context, &session::SessionContext::filterChanged, this, &CriticalPathModel::invalidate);
    connect(context, &session::SessionContext::filterErrorChanged, this, &CriticalPathModel::refresh);
}

bool CriticalPathModel::hasSpans() const
{
    const auto columns = m_session->context()->columns();
    return columns && columns->size() > 0;
}

bool CriticalPathModel::isBusy() const
{
    return (m_stale && hasSpans()) || m_job.isRunning() || m_whatIfJob.isRunning();
}

bool CriticalPathModel::isWeighted() const { return m_base && !m_base->columns->traceWeight.empty(); }

void CriticalPathModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void CriticalPathModel::invalidate()
{
    m_stale = true;
    refresh();
}

void CriticalPathModel::refresh()
{
    // Spans without their filter would be shown for a moment: filterChanged() follows.
    if (!m_active || !m_stale || m_session->context()->isFilterPending())
        return;
    m_stale = false;
    m_whatIfJob.cancel();
    if (!hasSpans()) {
        m_job.cancel();
        m_base.reset();
        m_traces.reset();
        m_whatIf.reset();
        adopt(nullptr);
        Q_EMIT whatIfChanged();
        Q_EMIT busyChanged();
        return;
    }
    struct Answer
    {
        std::shared_ptr<const Base> base;
        std::shared_ptr<const std::vector<std::uint32_t>> traces;
        Set set;
    };
    const auto columns = m_session->context()->columns();
    const SpanSelection selection = m_session->context()->spanSelection();
    const auto known = m_base && m_base->columns == columns ? m_base : nullptr;
    m_job.start<Answer>(
        this, {},
        [columns, selection, known](const Progress &progress) -> Result<Answer> {
            Answer answer{known, nullptr, nullptr};
            if (!answer.base) {
                auto base = std::make_shared<Base>(columns);
                base->rows = analysis::TraceRows::build(*columns, progress.cancel);
                if (!base->rows)
                    return fail(ErrorCode::Cancelled, "critical path", "cancelled");
                answer.base = std::move(base);
            }
            const Base &base = *answer.base;
            answer.traces = std::make_shared<const std::vector<std::uint32_t>>(
                tracesOf(*columns, *base.rows, selection, progress.cancel));
            answer.set
                = analysis::criticalSet(*columns, *base.rows, base.classes, *answer.traces, progress.cancel);
            if (!answer.set || progress.isCancelled())
                return fail(ErrorCode::Cancelled, "critical path", "cancelled");
            return answer;
        },
        [this](Result<Answer> answer) {
            if (answer) {
                m_base = std::move(answer->base);
                m_traces = std::move(answer->traces);
                adopt(std::move(answer->set));
                runWhatIf();
            }
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void CriticalPathModel::adopt(Set set)
{
    beginResetModel();
    m_set = std::move(set);
    applyOrder();
    endResetModel();
    Q_EMIT changed();
}

void CriticalPathModel::setEdits(const Edits &edits)
{
    m_edits = edits;
    runWhatIf();
}

void CriticalPathModel::runWhatIf()
{
    m_whatIfJob.cancel();
    if (m_edits.empty() || !m_base || !m_traces) {
        m_whatIf.reset();
        Q_EMIT whatIfChanged();
        return;
    }
    m_whatIfJob.start<WhatIf>(
        this, {},
        [base = m_base, traces = m_traces, edits = m_edits](const Progress &progress) -> Result<WhatIf> {
            auto result = analysis::whatIf(*base->columns, *base->rows, *traces, edits, progress.cancel);
            if (!result)
                return fail(ErrorCode::Cancelled, "what if", "cancelled");
            return result;
        },
        [this](Result<WhatIf> result) {
            if (result)
                m_whatIf = std::move(*result);
            Q_EMIT whatIfChanged();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

const CriticalOperation &CriticalPathModel::operation(int row) const
{
    return m_set->operations[std::size_t(m_order[std::size_t(row)])];
}

qint64 CriticalPathModel::exampleTrace(int row) const
{
    const std::uint32_t trace = operation(row).example;
    return m_base && trace < m_base->columns->traceIds.size() ? m_base->columns->traceIds[trace] : 0;
}

QString CriticalPathModel::filterTerms(int row) const
{
    using analysis::FilterTerm;
    analysis::Filter filter;
    FilterTerm term;
    term.op = FilterTerm::Op::Equal;
    term.field = FilterTerm::Field::Operation;
    term.text = operation(row).operation;
    filter.terms.push_back(term);
    if (!operation(row).service.empty()) {
        term.field = FilterTerm::Field::Service;
        term.text = operation(row).service;
        filter.terms.push_back(term);
    }
    return fromUtf8(filter.toText());
}

int CriticalPathModel::rowOf(const QString &name, const QString &service, bool isGap) const
{
    for (int row = 0; row < rowCount(); ++row) {
        const CriticalOperation &at = operation(row);
        if (at.isGap == isGap && fromUtf8(at.operation) == name && fromUtf8(at.service) == service)
            return row;
    }
    return -1;
}

QString CriticalPathModel::sql() const
{
    QString all
        = QStringLiteral("SELECT operation, service, is_gap, class, n, total_ns, share, p50_ns, p99_ns, "
                         "example_trace_id\nFROM critical_operation ORDER BY total_ns DESC;");
    const QString condition = m_session->context()->whereSql();
    if (condition == QLatin1String("1"))
        return all;
    return QStringLiteral("-- Stored are the paths of a sample of traces; the view walks all of them.\n"
                          "SELECT s.operation, s.service, c.kind, c.class, count(DISTINCT c.trace_id) AS n,\n"
                          "       sum(c.duration_ns) AS total_ns\n"
                          "FROM critical_segment AS c JOIN span AS s ON s.id = c.span_id\n"
                          "WHERE c.trace_id IN (SELECT trace_id FROM span WHERE %1)\n"
                          "GROUP BY 1, 2, 3, 4 ORDER BY total_ns DESC;")
        .arg(condition);
}

QString CriticalPathModel::editText(const WhatIfEdit &edit)
{
    QString what;
    const double percentOff = (1 - edit.factor) * 100;
    const QString change = percentOff >= 0 ? tr("%1 % faster").arg(percentOff, 0, 'g', 3)
                                           : tr("%1 % slower").arg(-percentOff, 0, 'g', 3);
    switch (edit.kind) {
    case WhatIfEdit::Kind::Scale:
        what = change;
        break;
    case WhatIfEdit::Kind::ScaleGaps:
        what = tr("gaps %1").arg(change);
        break;
    case WhatIfEdit::Kind::Cap:
        what = tr("at most %1").arg(fromUtf8(humanDuration(edit.cap)));
        break;
    case WhatIfEdit::Kind::Remove:
        what = tr("removed");
        break;
    case WhatIfEdit::Kind::Async:
        what = tr("nobody waits for it");
        break;
    case WhatIfEdit::Kind::Parallel:
        what = tr("in parallel with its siblings (assumes that they do not need each other)");
        break;
    }
    const QString operation = fromUtf8(edit.operation);
    return edit.service && !edit.service->empty()
        ? QStringLiteral("%1 (%2): %3").arg(operation, fromUtf8(*edit.service), what)
        : QStringLiteral("%1: %2").arg(operation, what);
}

int CriticalPathModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_order.size());
}

int CriticalPathModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QString CriticalPathModel::text(const CriticalOperation &row, int column) const
{
    switch (column) {
    case Operation:
        return row.operation.empty() ? tr("(no name)") : fromUtf8(row.operation);
    case Service:
        return row.service.empty() ? tr("(no service)") : fromUtf8(row.service);
    case Place:
        return row.isGap ? tr("gap") : tr("work");
    case Class:
        return fromUtf8(analysis::name(row.timeClass));
    case Traces:
        return count(row.traces);
    case Total:
        return fromUtf8(humanDuration(row.total));
    case Share:
        return percent(row.share);
    case P50:
        return fromUtf8(humanDuration(row.p50));
    case P99:
        return fromUtf8(humanDuration(row.p99));
    default:
        return {};
    }
}

QString CriticalPathModel::toolTip(const CriticalOperation &row, int column) const
{
    switch (column) {
    case Operation:
    case Service:
        return text(row, column);
    case Place:
        return row.isGap ? tr("time of this span in which none of the calls it waits for ran: code without "
                              "a span, or a wait")
                         : tr("the operation's own time");
    case Traces:
        return tr("on the critical path of %1 of %2 traces").arg(count(row.traces), count(m_set->traces));
    case Total:
    case Share:
        return tr("%1 of %2 on all critical paths")
            .arg(fromUtf8(exactDuration(row.total)), fromUtf8(humanDuration(m_set->total)));
    case P50:
    case P99: {
        const auto q = column == P50 ? analysis::kP50 : analysis::kP99;
        QString tip = tr("%1 per trace it is on (nearest rank, n = %2)")
                          .arg(fromUtf8(exactDuration(column == P50 ? row.p50 : row.p99)), count(row.traces));
        if (row.traces < analysis::minimumSamples(q))
            tip += QLatin1Char('\n') + tr("too few samples: needs %1").arg(analysis::minimumSamples(q));
        return tip;
    }
    default:
        return {};
    }
}

QVariant CriticalPathModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount() || index.column() >= ColumnCount)
        return {};
    const CriticalOperation &row = operation(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case Qt::ToolTipRole:
        return toolTip(row, index.column());
    case Qt::TextAlignmentRole:
        return int((index.column() <= Class ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case BarRole:
        return index.column() == Share ? QVariant(row.share) : QVariant();
    case LevelRole:
        return index.column() == Share && row.share >= 0.4 ? 3
            : index.column() == Share && row.share >= 0.1  ? 2
                                                           : 0;
    default:
        return {};
    }
}

QVariant CriticalPathModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const QStringList titles{tr("Operation"), tr("Service"), tr("Place"), tr("Class"), tr("Traces"),
        tr("Total"), tr("Share"), tr("P50"), tr("P99")};
    static const QStringList tips{tr("What the root of the trace waited for"), tr("Service of the span"),
        tr("work: own time of the operation; gap: time in it that no span accounts for"),
        tr("What the time probably is: processing, network, wait, or unknown"),
        tr("Traces on whose critical path it is"), tr("Its time on the critical paths of all traces"),
        tr("Of the time of all critical paths: what at most can be gained here"),
        tr("Median of its time per trace it is on"), tr("99th percentile of its time per trace it is on")};
    if (role == Qt::DisplayRole)
        return titles.value(section);
    if (role == Qt::ToolTipRole)
        return tips.value(section);
    if (role == Qt::TextAlignmentRole)
        return int((section <= Class ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    return {};
}

bool CriticalPathModel::lessThan(int a, int b) const
{
    const CriticalOperation &x = m_set->operations[std::size_t(a)], &y = m_set->operations[std::size_t(b)];
    switch (m_sortColumn) {
    case Traces:
        return x.traces < y.traces;
    case P50:
        return x.p50 < y.p50;
    case P99:
        return x.p99 < y.p99;
    case Total:
    case Share:
        return x.total < y.total;
    default:
        return text(x, m_sortColumn).localeAwareCompare(text(y, m_sortColumn)) < 0;
    }
}

void CriticalPathModel::applyOrder()
{
    m_order.resize(m_set ? m_set->operations.size() : 0);
    std::iota(m_order.begin(), m_order.end(), 0);
    std::stable_sort(m_order.begin(), m_order.end(),
        [this](int a, int b) { return m_sortOrder == Qt::AscendingOrder ? lessThan(a, b) : lessThan(b, a); });
}

void CriticalPathModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= ColumnCount)
        return;
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    m_sortColumn = column;
    m_sortOrder = order;
    const QModelIndexList before = persistentIndexList();
    const std::vector<int> old = m_order;
    applyOrder();
    QModelIndexList after;
    for (const QModelIndex &index : before) {
        const auto found = std::find(m_order.begin(), m_order.end(), old[std::size_t(index.row())]);
        after << createIndex(int(found - m_order.begin()), index.column());
    }
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

QString CriticalPathModel::toText(const QList<int> &rows) const
{
    QStringList lines{
        QStringLiteral("operation\tservice\tis_gap\tclass\tn\ttotal_ns\tshare\tp50_ns\tp99_ns")};
    for (const int row : rows) {
        const CriticalOperation &at = operation(row);
        QStringList cells{fromUtf8(at.operation), fromUtf8(at.service)};
        for (QString &cell : cells)
            cell.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
        cells << QString::number(at.isGap ? 1 : 0) << fromUtf8(analysis::name(at.timeClass))
              << QString::number(at.traces) << QString::number(at.total) << QString::number(at.share, 'g', 17)
              << QString::number(at.p50) << QString::number(at.p99);
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::items
