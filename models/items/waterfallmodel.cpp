// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/waterfallmodel.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::items {

using analysis::kNoRow;

WaterfallModel::WaterfallModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_list(TraceListModel::of(session))
    , m_job(session->jobs())
    , m_keyJob(session->jobs())
{
    const session::SessionContext *context = session->context();
    connect(context, &session::SessionContext::selectionChanged, this, &WaterfallModel::follow);
    connect(context, &session::SessionContext::dataChanged, this, [this] {
        m_stale = true;
        follow();
    });
    connect(m_list, &TraceListModel::listChanged, this, &WaterfallModel::follow);
    connect(m_list, &TraceListModel::busyChanged, this, &WaterfallModel::busyChanged);
    follow();
}

WaterfallModel::~WaterfallModel() { m_list->setActive(this, false); }

void WaterfallModel::setActive(bool active)
{
    if (m_active == active)
        return;
    m_active = active;
    m_list->setActive(this, active);
    if (active)
        follow();
}

bool WaterfallModel::isBusy() const
{
    return m_job.isRunning() || m_keyJob.isRunning() || (m_active && m_list->isListing());
}

void WaterfallModel::follow()
{
    const session::Selection chosen = m_session->context()->selection();
    const auto columns = m_session->context()->columns();
    std::optional<qint64> id;
    if (chosen.kind == session::Selection::Kind::Trace) {
        id = chosen.id;
    } else if (chosen.kind == session::Selection::Kind::Span && columns) {
        const std::uint32_t row = columns->rowOfId(chosen.id);
        if (row != kNoRow && columns->trace[row] != kNoRow)
            id = columns->traceIds[columns->trace[row]];
    }
    if (id) {
        m_isDefault = false;
        m_wanted = id;
    } else if (m_isDefault) {
        m_wanted = m_list->slowest();
    }
    if (m_active)
        load();
}

void WaterfallModel::showTrace(qint64 traceId)
{
    m_isDefault = false;
    m_wanted = traceId;
    if (m_active)
        load();
}

