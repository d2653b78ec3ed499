// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Search, menu and SQL of the waterfall.
#include "base/text.h"
#include "items/tracediffmodel.h"
#include "items/waterfalltext.h"
#include "widgets/base/searchbar.h"
#include "widgets/base/theme.h"
#include "widgets/waterfall/waterfallcanvas.h"
#include "widgets/waterfall/waterfallview.h"

#include <QApplication>
#include <QClipboard>
#include <QMenu>

namespace tailscope::widgets {

using analysis::kNoRow;

namespace {

/// More links of one span than fit in a menu.
constexpr int kMostLinks = 12;

} // namespace

void WaterfallView::walkMatches(bool forward)
{
    const auto trace = m_model->trace();
    const int row = m_canvas->currentRow();
    if (!trace)
        return;
    const std::uint32_t from
        = row >= 0 ? items::spanOfRow(*trace, m_model->rows()[std::size_t(row)]) : kNoRow;
    const std::uint32_t next = m_model->stepMatch(from, forward);
    if (next == kNoRow)
        return;
    const int found = m_model->reveal(next);
    m_canvas->setCurrentRow(found);
    const QRect bar = m_canvas->barRect(found);
    if (bar.right() < m_canvas->treeWidth() || bar.left() > m_canvas->rowsRect().right())
        m_canvas->fitRow(found);
    selectRow(found);
}

void WaterfallView::updateSearch()
{
    const std::size_t n = m_model->matches().size();
    m_search->setResultText(!m_model->isSearching() ? QString()
            : n == 1                                ? tr("1 match")
                     : tr("%1 matches").arg(QString::fromStdString(groupedCount(std::int64_t(n)))));
}

void WaterfallView::followLink(const items::WaterfallTrace::Link &link)
{
    if (link.otherSpan > 0)
        context()->setSelection({session::Selection::Kind::Span, link.otherSpan, {}});
}

void WaterfallView::addLinks(QMenu *menu)
{
    const auto trace = m_model->trace();
    const int row = m_canvas->currentRow();
    if (!trace || row < 0)
        return;
    const std::uint32_t span = items::spanOfRow(*trace, m_model->rows()[std::size_t(row)]);
    int added = 0;
    for (const items::WaterfallTrace::Link &link : trace->links) {
        if (link.span != span || ++added > kMostLinks)
            continue;
        const QString text
            = link.isIncoming ? tr("Go to Span That Links Here: %1") : tr("Go to Linked Span: %1");
        QAction *action
            = menu->addAction(text.arg(link.otherSpanKey), this, [this, link] { followLink(link); });
        action->setEnabled(link.otherSpan > 0);
        if (link.otherSpan == 0)
            action->setToolTip(tr("Not in this workspace"));
    }
    if (added > 0)
        menu->addSeparator();
}

QMenu *WaterfallView::makeMenu()
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto trace = m_model->trace();
    const int row = m_canvas->currentRow();
    const bool hasRow = trace && row >= 0 && row < int(m_model->rows().size());
    const std::uint32_t span = hasRow ? items::spanOfRow(*trace, m_model->rows()[std::size_t(row)]) : kNoRow;
    const auto add = [menu, this](const QString &text, bool enabled, auto run) {
        menu->addAction(text, this, run)->setEnabled(enabled);
    };
    const auto copy = [](const QString &text) { QApplication::clipboard()->setText(text); };
    addLinks(menu);
    add(tr("&Copy Row"), hasRow,
        [=, this] { copy(items::waterfallRowDetails(*trace, m_model->rows()[std::size_t(row)])); });
    add(tr("Copy as &Text"), bool(trace), [=, this] { copy(items::waterfallText(*trace, m_model->rows())); });
    add(tr("Copy Trace &ID"), bool(trace), [=] { copy(trace->key); });
    menu->addSeparator();
    auto *diff = items::TraceDiffModel::of(session());
    add(tr("Use as &Baseline"), bool(trace), [=] { diff->setBaseline(trace->id); });
    add(tr("Co&mpare with Baseline"), trace && diff->hasBaseline() && *diff->baseline() != trace->id,
        [=, this] {
            diff->setOther(trace->id);
            Q_EMIT openViewRequested(QStringLiteral("tracecompare"));
        });
    menu->addSeparator();
    add(tr("&Filter to Operation"), span != kNoRow, [=, this] {
        QString name = QString::fromStdString(trace->operation(span));
        name.replace(QLatin1Char('\\'), QStringLiteral("\\\\"))
            .replace(QLatin1Char('"'), QStringLiteral("\\\""));
        context()->narrow(QStringLiteral("operation=\"%1\"").arg(name));
    });
    add(tr("Filter to This &Trace"), bool(trace),
        [=, this] { context()->narrow(QStringLiteral("trace=%1").arg(trace->id)); });
    add(tr("Show in Ti&meline"), span != kNoRow, [=, this] {
        selectRow(row);
        Q_EMIT openViewRequested(QStringLiteral("timeline"));
    });
    menu->addSeparator();
    menu->addActions(m_actions);
    menu->addSeparator();
    add(tr("Show S&QL"), bool(trace), [this] { Q_EMIT sqlRequested(showSql()); });
    return menu;
}

QString WaterfallView::showSql() const
{
    const auto trace = m_model->trace();
    return trace ? items::waterfallSql(trace->id) : m_model->list()->sql();
}

} // namespace tailscope::widgets