void WaterfallModel::showKey(const QString &key)
{
    using Id = std::optional<std::int64_t>;
    const auto workspace = m_session->workspacePtr();
    m_keyJob.start<Id>(
        this, {}, [workspace, key](const Progress &) { return traceIdOfKey(*workspace, key); },
        [this](Result<Id> id) {
            if (id && *id)
                showTrace(**id);
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void WaterfallModel::load()
{
    const auto columns = m_session->context()->columns();
    const std::uint32_t index = columns && m_wanted ? analysis::traceIndexOf(*columns, *m_wanted) : kNoRow;
    if (index == kNoRow) {
        m_job.cancel();
        if (m_trace && (!columns || !m_list->isListing())) {
            m_trace.reset();
            m_rows.clear();
            Q_EMIT traceChanged();
            Q_EMIT rowsChanged();
        }
        return;
    }
    const bool isSame = m_trace && m_trace->id == *m_wanted && m_trace->columns == columns
        && m_trace->isCorrected == m_correct;
    if (isSame && !m_stale) {
        if (m_job.isRunning())
            m_job.cancel();
        Q_EMIT busyChanged();
        return;
    }
    m_stale = false;
    const auto workspace = m_session->workspacePtr();
    const auto classes = m_trace && m_trace->columns == columns ? m_trace->classes : nullptr;
    m_job.start<Trace>(
        this, {},
        [workspace, columns, classes, index, correct = m_correct](const Progress &progress) {
            return WaterfallTrace::load(*workspace, columns, classes, index, correct, progress);
        },
        [this](Result<Trace> trace) {
            m_error = trace ? QString() : QString::fromStdString(trace.error().toText());
            // Folding is kept only for the same spans.
            const bool keeps = trace && *trace && m_trace && (*trace)->id == m_trace->id
                && (*trace)->columns == m_trace->columns;
            if (!keeps) {
                m_folding.closed.clear();
                m_folding.openGroups.clear();
            }
            m_trace = trace ? *trace : nullptr;
            rebuildRows();
            findMatches();
            Q_EMIT traceChanged();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void WaterfallModel::rebuildRows()
{
    m_rows = m_trace ? buildWaterfallRows(*m_trace, m_folding) : std::vector<WaterfallRow>();
    Q_EMIT rowsChanged();
}

bool WaterfallModel::step(int by)
{
    const auto row = m_trace ? m_list->rowOfId(m_trace->id) : std::nullopt;
    const int next = row ? *row + by : by > 0 ? 0 : m_list->rowCount() - 1;
    if (next < 0 || next >= m_list->rowCount())
        return false;
    m_session->context()->setSelection({session::Selection::Kind::Trace, m_list->idAt(next), {}});
    return true;
}

QString WaterfallModel::placeText() const
{
    const auto row = m_trace ? m_list->rowOfId(m_trace->id) : std::nullopt;
    if (!row)
        return {};
    return tr("%1 of %2")
        .arg(QString::fromStdString(groupedCount(*row + 1)),
            QString::fromStdString(groupedCount(m_list->rowCount())));
}

void WaterfallModel::setCorrecting(bool correct)
{
    if (m_correct == correct)
        return;
    m_correct = correct;
    if (m_active)
        load();
}

void WaterfallModel::setShowingGaps(bool shows)
{
    m_folding.showsGaps = shows;
    rebuildRows();
}

void WaterfallModel::setFoldingGroups(bool folds)
{
    m_folding.foldsGroups = folds;
    rebuildRows();
}

void WaterfallModel::setFoldingServices(bool folds)
{
    m_folding.foldsServices = folds;
    rebuildRows();
}

void WaterfallModel::setOpen(int row, bool open)
{
    if (row < 0 || row >= int(m_rows.size()))
        return;
    const WaterfallRow line = m_rows[std::size_t(row)];
    if (!line.hasChildren || line.isOpen == open)
        return;
    switch (line.kind) {
    case WaterfallRow::Kind::Span:
        open ? void(m_folding.closed.erase(line.index)) : void(m_folding.closed.insert(line.index));
        break;
    case WaterfallRow::Kind::Group:
        open ? void(m_folding.openGroups.insert(line.index)) : void(m_folding.openGroups.erase(line.index));
        break;
    case WaterfallRow::Kind::AsyncBand:
        m_folding.hidesAsync = !open;
        break;
    case WaterfallRow::Kind::DetachedBand:
        m_folding.hidesDetached = !open;
        break;
    case WaterfallRow::Kind::Gap:
        return;
    }
    rebuildRows();
}

void WaterfallModel::setAllOpen(bool open)
{
    if (!m_trace)
        return;
    m_folding.closed.clear();
    m_folding.openGroups.clear();
    m_folding.hidesAsync = m_folding.hidesDetached = false;
    for (std::uint32_t i = 0; !open && i < m_trace->size(); ++i) {
        if (m_trace->spans.firstChild[i] != kNoRow && i != m_trace->spans.root)
            m_folding.closed.insert(i);
    }
    for (std::uint32_t i = 0; open && i < m_trace->groups.size(); ++i)
        m_folding.openGroups.insert(i);
    rebuildRows();
}

int WaterfallModel::reveal(std::uint32_t span)
{
    if (!m_trace || span >= m_trace->size())
        return -1;
    if (revealSpan(*m_trace, m_folding, span))
        rebuildRows();
    return rowOfSpan(*m_trace, m_rows, span);
}

std::uint32_t WaterfallModel::selectedSpan() const
{
    const session::Selection chosen = m_session->context()->selection();
    if (!m_trace || chosen.kind != session::Selection::Kind::Span)
        return kNoRow;
    return m_trace->spanOfRow(m_trace->columns->rowOfId(chosen.id));
}

void WaterfallModel::setSearch(const QRegularExpression &expression)
{
    m_search = expression;
    findMatches();
}

void WaterfallModel::findMatches()
{
    m_matches.clear();
    m_isMatch.clear();
    if (m_trace && isSearching() && m_search.isValid()) {
        const analysis::SpanColumns &columns = *m_trace->columns;
        const auto matches = [this](const std::string &text) {
            return m_search.match(QString::fromStdString(text)).hasMatch();
        };
        std::vector<std::uint8_t> service(m_trace->services.size());
        for (std::size_t i = 0; i < service.size(); ++i)
            service[i] = matches(m_trace->services[i]);
        std::vector<std::int8_t> operation(columns.operations.size(), -1);
        m_isMatch.assign(m_trace->size(), 0);
        for (std::uint32_t i = 0; i < m_trace->size(); ++i) {
            const std::uint32_t name = columns.operation[m_trace->spans.row[i]];
            if (operation[name] < 0)
                operation[name] = matches(columns.operations[name]);
            m_isMatch[i] = std::uint8_t(operation[name] || service[m_trace->service[i]]);
        }
        // In the order of the tree with everything open.
        WaterfallFolding open;
        open.showsGaps = open.foldsGroups = false;
        for (const WaterfallRow &row : buildWaterfallRows(*m_trace, open)) {
            if (row.kind == WaterfallRow::Kind::Span && m_isMatch[row.index])
                m_matches.push_back(row.index);
        }
    }
    Q_EMIT matchesChanged();
}

std::uint32_t WaterfallModel::stepMatch(std::uint32_t from, bool forward) const
{
    if (m_matches.empty())
        return kNoRow;
    const auto here = std::find(m_matches.begin(), m_matches.end(), from);
    if (here == m_matches.end())
        return forward ? m_matches.front() : m_matches.back();
    const auto at = std::size_t(here - m_matches.begin()), n = m_matches.size();
    return m_matches[(at + (forward ? 1 : n - 1)) % n];
}

} // namespace tailscope::items
